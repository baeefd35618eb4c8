/** The part of a conversation that can be seen. */
import type { ConversationPicture, Position } from '../../language.ts'
import { clockTime, shortSpan } from '../parts/words.ts'
import { type Lanes, middleOf } from './lanes.ts'
import { MessageDrawn } from './MessageDrawn.tsx'
import type { PlacedMessage, Sequence } from './sequence.ts'

interface Props {
  readonly lanes: ConversationPicture['lanes']
  readonly across: Lanes
  readonly sequence: Sequence
  readonly placed: readonly PlacedMessage[]
  readonly top: number
  readonly bottom: number
  /** px between which one sees across. */
  readonly left: number
  readonly right: number
  readonly saidIn: Position | undefined
  readonly heardIn: Position | undefined
}

export function Messages({
  lanes,
  across,
  sequence,
  placed,
  top,
  bottom,
  left,
  right,
  saidIn,
  heardIn,
}: Props) {
  const gaps = sequence.gaps.filter(({ y }) => y > top - 40 && y < bottom + 40)
  const isChosen = ({ message }: PlacedMessage) =>
    (saidIn !== undefined || heardIn !== undefined) &&
    message.saidIn === saidIn &&
    message.heardIn === heardIn
  return (
    <>
      <div class="talk-times" aria-hidden="true">
        {placed.map((one) => (
          <time key={one.key} style={{ top: `${one.y0 - 8}px` }}>
            {clockTime(one.message.saidAt)}
          </time>
        ))}
        {gaps.map(({ y, ms }) => (
          <b key={y} style={{ top: `${y - 8}px` }}>
            {shortSpan(ms)}
          </b>
        ))}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: there is no other element of a drawing that groups */}
      <svg
        class="talk-window"
        style={{ top: `${top}px` }}
        width={across.inAll}
        height={Math.max(0, bottom - top)}
        viewBox={`0 ${top} ${across.inAll} ${Math.max(1, bottom - top)}`}
        role="group"
        aria-label="Messages"
        onKeyDown={toNeighbour}
      >
        {lanes.map(({ key }, lane) => (
          <line
            key={key}
            class="lane"
            x1={middleOf(across, lane)}
            x2={middleOf(across, lane)}
            y1={top}
            y2={bottom}
          />
        ))}
        {gaps.map(({ y }) => (
          <g key={y} class="gap" transform={`translate(0 ${y})`}>
            <rect x="0" y="-8" width={across.inAll} height="16" />
            <path d={`M96 0H${across.inAll}`} />
          </g>
        ))}
        {placed.map((one) => (
          <MessageDrawn
            key={one.key}
            placed={one}
            across={across}
            chosen={isChosen(one)}
            left={left}
            right={right}
          />
        ))}
      </svg>
    </>
  )
}

/** Arrow keys go from message to message. */
function toNeighbour(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const message = event.target instanceof Element && event.target.closest('a.message')
  if (!message) return
  const next = event.key === 'ArrowDown' ? message.nextElementSibling : message.previousElementSibling
  if (!next?.matches('a.message')) return
  event.preventDefault()
  ;(next as SVGAElement).focus()
}
