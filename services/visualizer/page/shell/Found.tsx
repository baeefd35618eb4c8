/** The list below the search. */
import { linkToThing } from '../parts/links.ts'
import { State } from '../parts/State.tsx'
import { grouped } from '../parts/words.ts'
import type { FoundThings } from './useFound.ts'

interface Props {
  readonly id: string
  readonly found: FoundThings
  /** The one that Enter goes to. */
  readonly at: number
  readonly onGo: () => void
}

export function Found({ id, found, at, onGo }: Props) {
  const { things, more } = found
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
      <p class="found-rest quiet">{restInWords(found, more)}</p>
    </div>
  )
}

function restInWords({ kind, things, sentence }: FoundThings, more: number): string {
  if (sentence) return sentence
  if (kind === 'waiting') return 'Looking …'
  if (things.length === 0) return 'Nothing at this moment is called so.'
  return more > 0
    ? `and ${grouped(more)} more: write more of the name`
    : 'Arrow keys choose, Enter goes there.'
}
