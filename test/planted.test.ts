/** The seeds find what is wrong: bugs planted on purpose, each found by a promise that it breaks. */
import { afterAll, expect, test, vi } from 'vitest'
import { type Planted, plantedBugs } from './sim/planted.ts'

const bound = 60
const finders = new Set<number>()
afterAll(() => void vi.resetModules())

test.each(plantedBugs.map((bug) => [bug.name, bug] as const))('%s', async (_name, bug) => {
  const runSeed = await withBug(bug)
  const t=Date.now()
  for (let seed = 1; seed <= bound; seed++) {
    const { broken } = runSeed(seed)
    if (broken === undefined) continue
    console.log(`FOUND ${bug.name}: seed ${seed}, ${broken} ${Date.now()-t}`)
    finders.add(seed)
    return
  }
  console.log(`NOTFOUND ${bug.name} ${Date.now()-t}`)
})

async function withBug({ module, swap }: Planted) {
  vi.resetModules()
  const path = new URL(`../${module}`, import.meta.url).pathname
  vi.doMock(path, async (importOriginal) => {
    const original = await importOriginal()
    return { ...(original as object), ...swap(original as never) }
  })
  const { runSeed } = await import('./sim/workload.ts')
  vi.doUnmock(path)
  return runSeed
}
