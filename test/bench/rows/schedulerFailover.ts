/** A scheduler is killed: until the one that stood by for it serves, which is when it hears its first offer. */
import { setTimeout as pause } from 'node:timers/promises'
import { schedulerSettings } from '../../../shared/config.ts'
import { Child } from '../child.ts'
import { median, short, wallClock } from '../figures.ts'
import type { Serving } from '../processes/standby.ts'
import type { Bench, Row } from '../row.ts'
import { inWorld } from '../world.ts'

const rounds = 10
const most = 1500
/** Long enough for a standby to have looked at the lease. */
const settleMs = 2500
const name = 'scheduler killed until its standby hears an offer'

export const schedulerFailover = (bench: Bench): Promise<readonly Row[]> =>
  inWorld({ slave: { cpus: 4, mem: 1024 } }, async ({ url }) => {
    const took = await measure(bench, url)
    const against = schedulerSettings.leaseTtlSeconds.fallback * 1000
    const shared = { unit: 'ms', against, limit: 'the lease' }
    const [p50, max] = [median(took), Math.max(...took)]
    return [
      {
        ...shared,
        name: `${name}, p50`,
        value: p50,
        ratio: p50 / against,
        aim: `<= ${most} ms`,
        met: p50 <= most,
      },
      { ...shared, name: `${name}, max`, value: max, ratio: max / against, aim: 'told', met: true },
    ]
  })

async function measure(bench: Bench, url: string): Promise<number[]> {
  const took: number[] = []
  let leader = await Child.start('standby', { url })
  await leader.ask<Serving>({})
  let next = await Child.start('standby', { url })
  for (let round = 0; round < bench.amount(rounds); round++) {
    await pause(settleMs)
    const serving = next.ask<Serving>({})
    await pause(50)
    const from = wallClock()
    await leader.kill()
    const { leadsAt, offerAt } = await serving
    took.push(offerAt - from)
    bench.tell(
      `scheduler killed: ${short(leadsAt - from)} ms until another leads, ${short(offerAt - from)} ms until its offer`,
    )
    leader = next
    next = await Child.start('standby', { url })
  }
  await Promise.all([leader.stop(), next.stop()])
  return took
}
