/** All the ways of one arrow, with nothing left out. */
import { counted } from '../parts/words.ts'
import { type Arrow, distinct } from './graph.ts'
import { wayInWords } from './labels.ts'

interface Props {
  readonly arrow: Arrow
  readonly count: number | undefined
}

export function ArrowCard({ arrow, count }: Props) {
  return (
    <div class="arrow-card" role="status">
      <h2>
        {nameOf(arrow.from)} → {nameOf(arrow.to)}
        {count !== undefined && <span class="quiet"> · {counted(count, 'time')} in the last minute</span>}
      </h2>
      <ul>
        {distinct(arrow.ways).map((way) => (
          <li key={wayInWords(way)} class="mono">
            {wayInWords(way)}
          </li>
        ))}
      </ul>
    </div>
  )
}

const nameOf = (id: string): string => (id.endsWith('/any') ? `any state ${id.slice(0, -4)}`.trim() : id)
