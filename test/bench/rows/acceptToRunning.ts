/** From the accept of a framework to the word that its task runs, at 50 tasks a second. */
import { median, quantile } from '../figures.ts'
import { Pacer } from '../pacer.ts'
import type { Bench, Row } from '../row.ts'
import { inWorld, type World } from '../world.ts'

const everyMs = 20
const perRound = 200
const most = 3

export const acceptToRunning = (bench: Bench): Promise<readonly Row[]> =>
  inWorld({ slave: { cpus: 8, mem: 1024 } }, async (world) => {
    const pacer = await Pacer.start(world.url, { command: ['/bin/true'], cpus: 0.1, mem: 16 })
    await pacer.run(bench.amount(perRound), everyMs)
    const took: number[] = []
    const limits: { readonly request: number; readonly spawn: number }[] = []
    for (let round = 0; round < bench.rounds; round++) {
      took.push(...(await pacer.run(bench.amount(perRound), everyMs)))
      limits.push(await measureLimits(world, bench.amount(perRound)))
      const { request, spawn } = limits.at(-1) ?? { request: 0, spawn: 0 }
      bench.tell(
        `accept to running: ${median(took).toFixed(2)} ms; a request ${request.toFixed(2)}, a spawn ${spawn.toFixed(2)} ms`,
      )
    }
    await pacer.stop()
    const limit = median(limits.map(({ request, spawn }) => request + spawn))
    return [toRow('p50', median(took), limit), toRow('p99', quantile(took, 0.99), limit)]
  })

/** One after another, as fast as they go: the machine at its best. */
async function measureLimits(world: World, count: number) {
  const request = await world.limit({ do: 'requests', count, inFlight: 1 })
  const spawn = await world.limit({ do: 'spawns', count, inFlight: 1 })
  return { request: median(request.tookMs), spawn: median(spawn.tookMs) }
}

function toRow(which: string, value: number, against: number): Row {
  const ratio = value / against
  const limit = 'ms: a NATS request and a spawn, p50 each'
  const name = `accept to running, ${which}, 50 tasks/s`
  const aim = which === 'p50' ? `ratio <= ${most}` : 'told'
  return { name, value, unit: 'ms', against, limit, ratio, aim, met: which !== 'p50' || ratio <= most }
}
