/** Rows of one height, one of which may be open: where each stands, and which can be seen. */
export interface Rows {
  readonly count: number
  /** px. */
  readonly rowHeight: number
  /** The open row, and by how much it is higher than others. */
  readonly open?: number
  readonly openHeight: number
}

/** Rows beyond either edge, so that scrolling shows no holes. */
const beyond = 8

export const heightOf = ({ count, rowHeight, open, openHeight }: Rows): number =>
  count * rowHeight + (open === undefined ? 0 : openHeight)

export const topOf = ({ rowHeight, open, openHeight }: Rows, index: number): number =>
  index * rowHeight + (open !== undefined && index > open ? openHeight : 0)

/** The row at this height. */
export function rowAt(rows: Rows, y: number): number {
  const { rowHeight, open, openHeight, count } = rows
  const plain = Math.floor(y / rowHeight)
  const row =
    open === undefined || plain <= open ? plain : Math.max(open, Math.floor((y - openHeight) / rowHeight))
  return Math.min(Math.max(0, row), Math.max(0, count - 1))
}

/** From the first row that can be seen to the one behind the last. */
export function seenRows(rows: Rows, top: number, height: number): readonly [first: number, end: number] {
  if (rows.count === 0) return [0, 0]
  return [
    Math.max(0, rowAt(rows, top) - beyond),
    Math.min(rows.count, rowAt(rows, top + height) + 1 + beyond),
  ]
}
