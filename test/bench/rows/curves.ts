/**
 * What single decisions cost, against the number of slaves and of frameworks: the points of the picture.
 * `npm run bench -- curves --json > test/bench/curves.jsonl` writes them down, and `npm run curves` draws them.
 */
import { median, short } from '../figures.ts'
import type { Answer, Size } from '../processes/allocator.ts'
import type { Bench, Row } from '../row.ts'
import { measureOnce } from './allocator.ts'

const slaves = [1000, 10_000, 50_000]
const frameworks = [1, 200, 1000, 6000]
/** Where the other is counted up. */
const fixed: Size = { slaves: 50_000, frameworks: 200 }
const curves = {
  endedUs: 'a task ends, until its slave is offered',
  declinedUs: 'an offer is declined, until its slave is offered to another',
  acceptedUs: 'an offer is accepted, and its task runs',
} satisfies Record<string, string>

export async function curvesOf(bench: Bench): Promise<readonly Row[]> {
  const rows: Row[] = []
  const sizes = [
    ...slaves.map((count) => ({ ...fixed, slaves: count })),
    ...frameworks
      .filter((count) => count !== fixed.frameworks)
      .map((count) => ({ ...fixed, frameworks: count })),
  ]
  for (const size of sizes) {
    const answers: Answer[] = []
    for (let round = 0; round < bench.amount(3); round++)
      answers.push(await measureOnce({ do: 'decisions', ...size }))
    for (const [name, curve] of Object.entries(curves))
      rows.push(toRow(size, curve, median(answers.map((answer) => answer[name] ?? Number.NaN))))
    bench.tell(
      rows
        .slice(-3)
        .map(({ name, value }) => `${name}: ${short(value)} us`)
        .join('\n'),
    )
  }
  return rows
}

const toRow = (size: Size, curve: string, value: number): Row => ({
  name: `${curve}, ${size.slaves.toLocaleString('en-US')} slaves x ${size.frameworks.toLocaleString('en-US')} frameworks`,
  value,
  unit: 'us',
  aim: 'told',
  met: true,
  point: { curve, ...size },
})
