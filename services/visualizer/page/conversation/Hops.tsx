/** The way of a task, from offer to acknowledgement, and where its time went. */
import type { Hop } from '../../language.ts'
import { linkToActor } from '../parts/links.ts'
import { shortPercent, shortSpan } from '../parts/words.ts'
import { linkHere } from '../place.ts'
import { type Leg, legsOf } from './hops.ts'

export function Hops({ hops }: { readonly hops: readonly Hop[] }) {
  const legs = legsOf(hops)
  if (legs.length === 0) return null
  return (
    <section class="hops" aria-label="The way of this task">
      <header>
        <h2>Its way</h2>
        <span class="quiet">{shortSpan(legs.at(-1)?.sinceMs ?? 0)} in all</span>
      </header>
      <table>
        <thead>
          <tr>
            <th>What</th>
            <th>Who</th>
            <th class="number">Took</th>
            <th class="hops-bars">Where the time went</th>
          </tr>
        </thead>
        <tbody>
          {legs.map((leg) => (
            <HopRow key={`${leg.hop.position} ${leg.hop.what} ${leg.hop.who}`} leg={leg} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function HopRow({ leg: { hop, sinceMs, from, part } }: { readonly leg: Leg }) {
  const { what, who, position, tookMs } = hop
  return (
    <tr>
      <td>
        <a href={linkHere({ heard: `${position}`, said: undefined })}>{what}</a>
      </td>
      <td>
        <a class="plain" href={linkToActor(who)}>
          {who}
        </a>
      </td>
      <td class="number" title={`after ${shortSpan(sinceMs)} in all`}>
        {shortSpan(tookMs)}
      </td>
      <td>
        <span class="hop-track" role="img" aria-label={`${shortPercent(part)} of the time`}>
          <i style={{ marginLeft: `${from * 100}%`, width: `max(2px, ${part * 100}%)` }} />
        </span>
      </td>
    </tr>
  )
}
