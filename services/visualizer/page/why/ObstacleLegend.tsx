/** How many slaves each obstacle keeps away; one that is chosen narrows the rows to it. */
import { grouped } from '../parts/words.ts'
import { linkHere } from '../place.ts'
import { ObstacleSwatch } from './ObstacleSwatch.tsx'
import { meaningOf, ranked } from './obstacles.ts'

interface Props {
  readonly counts: Readonly<Record<string, number>>
  readonly chosen: string | undefined
}

export function ObstacleLegend({ counts, chosen }: Props) {
  return (
    <ul class="obstacles">
      {ranked(counts).map(([obstacle, count]) => (
        <li key={obstacle}>
          <a
            class="plain obstacle"
            href={linkHere({ obstacle: obstacle === chosen ? undefined : obstacle })}
            aria-current={obstacle === chosen ? 'true' : undefined}
          >
            <ObstacleSwatch obstacle={obstacle} />
            <b>{grouped(count)}</b>
            <span>
              {obstacle}
              <small class="quiet">{meaningOf(obstacle)}</small>
            </span>
          </a>
        </li>
      ))}
    </ul>
  )
}
