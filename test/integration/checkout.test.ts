/** A checkout builds its command when a source is newer, however many ask for it at once. */
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageFolder, version } from '../../services/runtime/package.ts'
import { Command, type Finished } from './cli-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'proffer-test-checkout-'))
const source = join(folder, 'services/operator/failure.ts')
const proffer = (): Promise<Finished> =>
  new Command(join(folder, 'services/operator/proffer.js'), ['--version'], process.env).finished
const answer = (said: string) => ({ code: 0, stdout: `${said}${version}\n`, stderr: '' })

beforeAll(() => {
  for (const path of ['services', 'shared', 'statecharts', 'package.json'])
    cpSync(join(packageFolder, path), join(folder, path), { recursive: true })
  symlinkSync(join(packageFolder, 'node_modules'), join(folder, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('two at once, where nothing is built yet', async () => {
  expect(await Promise.all([proffer(), proffer()])).toEqual([answer(''), answer('')])
})

test('what was changed is in it at the next start', async () => {
  appendFileSync(source, "\nconsole.log('changed')\n")
  expect(await proffer()).toEqual(answer('changed\n'))
})

test('what cannot be built is told, with its place', async () => {
  appendFileSync(source, '\nconst = 1\n')
  const { code, stderr } = await proffer()
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/proffer: .*Build failed.*services\/operator\/failure\.ts:\d+/s),
  ])
})
