/** The lanes, and the messages between them that can be seen; at its end it follows what is said. */
import { useMemo, useRef, useState } from 'preact/hooks'
import type { ConversationPicture, Position } from '../../language.ts'
import { Notice } from '../parts/Notice.tsx'
import { useSize } from '../parts/useSize.ts'
import { grouped } from '../parts/words.ts'
import { LaneHeads } from './LaneHeads.tsx'
import { gutter, lanesIn } from './lanes.ts'
import { Messages } from './Messages.tsx'
import { type Sequence, Stretches } from './sequence.ts'
import { useFollow } from './useFollow.ts'

interface Props {
  readonly lanes: ConversationPicture['lanes']
  readonly sequence: Sequence
  readonly more: number
  readonly onMore: () => void
  readonly saidIn: Position | undefined
  readonly heardIn: Position | undefined
}

/** px by which the part that is drawn moves on, and px beyond either edge of what is seen. */
const stride = 300
const beyond = 600
/** px of the names above the lanes. */
const headsHeight = 46

export function SequenceView({ lanes, sequence, more, onMore, saidIn, heardIn }: Props) {
  const frame = useRef<HTMLElement>(null)
  const size = useSize(frame)
  const [strides, setStrides] = useState(0)
  const [left, setLeft] = useState(0)
  const stretches = useMemo(() => new Stretches(sequence.messages), [sequence])
  useFollow(frame, sequence)
  if (lanes.length === 0)
    return (
      <section class="panel talk-frame" ref={frame}>
        <Notice>
          Nobody has said anything of this kind up to this moment: ask for less, or let time pass.
        </Notice>
      </section>
    )
  const across = lanesIn(lanes.length, size.width)
  const top = Math.max(0, strides * stride - beyond)
  // The lanes reach down to the edge, however little was said.
  const height = Math.max(sequence.height, size.height - headsHeight)
  const bottom = Math.min(height, strides * stride + size.height + stride + beyond)
  return (
    <section
      class="panel talk-frame"
      ref={frame}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label="Who said what to whom, the oldest first"
      onScroll={({ currentTarget }) => {
        setStrides(Math.floor(currentTarget.scrollTop / stride))
        setLeft(currentTarget.scrollLeft)
      }}
    >
      <LaneHeads lanes={lanes} across={across} />
      <div class="talk-body" style={{ width: `${across.inAll}px`, height: `${height}px` }}>
        {more > 0 && (
          <button type="button" class="talk-more" onClick={onMore}>
            {grouped(more)} older ones are not shown: show more
          </button>
        )}
        <Messages
          lanes={lanes}
          across={across}
          sequence={sequence}
          placed={stretches.between(top, bottom)}
          top={top}
          bottom={bottom}
          left={left + gutter}
          right={left + size.width}
          saidIn={saidIn}
          heardIn={heardIn}
        />
      </div>
    </section>
  )
}
