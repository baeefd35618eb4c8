/** What it costs that somebody watches every step of every role; and that nothing is left of it when he has gone. */
import { setTimeout as pause } from 'node:timers/promises'
import { Child } from '../child.ts'
import { medianRound, short } from '../figures.ts'
import { noop } from '../noop.ts'
import type { Answer } from '../processes/watcher.ts'
import type { Bench, Row } from '../row.ts'
import { Submitter } from '../submitter.ts'
import { inWorld } from '../world.ts'

const inFlight = 1000
const leastRatio = 0.9
/** So near to one another two rates are no different: as near as two of the same are. */
const leastAfter = 0.95
/** Longer than a watch that nobody renews. */
const endedMs = 6000

interface Turn {
  readonly before: number
  readonly amid: number
  readonly after: number
}

export async function watched(bench: Bench): Promise<readonly Row[]> {
  return inWorld({ slave: noop.roomFor(inFlight) }, async ({ url }) => {
    const submitter = await Submitter.start(url, noop.shape)
    const watcher = await Child.start('watcher', { url })
    const turns = await measure(bench, submitter, watcher)
    await submitter.stop()
    await watcher.stop()
    return toRows(turns)
  })
}

async function measure(bench: Bench, submitter: Submitter, watcher: Child): Promise<Turn[]> {
  const count = bench.amount(20_000)
  const rate = async () => (1000 * count) / (await submitter.run(count))
  await rate()
  const turns: Turn[] = []
  for (let round = 0; round < bench.rounds; round++) {
    const before = await rate()
    const { steps: none } = await watcher.ask<Answer>({ watches: true })
    await pause(1000)
    const amid = await rate()
    const { steps } = await watcher.ask<Answer>({ watches: false })
    await pause(endedMs)
    const after = await rate()
    turns.push({ before, amid, after })
    bench.tell(
      `${short(before)} tasks/s, watched ${short(amid)} (${short((steps - none) / count)} steps a task), then ${short(after)}`,
    )
  }
  return turns
}

function toRows(turns: readonly Turn[]): Row[] {
  const amid = medianRound(
    turns.map(({ before, amid, after }) => ({ value: amid, against: (before + after) / 2 })),
  )
  const after = medianRound(turns.map(({ before, after }) => ({ value: after, against: before })))
  const name = 'control plane alone, 1,000 in flight'
  return [
    {
      name: `${name}, every step watched`,
      ...amid,
      unit: 'tasks/s',
      limit: 'with nobody who watches',
      aim: `ratio >= ${leastRatio}`,
      met: amid.ratio >= leastRatio,
    },
    {
      name: `${name}, when nobody watches any more`,
      ...after,
      unit: 'tasks/s',
      limit: 'before somebody did',
      aim: `no difference: ratio >= ${leastAfter}`,
      met: after.ratio >= leastAfter,
    },
  ]
}
