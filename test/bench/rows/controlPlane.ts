/** Tasks that an executor ends at once without starting anything, so many in flight, against NATS requests. */
import { medianRound, type Round, short } from '../figures.ts'
import { noop } from '../noop.ts'
import type { Bench, Row } from '../row.ts'
import { Submitter } from '../submitter.ts'
import { inWorld } from '../world.ts'

const least = 4400

export async function controlPlane(bench: Bench): Promise<readonly Row[]> {
  const few = await measure(bench, 16)
  const many = await measure(bench, 1000)
  const ratio = many.value / few.value
  return [
    toRow(16, few),
    toRow(1000, many),
    {
      name: 'control plane alone, 1,000 in flight against 16',
      value: many.value,
      unit: 'tasks/s',
      against: few.value,
      limit: 'with 16 in flight',
      ratio,
      aim: 'ratio >= 1',
      met: ratio >= 1,
    },
  ]
}

/** The slave has room for so many tasks and no more: that many are in flight whenever offers come. */
function measure(bench: Bench, inFlight: number): Promise<Round> {
  return inWorld({ slave: noop.roomFor(inFlight) }, async (world) => {
    const submitter = await Submitter.start(world.url, noop.shape)
    const tasks = bench.amount(10_000)
    await submitter.run(tasks)
    const rounds: Round[] = []
    for (let round = 0; round < bench.rounds; round++) {
      const value = (1000 * tasks) / (await submitter.run(tasks))
      const against = (await world.limit({ do: 'requests', count: 3 * tasks, inFlight })).perSecond
      rounds.push({ value, against })
      bench.tell(`${inFlight} in flight: ${short(value)} tasks/s, ${short(against)} requests/s`)
    }
    await submitter.stop()
    return medianRound(rounds)
  })
}

const toRow = (inFlight: number, { value, against }: Round): Row => ({
  name: `control plane alone, ${inFlight.toLocaleString('en-US')} in flight`,
  value,
  unit: 'tasks/s',
  against,
  limit: 'NATS requests/s, as many in flight',
  ratio: value / against,
  aim: `>= ${least.toLocaleString('en-US')}/s`,
  met: value >= least,
})
