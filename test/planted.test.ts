/** The seeds find what is wrong: bugs planted on purpose, each found by a promise that it breaks. */
import { afterAll, expect, test, vi } from 'vitest'
import type * as Checkers from './sim/checkers.ts'
import { type Planted, plantedBugs } from './sim/planted.ts'
import { MoreHistory } from './sim/plantedCheckers.ts'

const bound = 60
/** The seeds that found something: without a bug all of them pass. */
const finders = new Set<number>()
afterAll(() => {
  vi.resetModules()
})

test.each(plantedBugs.map((bug) => [bug.name, bug] as const))('%s: found', async (name, bug) => {
  const runSeed = await freshly(bug)
  const found = firstBroken(runSeed)
  console.log(`${name}: ${found ? `seed ${found.seed} of at most ${bound}, ${found.broken}` : 'not found'}`)
  if (found) finders.add(found.seed)
  expect(found?.broken).toMatch(bug.found)
})

test('without a bug the seeds that found one break nothing', async () => {
  const runSeed = await freshly()
  for (const seed of finders) expect([seed, runSeed(seed).broken]).toEqual([seed, undefined])
})

type RunSeed = typeof import('./sim/workload.ts').runSeed

function firstBroken(runSeed: RunSeed): { seed: number; broken: string } | undefined {
  for (let seed = 1; seed <= bound; seed++) {
    const { broken } = runSeed(seed)
    if (broken !== undefined) return { seed, broken }
  }
  return undefined
}

/** The simulator and its charts, loaded anew: with more checkers, and with a bug in it or none. */
async function freshly(bug?: Planted): Promise<RunSeed> {
  vi.resetModules()
  vi.doMock('./sim/checkers.ts', async (importOriginal) => moreChecked(await importOriginal()))
  const path = `../${bug?.module}`
  if (bug)
    vi.doMock(path, async (importOriginal) => {
      const original = await importOriginal<object>()
      return { ...original, ...bug.swap(original as never) }
    })
  const { runSeed } = await import('./sim/workload.ts')
  vi.doUnmock(path)
  return runSeed
}

function moreChecked(original: typeof Checkers): typeof Checkers {
  const more = new WeakMap<Checkers.History, MoreHistory>()
  return {
    ...original,
    checkPromises: (cluster, history) => {
      original.checkPromises(cluster, history)
      if (!more.has(history)) more.set(history, new MoreHistory())
      more.get(history)?.check(cluster, history)
    },
  }
}
