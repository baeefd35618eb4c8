/** 1,000 tasks that do nothing, each a process: from submitting them to the last status, against raw spawns. */
import { median } from '../figures.ts'
import type { Bench, Row } from '../row.ts'
import { Submitter } from '../submitter.ts'
import { inWorld, type World } from '../world.ts'

const tasks = 1000
/** Tasks that the slave has room for at a time. */
const slots = 64
const shape = { command: ['/bin/true'], cpus: 0.1, mem: 16 }
const concurrencies = [1, 4, 16]

export const noopTasks = (bench: Bench): Promise<readonly Row[]> =>
  inWorld({ slave: { cpus: slots * shape.cpus, mem: slots * shape.mem } }, async (world) => {
    const submitter = await Submitter.start(world.url, shape)
    await submitter.run(bench.amount(tasks))
    const ours: number[] = []
    const raw = new Map<number, number[]>(concurrencies.map((inFlight) => [inFlight, []]))
    for (let round = 0; round < bench.rounds; round++) {
      ours.push((1000 * tasks) / (await submitter.run(tasks)))
      for (const [inFlight, rates] of raw) rates.push(await spawns(world, inFlight))
      bench.tell(`1,000 tasks: ${ours.at(-1)?.toFixed(0)}/s; raw ${lasts(raw)}`)
    }
    await submitter.stop()
    return [toRow(median(ours), raw)]
  })

const spawns = async (world: World, inFlight: number): Promise<number> =>
  (await world.limit({ do: 'spawns', count: tasks, inFlight })).perSecond

const lasts = (raw: ReadonlyMap<number, readonly number[]>) =>
  [...raw].map(([inFlight, rates]) => `${rates.at(-1)?.toFixed(0)}/s at ${inFlight}`).join(', ')

function toRow(value: number, raw: ReadonlyMap<number, readonly number[]>): Row {
  const medians = [...raw].map(([inFlight, rates]) => ({ inFlight, rate: median(rates) }))
  const best = medians.reduce((a, b) => (b.rate > a.rate ? b : a))
  const ratio = value / best.rate
  return {
    name: '1,000 tasks of /bin/true, process isolation',
    value,
    unit: 'tasks/s',
    against: best.rate,
    limit: `raw spawns/s, ${best.inFlight} at once`,
    ratio,
    aim: 'ratio >= 0.5',
    met: ratio >= 0.5,
  }
}
