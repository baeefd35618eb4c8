/** What is known of one cell, beside it, where there is room. */
import type { ComponentChildren } from 'preact'
import type { Size } from '../useSize.ts'
import type { Grid } from './geometry.ts'

interface Props {
  readonly left: number
  readonly top: number
  readonly grid: Grid
  readonly within: Size
  readonly children: ComponentChildren
}
/** px; see grid.css. */
const width = 260

export function GridTip({ left, top, grid, within, children }: Props) {
  const fitsRight = left + grid.width + width + 8 < within.width
  const x = fitsRight ? left + grid.width + 8 : Math.max(0, left - width - 8)
  const below = top < within.height / 2
  const y = below
    ? { top: `${Math.max(0, top)}px` }
    : { bottom: `${Math.max(0, within.height - top - grid.height)}px` }
  return (
    <div class="grid-tip" style={{ left: `${x}px`, ...y }}>
      {children}
    </div>
  )
}
