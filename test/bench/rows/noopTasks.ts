/** 1,000 tasks that do nothing, each a process: from submitting them to the last status, against raw spawns. */
import { medianRound, type Round, short } from '../figures.ts'
import type { Bench, Row } from '../row.ts'
import { Submitter } from '../submitter.ts'
import { inWorld, type World } from '../world.ts'

const tasks = 1000
/** Tasks that the slave has room for at a time. */
const slots = 64
const shape = { command: ['/bin/true'], cpus: 0.1, mem: 16 }
const concurrencies = [1, 4, 16]

interface Measured extends Round {
  /** At which raw spawns were fastest. */
  readonly inFlight: number
}

export const noopTasks = (bench: Bench): Promise<readonly Row[]> =>
  inWorld({ slave: { cpus: slots * shape.cpus, mem: slots * shape.mem } }, async (world) => {
    const submitter = await Submitter.start(world.url, shape)
    await submitter.run(bench.amount(tasks))
    const rounds: Measured[] = []
    for (let round = 0; round < bench.rounds; round++) {
      const value = (1000 * tasks) / (await submitter.run(tasks))
      const { against, inFlight } = await bestOfSpawns(world)
      rounds.push({ value, against, inFlight })
      bench.tell(`1,000 tasks: ${short(value)}/s; raw ${short(against)}/s, ${inFlight} at once`)
    }
    await submitter.stop()
    return [toRow(medianRound(rounds))]
  })

async function bestOfSpawns(world: World): Promise<Pick<Measured, 'against' | 'inFlight'>> {
  let best = { against: 0, inFlight: 0 }
  for (const inFlight of concurrencies) {
    const { perSecond } = await world.limit({ do: 'spawns', count: tasks, inFlight })
    if (perSecond > best.against) best = { against: perSecond, inFlight }
  }
  return best
}

const toRow = ({ value, against, ratio, inFlight }: Measured & { readonly ratio: number }): Row => ({
  name: '1,000 tasks of /bin/true, process isolation',
  value,
  unit: 'tasks/s',
  against,
  limit: `raw spawns/s, ${inFlight} at once`,
  ratio,
  aim: 'ratio >= 0.5',
  met: ratio >= 0.5,
})
