/** Cells of one size in rows: where each lies, which lies at a point, and which the arrow keys go to. */

export interface Grid {
  readonly count: number
  readonly columns: number
  readonly rows: number
  /** From one cell's corner to the next one's, px. */
  readonly across: number
  readonly down: number
  /** Of a cell, without the gap beside it, px. */
  readonly width: number
  readonly height: number
}

const largest = 104
const smallest = 2
/** Cells may be so much longer than wide, or wider than long, to fill their frame. */
const stretch = 1.5

/** The largest cells with which all of them fit into a frame; `zoom` makes them larger, and the rows more. */
export function gridOf(count: number, width: number, height: number, zoom = 1): Grid {
  const side = fitting(count, width, height)
  if (zoom > 1) return gridWith(count, width, Math.min(largest, Math.max(side + 1, Math.floor(side * zoom))))
  const { columns, rows } = gridWith(count, width, side)
  const fill = (room: number, cells: number) =>
    Math.max(side, Math.min(Math.floor(room / cells), Math.floor(side * stretch), largest))
  return sized(count, columns, fill(width, columns), rows > 1 ? fill(height, rows) : side)
}

function fitting(count: number, width: number, height: number): number {
  for (let side = Math.min(largest, Math.max(smallest, Math.floor(width))); side > smallest; side--)
    if (Math.floor(width / side) * Math.floor(height / side) >= count) return side
  return smallest
}

const gridWith = (count: number, width: number, side: number): Grid =>
  sized(count, Math.max(1, Math.floor(width / side)), side, side)

function sized(count: number, columns: number, across: number, down: number): Grid {
  const gap = gapOf(Math.min(across, down))
  return {
    count,
    columns,
    rows: Math.ceil(count / columns),
    across,
    down,
    width: across - gap,
    height: down - gap,
  }
}

function gapOf(side: number): number {
  if (side < 4) return 0
  if (side < 12) return 1
  return side < 32 ? 2 : 4
}

export const leftOf = (grid: Grid, index: number): number => (index % grid.columns) * grid.across
export const topOf = (grid: Grid, index: number): number => Math.floor(index / grid.columns) * grid.down
export const heightOf = ({ rows, down }: Grid): number => rows * down

/** The cell at a point; undefined beside all of them. */
export function cellAt(grid: Grid, x: number, y: number): number | undefined {
  const column = Math.floor(x / grid.across)
  const index = Math.floor(y / grid.down) * grid.columns + column
  return x >= 0 && y >= 0 && column < grid.columns && index < grid.count ? index : undefined
}

/** The first cell of what can be seen, and the first behind it. */
export function visible(grid: Grid, scrollTop: number, height: number): readonly [from: number, to: number] {
  const from = Math.floor(scrollTop / grid.down) * grid.columns
  const to = Math.ceil((scrollTop + height) / grid.down) * grid.columns
  return [Math.min(from, grid.count), Math.min(to, grid.count)]
}

/** Where a key moves the cursor; undefined where it is no key of the grid. `page` is in rows. */
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
