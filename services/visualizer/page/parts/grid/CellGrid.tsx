/** Very many things as cells of a canvas: all at once, or larger and scrolled. Keys move a cursor over them. */
import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { go } from '../../place.ts'
import { useCanvas } from '../useCanvas.ts'
import { useSize } from '../useSize.ts'
import { GridTip } from './GridTip.tsx'
import { cellAt, type Grid, gridOf, heightOf, leftOf, moved, topOf, visible } from './geometry.ts'
import { ZoomButtons } from './ZoomButtons.tsx'
import './grid.css'

interface Props {
  readonly label: string
  readonly count: number
  /** Draws the cells from one to before another; the canvas lies so that cells are where `grid` says. */
  readonly paint: (context: CanvasRenderingContext2D, grid: Grid, from: number, to: number) => void
  /** What `paint` draws by: the grid is drawn again when one of these is another. */
  readonly changes: readonly unknown[]
  readonly href: (index: number) => string
  /** One cell in words, for ears. */
  readonly words: (index: number) => string
  readonly tip: (index: number) => ComponentChildren
}

/** Cells of so many pixels need no zoom. */
const largeEnough = 40

export function CellGrid({ label, count, paint, changes, href, words, tip }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const size = useSize(frame)
  const [zoom, setZoom] = useState(1)
  const [scrolled, setScrolled] = useState(0)
  const [cursor, setCursor] = useState<number>()
  const grid = gridOf(count, size.width, size.height, zoom)
  const at = cursor !== undefined && cursor < count ? cursor : undefined

  const canvas = useCanvas(
    size,
    (context) => {
      context.translate(0, -scrolled)
      paint(context, grid, ...visible(grid, scrolled, size.height))
    },
    [...changes, zoom, scrolled, count],
  )
  const point = (event: MouseEvent) => {
    const { left, top } =
      event.currentTarget instanceof Element
        ? event.currentTarget.getBoundingClientRect()
        : { left: 0, top: 0 }
    return cellAt(grid, event.clientX - left, event.clientY - top + scrolled)
  }
  const press = (event: KeyboardEvent) => {
    const next = moved(grid, at ?? 0, event.key, Math.max(1, Math.floor(size.height / grid.down) - 1))
    if (next !== undefined) {
      setCursor(at === undefined ? 0 : next)
      reveal(frame.current, grid, next)
    } else if (event.key === 'Enter' && at !== undefined) go(href(at))
    else if (event.key === 'Escape') setCursor(undefined)
    else return
    event.preventDefault()
  }
  return (
    <div class="grid">
      <div
        ref={frame}
        class="grid-frame"
        role="application"
        aria-roledescription="grid of cells"
        aria-label={`${label} Arrow keys go from one to another, Enter opens it.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys
        tabIndex={0}
        onKeyDown={press}
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
        onMouseMove={(event) => setCursor(point(event))}
        onMouseLeave={() => setCursor(undefined)}
        onClick={(event) => {
          const there = point(event)
          if (there !== undefined) go(href(there))
        }}
      >
        <div style={{ height: `${heightOf(grid)}px` }}>
          <canvas ref={canvas} class="grid-canvas" />
        </div>
      </div>
      {at !== undefined && (
        <>
          <i
            class="grid-cursor"
            style={{
              left: `${leftOf(grid, at)}px`,
              top: `${topOf(grid, at) - scrolled}px`,
              width: `${grid.width}px`,
              height: `${grid.height}px`,
            }}
          />
          <GridTip left={leftOf(grid, at)} top={topOf(grid, at) - scrolled} grid={grid} within={size}>
            {tip(at)}
          </GridTip>
        </>
      )}
      {(zoom > 1 || grid.down < largeEnough) && <ZoomButtons zoom={zoom} onZoom={setZoom} />}
      <p class="visually-hidden" role="status">
        {at !== undefined && words(at)}
      </p>
    </div>
  )
}

function reveal(frame: HTMLElement | null, grid: Grid, index: number): void {
  if (!frame) return
  const top = topOf(grid, index)
  if (top < frame.scrollTop) frame.scrollTop = top
  else if (top + grid.down > frame.scrollTop + frame.clientHeight)
    frame.scrollTop = top + grid.down - frame.clientHeight
}
