/** `proffer charts`, as people run it; no bus is needed for it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { chartAsJson, charts } from '../../statecharts/index.ts'
import { chartAsMermaid } from '../../statecharts/mermaid.ts'
import { chartAsScxml } from '../../statecharts/scxml.ts'
import { checkout } from '../install.ts'
import { Command, type Finished } from '../integration/cli-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'proffer-test-charts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const proffer = (...words: string[]): Promise<Finished> =>
  new Command(checkout, ['charts', ...words], { PATH: process.env['PATH'] }).finished

test('alone it lists them', async () => {
  const { code, stdout } = await proffer()
  expect(code).toBe(0)
  const [head, ...rows] = stdout.trimEnd().split('\n')
  expect(head).toMatch(/^CHART +KIND +STATES +ABOUT$/)
  expect(rows.map((row) => row.split(' ')[0])).toEqual(Object.keys(charts))
  expect(rows[0]).toMatch(/^master +role +4 +It stands by/)
})

test('one is written as a document', async () => {
  const [json, mermaid] = await Promise.all([proffer('master'), proffer('taskLife', '--format', 'mermaid')])
  expect(JSON.parse(json.stdout)).toEqual(chartAsJson(charts.master))
  expect(mermaid.stdout).toBe(chartAsMermaid(charts.taskLife))
})

test('several are written as files', async () => {
  const out = join(folder, 'of', 'proffer')
  const { code, stdout } = await proffer('--format', 'scxml', '--out', out)
  expect(code).toBe(0)
  const paths = Object.keys(charts).map((name) => join(out, `${name}.scxml`))
  expect(stdout).toBe(paths.map((path) => `${path}\n`).join(''))
  expect(readdirSync(out)).toHaveLength(paths.length)
  for (const [name, chart] of Object.entries(charts))
    expect(readFileSync(join(out, `${name}.scxml`), 'utf8')).toBe(chartAsScxml(chart))
})

test.each<[string[], string, number]>([
  [['nobody'], 'there is no chart nobody; there are master, scheduler,', 2],
  [['master', 'slave'], 'these are 2 documents: --out <folder> writes a file for each', 2],
  [['--format', 'dot'], 'Allowed choices are xstate, mermaid, scxml', 2],
  [['master', '--out', checkout], 'cannot be written: file already exists', 1],
])('%j', async (words, complaint, exitCode) => {
  const { code, stdout, stderr } = await proffer(...words)
  expect(stderr).toContain(complaint)
  expect(stderr).toMatch(/^proffer: [^\n]+\n$/)
  expect(stdout).toBe('')
  expect(code).toBe(exitCode)
})
