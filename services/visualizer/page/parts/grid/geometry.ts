/** Cells of one size in rows: where each lies, which lies at a point, and which the arrow keys go to. */

export interface Grid {
  readonly count: number
  /** From one cell's corner to the next one's, px. */
  readonly pitch: number
  /** Of a cell, without the gap beside it. */
  readonly size: number
  readonly columns: number
  readonly rows: number
}

const largestPitch = 104
const smallestPitch = 2

/** The largest cells with which all of them fit into a frame; `zoom` makes them larger, and the rows more. */
export function gridOf(count: number, width: number, height: number, zoom = 1): Grid {
  const pitch = Math.min(
    largestPitch,
    Math.floor(fittingPitch(count, width, height) * zoom),
    Math.floor(width),
  )
  const kept = Math.max(smallestPitch, pitch)
  const columns = Math.max(1, Math.floor(width / kept))
  return { count, pitch: kept, size: kept - gapOf(kept), columns, rows: Math.ceil(count / columns) }
}

function fittingPitch(count: number, width: number, height: number): number {
  for (let pitch = largestPitch; pitch > smallestPitch; pitch--)
    if (Math.floor(width / pitch) * Math.floor(height / pitch) >= count) return pitch
  return smallestPitch
}

function gapOf(pitch: number): number {
  if (pitch < 4) return 0
  if (pitch < 12) return 1
  return pitch < 32 ? 2 : 4
}

export const leftOf = (grid: Grid, index: number): number => (index % grid.columns) * grid.pitch
export const topOf = (grid: Grid, index: number): number => Math.floor(index / grid.columns) * grid.pitch
export const heightOf = ({ rows, pitch }: Grid): number => rows * pitch

/** The cell at a point; undefined beside all of them. */
export function cellAt(grid: Grid, x: number, y: number): number | undefined {
  const column = Math.floor(x / grid.pitch)
  const index = Math.floor(y / grid.pitch) * grid.columns + column
  return x >= 0 && y >= 0 && column < grid.columns && index < grid.count ? index : undefined
}

/** The first cell of what can be seen, and the first behind it. */
export function visible(grid: Grid, scrollTop: number, height: number): readonly [from: number, to: number] {
  const from = Math.floor(scrollTop / grid.pitch) * grid.columns
  const to = Math.ceil((scrollTop + height) / grid.pitch) * grid.columns
  return [Math.min(from, grid.count), Math.min(to, grid.count)]
}

/** Where a key moves the cursor; undefined where it is no key of the grid. */
export function moved(grid: Grid, cursor: number, key: string, page: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -grid.columns,
    ArrowDown: grid.columns,
    PageUp: -grid.columns * page,
    PageDown: grid.columns * page,
    Home: -grid.count,
    End: grid.count,
  }
  const by = steps[key]
  if (by === undefined || grid.count === 0) return undefined
  const there = cursor + by
  // Up and down stay in their column.
  if (key.startsWith('Arrow') && (there < 0 || there >= grid.count)) return cursor
  return Math.min(grid.count - 1, Math.max(0, there))
}
