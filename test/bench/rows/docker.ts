/** Containers that do nothing: tasks a second at the best concurrency, against raw dockerode at its best. */
import { startEngine, type TestEngine } from '../../integration/engine.ts'
import { median } from '../figures.ts'
import type { Bench, Row, Skipped } from '../row.ts'
import { Submitter } from '../submitter.ts'
import { inWorld } from '../world.ts'

const concurrencies = [2, 4, 8]
const network = 'none'
const least = 0.9
const containers = 24

interface Rates {
  readonly inFlight: number
  readonly ours: number
  readonly raw: number
}

export async function docker(bench: Bench): Promise<readonly (Row | Skipped)[]> {
  const engine = await startEngine()
  if (typeof engine === 'string') return [{ name: 'docker', skipped: engine }]
  try {
    const rates: Rates[] = []
    for (const inFlight of concurrencies) rates.push(await measure(bench, engine, inFlight))
    return [toRow(rates)]
  } finally {
    await engine.stop()
  }
}

/** The slave has room for so many containers at a time. */
function measure(bench: Bench, docker: TestEngine, inFlight: number): Promise<Rates> {
  const shape = { command: ['true'], image: docker.image, network, cpus: 0.1, mem: 16 } as const
  const slave = { cpus: inFlight * shape.cpus, mem: inFlight * shape.mem }
  return inWorld({ slave, docker }, async (world) => {
    const submitter = await Submitter.start(world.url, shape)
    const count = bench.amount(containers)
    await submitter.run(inFlight)
    const ours: number[] = []
    const raw: number[] = []
    for (let round = 0; round < Math.ceil(bench.rounds / 2); round++) {
      ours.push((1000 * count) / (await submitter.run(count)))
      raw.push((await world.limit({ do: 'containers', count, inFlight })).perSecond)
      bench.tell(
        `containers, ${inFlight} at once: ${ours.at(-1)?.toFixed(1)}/s, raw ${raw.at(-1)?.toFixed(1)}/s`,
      )
    }
    await submitter.stop()
    return { inFlight, ours: median(ours), raw: median(raw) }
  })
}

function toRow(rates: readonly Rates[]): Row {
  const best = (read: (rates: Rates) => number) => rates.reduce((a, b) => (read(b) > read(a) ? b : a))
  const { ours, inFlight } = best((rates) => rates.ours)
  const raw = best((rates) => rates.raw)
  const ratio = ours / raw.raw
  return {
    name: `tasks in containers, network ${network}, ${inFlight} at once`,
    value: ours,
    unit: 'tasks/s',
    against: raw.raw,
    limit: `raw dockerode, ${raw.inFlight} at once`,
    ratio,
    aim: `ratio >= ${least}`,
    met: ratio >= least,
  }
}
