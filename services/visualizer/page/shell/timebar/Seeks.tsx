/** To the next of what is worth looking at, or back to the one before. */
import type { Clock, Sought } from '../../../language.ts'
import { grouped, shortCount } from '../../parts/words.ts'
import { seek } from './travel.ts'

interface Seek {
  readonly what: Sought
  readonly name: string
  readonly one: string
  readonly letter: string
  /** Absent: nobody counts them. */
  readonly count?: (clock: Clock) => number
}
const seeks: readonly Seek[] = [
  { what: 'refused', name: 'Refused', one: 'refusal', letter: 'r', count: ({ refused }) => refused },
  {
    what: 'broken',
    name: 'Broken',
    one: 'broken promise',
    letter: 'b',
    count: ({ broken }) => broken.length,
  },
  { what: 'lost', name: 'Lost', one: 'lost message', letter: 'l' },
  { what: 'gap', name: 'Gaps', one: 'gap', letter: 'g', count: ({ missed }) => missed },
]

export function Seeks({ clock }: { readonly clock: Clock }) {
  return (
    <div class="seeks">
      {seeks.map((sought) => (
        <SeekButtons key={sought.what} {...sought} clock={clock} />
      ))}
    </div>
  )
}

function SeekButtons({ what, name, one, letter, count, clock }: Seek & { readonly clock: Clock }) {
  const many = count?.(clock)
  return (
    <span class="seek">
      <button
        type="button"
        aria-label={`The ${one} before`}
        title={`The ${one} before (shift ${letter})`}
        disabled={many === 0}
        onClick={() => seek(what, true)}
      >
        ‹
      </button>
      <span class={`seek-name ${what === 'broken' && many ? 'bad' : ''}`}>
        {name}
        {many !== undefined && <b title={grouped(many)}> {shortCount(many)}</b>}
      </span>
      <button
        type="button"
        aria-label={`The next ${one}`}
        title={`The next ${one} (${letter})`}
        disabled={many === 0}
        onClick={() => seek(what, false)}
      >
        ›
      </button>
    </span>
  )
}
