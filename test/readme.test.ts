/** The README shows what is there: the framework that it prints, the commands that it names, the files that it links. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { batch } from '../services/frameworks/batch.ts'
import { SimulatedCluster } from '../services/simulator/index.ts'

const root = new URL('..', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const readme = read('README.md')

test('it prints the batch framework as it is', () => {
  expect(readme).toContain(read('services/frameworks/batch.ts').trimEnd())
})

test('every file that it links is there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)\)/g)].map((match) => match[1] ?? '')
  expect(links.length).toBeGreaterThan(5)
  expect(links.filter((link) => !existsSync(new URL(link, root)))).toEqual([])
})

test('every npm script that it names is there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = [...readme.matchAll(/npm run ([a-z]+)/g)].map((match) => match[1] ?? '')
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})

test('its test without a cluster does what it says', () => {
  let done = 0
  const work = Array.from({ length: 8 }, () => ({ cpus: 1, mem: 64, command: ['sleep', '3'] }))
  const cluster = new SimulatedCluster({ seed: 7 })
  cluster.addMaster('M0')
  cluster.addSlave('S0', { resources: { cpus: 4, mem: 1024 } })
  cluster.addFramework('mine', batch(work, { onResult: () => done++ }))
  cluster.lose('task.launch', 1)
  cluster.until(() => done === 8, 60)
  expect(done).toBe(8)
})
