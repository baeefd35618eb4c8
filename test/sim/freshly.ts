/** The simulator and its charts, loaded anew, with a bug in it or none. */
import { vi } from 'vitest'
import type { Planted } from './planted.ts'

export type RunSeed = typeof import('./workload.ts').runSeed

export async function freshly(bug?: Planted): Promise<RunSeed> {
  vi.resetModules()
  const path = `../../${bug?.module}`
  if (bug)
    vi.doMock(path, async (importOriginal) => {
      const original = await importOriginal<object>()
      return { ...original, ...bug.swap(original as never) }
    })
  const { runSeed } = await import('./workload.ts')
  vi.doUnmock(path)
  return runSeed
}
