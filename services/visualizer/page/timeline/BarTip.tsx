/** What a bar is, beside it; read out when keys move from bar to bar. */
import type { Owner } from '../../language.ts'
import { OwnerDot } from '../parts/OwnerName.tsx'
import { State } from '../parts/State.tsx'
import { stateInWords } from '../parts/states.ts'
import { clockTime, shortSpan } from '../parts/words.ts'
import type { Picked } from './rows.ts'

interface Props {
  readonly picked: Picked
  readonly owners: readonly Owner[]
  /** The moment that is shown. */
  readonly to: number
  readonly x: number
  readonly y: number
  readonly within: number
  readonly high: number
}
const width = 270
const about = 150

export function BarTip({ picked: { bar, slave }, owners, to, x, y, within, high }: Props) {
  const place = {
    left: `${Math.max(4, Math.min(x, within - width - 8))}px`,
    // Below its bar; above it near the lower edge.
    ...(y + about > high ? { bottom: `${high - y + 8}px` } : { top: `${y + 24}px` }),
  }
  const owner = owners[bar.owner]
  return (
    <div class="bar-tip" role="status" style={{ ...place, width: `${width}px` }}>
      <p>
        <b>{bar.name}</b> <State state={bar.phases.at(-1)?.state ?? ''} />
      </p>
      <p class="quiet">
        {owner && <OwnerDot owner={bar.owner} />} {owner?.name ?? 'a framework that is not known'} on{' '}
        {slave.slave.name}
      </p>
      <ol>
        {bar.phases.map(({ state, at }, i) => {
          const next = bar.phases[i + 1]
          const isEnd = bar.endedAt !== undefined && !next
          return (
            <li key={`${state} ${at}`}>
              <time class="mono">{clockTime(at)}</time>
              <span>{stateInWords(state)}</span>
              <span class="quiet">{isEnd ? '' : shortSpan(Math.max(0, (next?.at ?? to) - at))}</span>
            </li>
          )
        })}
      </ol>
    </div>
  )
}
