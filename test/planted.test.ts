/** The seeds find what is wrong: bugs planted on purpose, each found by a promise that it breaks. */
import { afterAll, expect, test, vi } from 'vitest'
import { freshly, type RunSeed } from './sim/freshly.ts'
import { type Planted, plantedBugs } from './sim/planted.ts'

const bound = 200
/** Tried first, where they are far from the first: whoever finds a bug there finds it, and who does not looks on. */
const lastFinders: Readonly<Record<string, number>> = {
  'a leader does not notice that his lease is another’s': 135,
  'a disk says that it is done before it is safe': 32,
}
/** The seeds that found something: without a bug all of them pass. */
const finders = new Set<number>()
afterAll(() => {
  vi.resetModules()
})

test.each(plantedBugs.map((bug) => [bug.name, bug] as const))('%s: found', async (name, bug) => {
  const runSeed = await freshly(bug)
  const found = firstBroken(runSeed, bug)
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
  { name, weather }: Planted,
): { seed: number; broken: string } | undefined {
  const all = Array.from({ length: bound }, (_, i) => i + 1)
  for (const seed of [lastFinders[name] ?? 1, ...all]) {
    const { broken } = runSeed(seed, () => {}, weather)
    if (broken !== undefined) return { seed, broken }
  }
  return undefined
}
