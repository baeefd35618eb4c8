/** Allocation policies from outside: modules in a stranger's folder, where proffer is installed, loaded by a real master. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Finished, Shell } from './cli-world.ts'

let shell: Shell
const folder = mkdtempSync(join(tmpdir(), 'proffer-test-policies-'))
const file = (name: string) => join(folder, name)

beforeAll(async () => {
  shell = await Shell.open()
  cpSync(fileURLToPath(new URL('policies', import.meta.url)), folder, { recursive: true })
  mkdirSync(file('node_modules'))
  symlinkSync(shell.installed, file('node_modules/proffer'))
  writeFileSync(file('package.json'), '{ "type": "module" }')
  const policies = ['--policies', ['turns.js', 'broken.js', 'slow.js'].map(file).join()]
  const master = shell.master('m1', ...policies, '--policy', 'turns', '--offer-seconds', '0.2')
  const slave = shell.slave('s1', 'cpus:2;mem:512', 'rack:r1')
  await Promise.all([master.says('m1 leads', 'stderr'), slave.says('slave s1 is ', 'stderr')])
})
afterAll(async () => {
  await shell.close()
  rmSync(folder, { recursive: true, force: true })
})

const proffer = (...words: string[]): Promise<Finished> => shell.run(...words)

test('it decides by its own measure', async () => {
  expect((await proffer('policy')).stdout).toBe('turns\n')
  // The offers of one that is refused what it wants are counted by that policy alone.
  const picky = shell.begin('run', '--name', 'picky', '--cpus', '1', '--', 'true')
  expect((await picky.finished).code).toBe(0)
  const waiting = shell.begin('run', '--name', 'waiting', '--shell', shell.untilLetGo('waiting'))
  await waiting.says('up\n')
  const roles = await shell.read<{ role: string; share: number }[]>('roles')
  expect(roles.find(({ role }) => role === 'waiting')?.share).toBe(1)
  shell.letGo('waiting')
  expect((await waiting.finished).code).toBe(0)
})

test('another is chosen at run time; one that fails is refused, and the default serves', async () => {
  await proffer('policy', 'broken')
  const run = await proffer('run', '--', 'echo', 'served all the same')
  expect(run).toMatchObject({ code: 0, stdout: 'served all the same\n' })
  expect((await proffer('policy')).stdout).toMatch(/^drf\npolicy broken was refused: /)
  expect(await proffer('policy', 'turns')).toMatchObject({ code: 0, stdout: 'turns\n' })
})

test('one that takes too long is refused when it returns', async () => {
  await proffer('policy', 'slow')
  expect(await proffer('run', '--', 'true')).toMatchObject({ code: 0 })
  expect((await proffer('policy')).stdout).toMatch(
    /^drf\npolicy slow was refused: .*too slow: it took \d+ ms within a second, and may take 500/,
  )
  expect(await proffer('policy', 'turns')).toMatchObject({ code: 0, stdout: 'turns\n' })
})

test('one that never returns ends with the lease of its leader: a master without it takes over', async () => {
  const other = await Shell.open()
  try {
    const hung = other.master('m1', '--policies', file('endless.js'), '--policy', 'endless')
    await hung.says('m1 leads', 'stderr')
    await other.slave('s1', 'cpus:2;mem:512', 'rack:r1').says('slave s1 is ', 'stderr')
    const standby = other.master('m2')
    const run = other.begin('run', '--', 'echo', 'served all the same')
    await standby.says('m2 leads', 'stderr')
    expect(await run.finished).toMatchObject({ code: 0, stdout: 'served all the same\n' })
    await hung.stop('SIGKILL')
  } finally {
    await other.close()
  }
})

test('one that the master was started without is refused, and nothing is changed', async () => {
  const refused = await proffer('policy', 'luck')
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(
    /^proffer: policy luck; there are drf, .*turns, broken, slow\. There is no such policy/,
  )
  expect((await proffer('policy')).stdout).toBe('turns\n')
})

test.each<[string, string, string]>([
  ['nowhere.js', '', 'cannot be loaded: Cannot find module'],
  ['syntax.js', 'export default {', 'cannot be loaded: Unexpected end of input; a module is called .mjs'],
  ['throws.js', 'throw new Error("no\\nmore")', 'cannot be loaded: no'],
  ['throwsText.js', 'throw "no more"', 'cannot be loaded: no more'],
  ['throwsNull.js', 'throw null', 'cannot be loaded: null'],
  ['nothing.js', 'export const policy = {}', 'is no policy: it has no default export'],
  ['undefined.js', 'export default undefined', 'is no policy: it is no object'],
  ['nameless.js', 'export default {}', 'is no policy: its name must be'],
  ['spaced.js', 'export default { name: "a b" }', 'is no policy: its name must be'],
  ['measureless.js', 'export default { name: "a" }', 'is no policy: it has no measure(claimant, total)'],
  [
    'orderless.js',
    'export default { name: "a", measure() {} }',
    'is no policy: it has no order(siblings, world)',
  ],
  ['drf.js', 'export { drf as default } from "proffer/policy"', 'there is a policy drf already'],
])('%s is refused at the start', async (name, source, complaint) => {
  if (source !== '') writeFileSync(file(name), source)
  const { code, stdout, stderr } = await proffer('master', '--policies', file(name))
  expect(stderr).toContain(`proffer: --policies: ${file(name)}`)
  expect(stderr).toContain(complaint)
  expect(stderr).toMatch(/^[^\n]+\n$/)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
})

test('two of one name are refused', async () => {
  const { code, stderr } = await proffer('master', '--policies', `${file('turns.js')}, ${file('turns.js')}`)
  expect(stderr).toContain('there is a policy turns already; give this one another name')
  expect(code).toBe(2)
})
