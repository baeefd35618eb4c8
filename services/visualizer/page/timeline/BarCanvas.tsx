/** The bars: painted, pointed at with the mouse or with keys, each of them a way to its task. */
import { useRef, useState } from 'preact/hooks'
import type { TimelinePicture } from '../../language.ts'
import { linkToTask } from '../parts/links.ts'
import { palette } from '../parts/palette.ts'
import { useCanvas } from '../parts/useCanvas.ts'
import { go } from '../place.ts'
import { BarTip } from './BarTip.tsx'
import { type Direction, moved, pickedBy } from './cursor.ts'
import { paintBars, paintCursor, paintRows, paintTicks } from './paint.ts'
import { type Axis, barAt, extentOf, keyOf, type PlacedSlave, topOfBar } from './rows.ts'
import type { Tick } from './ticks.ts'

interface Props {
  readonly picture: TimelinePicture
  readonly placed: readonly PlacedSlave[]
  readonly seen: readonly PlacedSlave[]
  readonly axis: Axis
  readonly ticks: readonly Tick[]
  readonly scrolled: number
  readonly height: number
}

export function BarCanvas({ picture, placed, seen, axis, ticks, scrolled, height }: Props) {
  const [key, setKey] = useState<string>()
  const frame = useRef<HTMLDivElement>(null)
  const picked = pickedBy(placed, key)
  const colours = palette.value
  const canvas = useCanvas(
    { width: axis.width, height },
    (context) => {
      const painting = { context, palette: colours, axis, scrolled }
      paintTicks(painting, ticks, height)
      paintRows(painting, seen)
      paintBars(painting, seen)
      if (picked) paintCursor(painting, picked.slave, picked.bar)
    },
    [picture, axis.width, scrolled, key, colours],
  )
  const point = (event: PointerEvent) => {
    const { left, top } = (event.currentTarget as Element).getBoundingClientRect()
    const at = barAt(placed, axis, event.clientX - left, event.clientY - top + scrolled)
    setKey(at && keyOf(at.bar))
  }
  const open = () => picked && go(linkToTask(picked.bar.task))
  const press = (event: KeyboardEvent) => {
    const direction = directions[event.key]
    if (event.key === 'Escape') setKey(undefined)
    else if (event.key === 'Enter') open()
    else if (direction) {
      const next = moved(placed, key, direction)
      setKey(next && keyOf(next.bar))
      if (next) showRow(frame.current, topOfBar(next.slave, next.bar))
    } else return
    event.preventDefault()
  }
  const corner = picked && {
    x: extentOf(axis, picked.bar)[0],
    y: topOfBar(picked.slave, picked.bar) - scrolled,
  }
  return (
    <div class="bars" ref={frame}>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: its keys are its own, as of an application */}
      <canvas
        ref={canvas}
        style={{ width: `${axis.width}px`, height: `${height}px` }}
        tabIndex={0}
        role="application"
        aria-label="Tasks as bars: arrow keys go from bar to bar, Enter opens the task, + and − change how much time is shown. The same stands in the table below."
        onPointerMove={point}
        onPointerLeave={() => setKey(undefined)}
        onClick={open}
        onKeyDown={press}
        class={picked ? 'pointing' : undefined}
      />
      {picked && corner && (
        <BarTip
          picked={picked}
          owners={picture.owners}
          to={picture.to}
          {...corner}
          within={axis.width}
          high={height}
        />
      )}
    </div>
  )
}

const directions: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'earlier',
  ArrowRight: 'later',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/** Scrolls what is around it so far that a row is seen. */
function showRow(element: Element | null, y: number): void {
  const frame = element?.closest('.track-frame')
  if (!frame) return
  if (y < frame.scrollTop) frame.scrollTop = y - 8
  if (y > frame.scrollTop + frame.clientHeight - 24) frame.scrollTop = y - frame.clientHeight + 32
}
