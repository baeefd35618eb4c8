/** Slaves below one another, their tasks as bars beside them. */
import { useMemo, useRef, useState } from 'preact/hooks'
import type { TimelinePicture } from '../../language.ts'
import { Notice } from '../parts/Notice.tsx'
import { useSize } from '../parts/useSize.ts'
import { AsTable } from './AsTable.tsx'
import { BarCanvas } from './BarCanvas.tsx'
import { type Axis, heightOfAll, placedSlaves, slavesBetween } from './rows.ts'
import { SlaveNames } from './SlaveNames.tsx'
import { TimeAxis } from './TimeAxis.tsx'
import { ticksOf } from './ticks.ts'

/** px for the names. */
export const namesWidth = 168

export function Track({ picture }: { readonly picture: TimelinePicture }) {
  const frame = useRef<HTMLElement>(null)
  const size = useSize(frame)
  const [scrolled, setScrolled] = useState(0)
  const placed = useMemo(() => placedSlaves(picture.slaves), [picture])
  const axis: Axis = { from: picture.from, to: picture.to, width: Math.max(0, size.width - namesWidth) }
  const ticks = useMemo(() => ticksOf(axis), [picture.from, picture.to, axis.width])
  if (picture.slaves.length === 0)
    return (
      <section class="panel track" ref={frame}>
        <Notice>
          No slave is called so, or none is known at this moment: search for another, or go to another time.
        </Notice>
      </section>
    )
  const seen = slavesBetween(placed, scrolled, scrolled + size.height)
  const height = heightOfAll(placed)
  return (
    <section class="panel track" aria-label="Tasks by slave">
      <TimeAxis ticks={ticks} />
      <section
        class="track-frame"
        ref={frame}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="Slaves"
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
      >
        <div class="track-body" style={{ height: `${height}px` }}>
          <BarCanvas
            picture={picture}
            placed={placed}
            seen={seen}
            axis={axis}
            ticks={ticks}
            scrolled={scrolled}
            height={Math.min(size.height, Math.max(height, 1))}
          />
          <SlaveNames slaves={seen} />
        </div>
      </section>
      <AsTable picture={picture} />
    </section>
  )
}
