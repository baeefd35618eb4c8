/** From the accept of a framework to the word that its task runs, at 50 tasks a second. */
import { median, medianRound, quantile, type Round, short } from '../figures.ts'
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
    const all: number[] = []
    const rounds: Round[] = []
    for (let round = 0; round < bench.rounds; round++) {
      const took = await pacer.run(bench.amount(perRound), everyMs)
      all.push(...took)
      rounds.push({ value: median(took), against: await limitMs(world, bench.amount(perRound)) })
      bench.tell(
        `accept to running: ${rounds.map(({ value, against }) => `${short(value)} against ${short(against)} ms`).at(-1)}`,
      )
    }
    await pacer.stop()
    const { value, against, ratio } = medianRound(rounds)
    const p99 = quantile(all, 0.99)
    return [
      { ...shared, name: `${name}, p50`, value, against, ratio, aim: `ratio <= ${most}`, met: ratio <= most },
      { ...shared, name: `${name}, p99`, value: p99, against, ratio: p99 / against, aim: 'told', met: true },
    ]
  })

const name = 'accept to running at 50 tasks/s'
const shared = { unit: 'ms', limit: 'a NATS request and a spawn, p50 each' }

/** One after another, as fast as they go: the machine at its best. */
async function limitMs(world: World, count: number): Promise<number> {
  const request = await world.limit({ do: 'requests', count, inFlight: 1 })
  const spawn = await world.limit({ do: 'spawns', count, inFlight: 1 })
  return median(request.tookMs) + median(spawn.tookMs)
}
