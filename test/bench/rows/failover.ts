/** The leader of 1,000 slaves and 50 frameworks is lost: to the next leader's first offer, and until all are back. */
import { masterSettings } from '../../../shared/masterSettings.ts'
import { Big, type BigOptions, type Failover } from '../big.ts'
import { median, short } from '../figures.ts'
import type { Bench, Row } from '../row.ts'

const size = { slaves: 1000, frameworks: 50, tasks: 20 }
const killedRounds = 20
const stoppedRounds = 3
/** Of the p50, ms. */
const most = { firstOffer: 1000, allBack: 2000 }
/** Beyond the lease, for whoever holds it and answers nothing, ms. */
const mostBeyond = 2000
/** For a quick run. */
const shortLease = { leaseTtlSeconds: 4, leaseMarginSeconds: 1 }

export async function failover(bench: Bench): Promise<readonly Row[]> {
  const leaseMs = masterSettings.leaseTtlSeconds.fallback * 1000
  const measured = await measure(bench, size, 'SIGKILL', bench.amount(killedRounds))
  const first = measured.map(({ firstOfferMs }) => firstOfferMs)
  const all = measured.map(({ allBackMs }) => allBackMs)
  return [
    ...killedRows('the first offer', first, leaseMs, most.firstOffer),
    ...killedRows('all are back', all, leaseMs, most.allBack),
  ]
}

export async function failoverStopped(bench: Bench): Promise<readonly Row[]> {
  const quick = bench.amount(stoppedRounds) < stoppedRounds
  const settings: Record<string, number> = quick ? shortLease : {}
  const leaseMs = 1000 * (settings['leaseTtlSeconds'] ?? masterSettings.leaseTtlSeconds.fallback)
  const measured = await measure(bench, { ...size, settings }, 'SIGSTOP', bench.amount(stoppedRounds))
  const worst = Math.max(...measured.map(({ allBackMs }) => allBackMs))
  return [
    {
      name: 'leader held up (SIGSTOP) until all are back, max',
      ...shared,
      value: worst,
      against: leaseMs,
      ratio: worst / leaseMs,
      aim: '<= the lease + 2 s',
      met: worst <= leaseMs + mostBeyond,
    },
  ]
}

const shared = { unit: 'ms', limit: 'the lease' }

async function measure(
  bench: Bench,
  options: BigOptions,
  by: 'SIGKILL' | 'SIGSTOP',
  times: number,
): Promise<Failover[]> {
  const big = await Big.start(options)
  try {
    const measured: Failover[] = []
    for (let i = 0; i < times; i++) {
      const once = await big.failOver(by)
      measured.push(once)
      bench.tell(`leader lost by ${by}: ${inWords(once)}`)
    }
    return measured
  } finally {
    await big.stop()
  }
}

function inWords(once: Failover): string {
  const { firstOfferMs, allBackMs, slavesMs, frameworksMs, slavesCpuMs, frameworksCpuMs } = once
  return [
    `first offer ${short(firstOfferMs)} ms`,
    `slaves ${short(slavesMs)}`,
    `frameworks ${short(frameworksMs)}`,
    `all ${short(allBackMs)}`,
    `CPU of those who play slaves ${short(slavesCpuMs)}, frameworks ${short(frameworksCpuMs)}`,
  ].join(', ')
}

function killedRows(until: string, took: readonly number[], against: number, aimMs: number): Row[] {
  const name = `leader killed until ${until}, ${size.slaves.toLocaleString('en-US')} slaves`
  const [p50, max] = [median(took), Math.max(...took)]
  return [
    {
      ...shared,
      name: `${name}, p50`,
      value: p50,
      against,
      ratio: p50 / against,
      aim: `<= ${aimMs} ms`,
      met: p50 <= aimMs,
    },
    { ...shared, name: `${name}, max`, value: max, against, ratio: max / against, aim: 'told', met: true },
  ]
}
