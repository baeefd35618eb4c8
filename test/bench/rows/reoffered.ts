/** From the end of a task that had all of its slave to the offer of what it held, against the leader's window. */
import { setTimeout as pause } from 'node:timers/promises'
import { isOver, runScheduler } from '../../../services/scheduler/index.ts'
import { masterSettings } from '../../../shared/masterSettings.ts'
import { median, quantile } from '../figures.ts'
import type { Bench, Row } from '../row.ts'
import { log } from '../submitter.ts'
import { inWorld } from '../world.ts'

const has = { cpus: 1, mem: 64 }
const most = 5
/** Longer than the window of the accept before it, which would otherwise be over sooner than the task's own. */
const taskSeconds = 0.03

export const reoffered = (bench: Bench): Promise<readonly Row[]> =>
  inWorld({ slave: has }, async (world) => {
    const took = await measure(world.url, bench.amount(500))
    const against = masterSettings.offerDelayMs.fallback
    bench.tell(
      `freed to offered: p50 ${median(took).toFixed(2)} ms, p99 ${quantile(took, 0.99).toFixed(2)} ms`,
    )
    const value = median(took)
    return [
      {
        name: 'freed to offered again, p50',
        value,
        unit: 'ms',
        against,
        limit: 'the window',
        ratio: value / against,
        aim: `<= window + ${most} ms`,
        met: value <= against + most,
      },
    ]
  })

/** The end is when the slave says that it was, by the clock of the same machine. */
async function measure(url: string, count: number): Promise<number[]> {
  const took: number[] = []
  let named = 0
  let endedAt: number | undefined
  const scheduler = await runScheduler({
    name: 'bench',
    connection: { server: url },
    env: { HOME: '/nowhere' },
    log,
    onOffers: ([offer]) => {
      if (endedAt !== undefined) took.push(performance.timeOrigin + performance.now() - endedAt)
      offer?.add({ id: `t${named++}`, command: ['sleep', `${taskSeconds}`], ...has })
    },
    onStatus: (status) => {
      if (isOver(status)) endedAt = status.at
    },
  })
  while (took.length < count) await pause(100)
  await scheduler.teardown()
  return took
}
