/** One slave in a few lines. */
import { OwnerDot } from '../parts/OwnerName.tsx'
import { State } from '../parts/State.tsx'
import { shortPercent } from '../parts/words.ts'
import type { Holder } from './holders.ts'

interface Props {
  readonly name: string
  readonly state: string
  readonly holders: readonly Holder[]
}
const mostHolders = 8

export function SlaveTip({ name, state, holders }: Props) {
  const free = Math.max(0, 1 - holders.reduce((sum, { fraction }) => sum + fraction, 0))
  return (
    <div class="slave-tip">
      <p>
        <b>{name}</b>
        <State state={state} />
      </p>
      <ul>
        {holders.slice(0, mostHolders).map((holder, index) => (
          <li key={index}>
            <OwnerDot owner={holder.owner} />
            <span>{holder.name}</span>
            {holder.as !== 'booked' && <span class="quiet">{holder.as}</span>}
            <b>{shortPercent(holder.fraction)}</b>
          </li>
        ))}
        {holders.length > mostHolders && <li class="quiet">and {holders.length - mostHolders} more</li>}
        <li class="quiet">
          <i class="owner-dot legend-free" aria-hidden="true" />
          <span>free</span>
          <b>{shortPercent(free)}</b>
        </li>
      </ul>
    </div>
  )
}
