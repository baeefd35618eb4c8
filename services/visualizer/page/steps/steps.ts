/** Steps as the server told them. A step never becomes another, so each is asked for once. */
import { useEffect, useState } from 'preact/hooks'
import type { Position, StepShown } from '../../language.ts'
import { ask } from '../connection.ts'

/** The oldest of more are forgotten. */
const mostKept = 300
const kept = new Map<Position, StepShown>()

export async function stepAt(position: Position): Promise<StepShown> {
  const known = kept.get(position)
  if (known) return known
  const step = await ask({ about: 'step', position })
  kept.set(position, step)
  const [oldest] = kept.keys()
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest)
  return step
}

/** The step; undefined while it is on its way; or why it is not to be had. */
export function useStep(position: Position): StepShown | Error | undefined {
  const [got, setGot] = useState<StepShown | Error | undefined>(() => kept.get(position))
  useEffect(() => {
    let wanted = true
    const take = (step: StepShown | Error) => wanted && setGot(step)
    setGot(kept.get(position))
    stepAt(position).then(take, take)
    return () => {
      wanted = false
    }
  }, [position])
  return got instanceof Error || got?.position === position ? got : undefined
}
