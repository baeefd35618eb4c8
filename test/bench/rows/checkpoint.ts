/** What a slave's checkpoint costs: 1,000 tasks that do nothing through a slave that keeps one, against one that does not. */
import { medianRound, type Round, short } from '../figures.ts'
import type { Bench, Row } from '../row.ts'
import { Submitter } from '../submitter.ts'
import { inWorld } from '../world.ts'

const tasks = 1000
const slots = 64
const shape = { command: ['/bin/true'], cpus: 0.1, mem: 16 }
const amounts = { cpus: slots * shape.cpus, mem: slots * shape.mem }
const least = 0.85

export const checkpoint = (bench: Bench): Promise<readonly Row[]> =>
  inWorld({ slave: amounts }, (kept) =>
    inWorld({ slave: amounts, checkpoint: false }, async (bare) => {
      const [ours, against] = await Promise.all([
        Submitter.start(kept.url, shape),
        Submitter.start(bare.url, shape),
      ])
      for (const each of [ours, against]) await each.run(bench.amount(tasks))
      const rounds: Round[] = []
      const pairs = 2 * bench.rounds + 1
      for (let round = 0; round < pairs; round++) rounds.push(await pair(ours, against, round, bench))
      await Promise.all([ours.stop(), against.stop()])
      return [toRow(medianRound(rounds))]
    }),
  )

/** Who goes first changes, since whatever else the machine does comes and goes. */
async function pair(kept: Submitter, bare: Submitter, round: number, bench: Bench): Promise<Round> {
  const perSecond = async (submitter: Submitter) => (1000 * tasks) / (await submitter.run(tasks))
  let value = round % 2 === 0 ? await perSecond(kept) : 0
  const against = await perSecond(bare)
  value ||= await perSecond(kept)
  bench.tell(`1,000 tasks: ${short(value)}/s with a checkpoint, ${short(against)}/s without`)
  return { value, against }
}

const toRow = ({ value, against, ratio }: Round & { readonly ratio: number }): Row => ({
  name: '1,000 tasks of /bin/true, with a checkpoint',
  value,
  unit: 'tasks/s',
  against,
  limit: 'without one',
  ratio,
  aim: `ratio >= ${least}`,
  met: ratio >= least,
})
