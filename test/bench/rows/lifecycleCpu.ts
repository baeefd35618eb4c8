/** The leader's CPU time for one whole task lifecycle, against that of the codec for the same messages. */
import { Child } from '../child.ts'
import { median } from '../figures.ts'
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
  const answers: Answer[] = []
  for (let round = 0; round < bench.rounds; round++) {
    const answer = await child.ask<Answer>(question)
    answers.push(answer)
    bench.tell(
      `a lifecycle: ${answer.masterUs.toFixed(1)} us, its codec ${answer.codecUs.toFixed(1)} us, ${answer.messages} messages`,
    )
  }
  await child.stop()
  return [toRow(median(answers.map((a) => a.masterUs)), median(answers.map((a) => a.codecUs)))]
}

function toRow(value: number, against: number): Row {
  const ratio = value / against
  return {
    name: "master's CPU for one task lifecycle, 1,000 slaves, 100 frameworks",
    value,
    unit: 'us',
    against,
    limit: 'us: the codec alone',
    ratio,
    aim: `<= ${mostUs} us, ratio <= ${mostRatio}`,
    met: value <= mostUs && ratio <= mostRatio,
  }
}
