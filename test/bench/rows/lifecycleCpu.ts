/** The leader's CPU time for one whole task lifecycle, against that of the codec for the same messages. */
import { Child } from '../child.ts'
import { medianRound, type Round, short } from '../figures.ts'
import type { Answer, Question } from '../processes/lifecycle.ts'
import type { Bench, Row } from '../row.ts'

const mostUs = 100
const mostRatio = 4
/** As many as end within the leader's window of 5 ms when it does 10,000 a second: its aim. */
const load = { slaves: 1000, frameworks: 100, together: 50 }

export async function lifecycleCpu(bench: Bench): Promise<readonly Row[]> {
  const child = await Child.start('lifecycle')
  const question: Question = { ...load, lifecycles: bench.amount(10_000) }
  await child.ask<Answer>(question)
  const rounds: Round[] = []
  for (let round = 0; round < bench.rounds; round++) {
    const { masterUs, codecUs, messages } = await child.ask<Answer>(question)
    rounds.push({ value: masterUs, against: codecUs })
    bench.tell(
      `a lifecycle: ${short(masterUs)} us, its codec ${short(codecUs)} us, ${short(messages)} messages`,
    )
  }
  await child.stop()
  return [toRow(medianRound(rounds))]
}

function toRow({ value, against, ratio }: Round & { readonly ratio: number }): Row {
  return {
    name: "master's CPU for a task lifecycle",
    value,
    unit: 'us',
    against,
    limit: 'the codec alone',
    ratio,
    aim: `<= ${mostUs} us, ratio <= ${mostRatio}`,
    met: value <= mostUs && ratio <= mostRatio,
    note: `${load.slaves} slaves, ${load.frameworks} frameworks, ${load.together} tasks end together`,
  }
}
