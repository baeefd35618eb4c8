/** The list below the search. */
import { useEffect } from 'preact/hooks'
import type { Thing, ThingsPicture } from '../../language.ts'
import { linkToThing } from '../parts/links.ts'
import type { Seen } from '../parts/Shown.tsx'
import { State } from '../parts/State.tsx'
import { grouped } from '../parts/words.ts'
import { useFound } from './useFound.ts'

interface Props {
  readonly id: string
  readonly text: string
  /** The one that Enter goes to. */
  readonly at: number
  readonly onFound: (things: readonly Thing[]) => void
  readonly onGo: () => void
}

export function Found({ id, text, at, onFound, onGo }: Props) {
  const seen = useFound(text)
  const things = seen.kind === 'shown' ? seen.shows.things : nothing
  useEffect(() => onFound(things), [things])
  return (
    <div class="found">
      <div id={id} role="listbox" aria-label="Found">
        {things.map((thing, index) => (
          <a
            key={`${thing.kind} ${thing.key}`}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            class="plain found-thing"
            href={linkToThing(thing)}
            onClick={onGo}
          >
            <span class="found-kind">{thing.kind}</span>
            <span class="found-name">{thing.name}</span>
            <State state={thing.state} />
          </a>
        ))}
      </div>
      <p class="found-rest quiet">{restInWords(seen)}</p>
    </div>
  )
}

const nothing: readonly Thing[] = []

function restInWords(seen: Seen<ThingsPicture>): string {
  if (seen.kind === 'sorry') return seen.sentence
  if (seen.kind === 'waiting') return 'Looking …'
  const { things, more } = seen.shows
  if (things.length === 0) return 'Nothing at this moment is called so.'
  return more > 0
    ? `and ${grouped(more)} more: write more of the name`
    : 'Arrow keys choose, Enter goes there.'
}
