/** What colours, patterns and ends mean. */
import type { Owner } from '../../language.ts'
import { OwnerName } from '../parts/OwnerName.tsx'

/** More names than these are told by hovering. */
const mostOwners = 24

const textures = [
  ['outline', 'on its way'],
  ['solid', 'running'],
  ['striped', 'being killed'],
  ['dotted', 'unreachable'],
] as const
const ends = [
  ['✓', 'finished', ''],
  ['■', 'killed', ''],
  ['✕', 'failed, error, dropped', 'bad'],
  ['▲', 'lost', 'bad'],
] as const

export function Legend({ owners }: { readonly owners: readonly Owner[] }) {
  return (
    <ul class="timeline-legend" aria-label="What the bars mean">
      {owners.slice(0, mostOwners).map((owner, number) => (
        <li key={owner.frameworkId}>
          <OwnerName of={owner} owner={number} />
        </li>
      ))}
      {owners.length > mostOwners && <li class="quiet">and {owners.length - mostOwners} more</li>}
      {textures.map(([texture, meaning]) => (
        <li key={texture}>
          <i class={`texture ${texture}`} aria-hidden="true" /> {meaning}
        </li>
      ))}
      {ends.map(([sign, meaning, tone]) => (
        <li key={sign}>
          <i class={`end ${tone}`} aria-hidden="true">
            {sign}
          </i>{' '}
          {meaning}
        </li>
      ))}
    </ul>
  )
}
