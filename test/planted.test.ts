/** The seeds find what is wrong: bugs planted on purpose, each found by a promise that it breaks. */
import { afterAll, expect, test, vi } from 'vitest'
import { freshly, type RunSeed } from './sim/freshly.ts'
import type { Kind } from './sim/mischief.ts'
import { plantedBugs } from './sim/planted.ts'

const bound = 100
/** The seeds that found something: without a bug all of them pass. */
const finders = new Set<number>()
afterAll(() => {
  vi.resetModules()
})

test.each(plantedBugs.map((bug) => [bug.name, bug] as const))('%s: found', async (name, bug) => {
  const runSeed = await freshly(bug)
  const found = firstBroken(runSeed, bug.weather)
  console.log(`${name}: ${found ? `seed ${found.seed} of at most ${bound}, ${found.broken}` : 'not found'}`)
  if (found) finders.add(found.seed)
  expect(found?.broken).toMatch(bug.found)
})

test('without a bug the seeds that found one break nothing', async () => {
  const runSeed = await freshly()
  for (const seed of finders) expect([seed, runSeed(seed).broken]).toEqual([seed, undefined])
})

function firstBroken(
  runSeed: RunSeed,
  weather: readonly Kind[] | undefined,
): { seed: number; broken: string } | undefined {
  for (let seed = 1; seed <= bound; seed++) {
    const { broken } = runSeed(seed, () => {}, weather)
    if (broken !== undefined) return { seed, broken }
  }
  return undefined
}
