/** Who takes part, above their lanes, wherever one has scrolled to. */
import type { ConversationPicture } from '../../language.ts'
import { linkToActor } from '../parts/links.ts'
import { gutter, type Lanes } from './lanes.ts'

interface Props {
  readonly lanes: ConversationPicture['lanes']
  readonly across: Lanes
}

export function LaneHeads({ lanes, across }: Props) {
  return (
    <ul class="lane-heads" style={{ width: `${across.inAll}px`, paddingLeft: `${gutter}px` }}>
      {lanes.map(({ key, role, name }) => (
        <li key={key} style={{ width: `${across.width}px` }}>
          {role === 'operator' || name === '' ? (
            <span class="lane-head">
              <span class="quiet">{role}</span>
              <b>{name}</b>
            </span>
          ) : (
            <a class="plain lane-head" href={linkToActor(key)} title={key}>
              <span class="quiet">{role}</span>
              <b>{name}</b>
            </a>
          )}
        </li>
      ))}
    </ul>
  )
}
