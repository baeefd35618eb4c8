/** How many lines each part of the screen gets: in a small window only what is looked at is left. */
import { type Table, tables, type View } from './view.ts'

/** So many there are, by the leader's word; as good as endless before he has said it. */
export type Counts = Readonly<Record<Table, number>>

export interface Layout {
  /** Lines for what the cluster has: a bar each. */
  readonly bars: number
  readonly hasKeys: boolean
  /** Rows of each table; 0: it is not shown. */
  readonly rows: Counts
}

/** Who leads; and how much there is, or what is wrong. */
const headLines = 2
/** An empty line, the title, and the names of the columns. */
const tableOverhead = 3
/** Beside what is looked at a table with fewer rows is not worth its title. */
const leastRows = 2
/** From so many lines on there is room for more than one table. */
const roomy = 16

const noRows: Counts = { frameworks: 0, slaves: 0, tasks: 0 }

/** For a window of so many lines, and a cluster that has so many kinds of resources. */
export function layOut(height: number, { table }: View, counts: Counts, kinds: number): Layout {
  if (height < roomy) {
    const rows = { ...noRows, [table]: Math.max(0, height - headLines - tableOverhead) }
    return { bars: 0, hasKeys: false, rows }
  }
  const keysLine = 1
  return { bars: kinds, hasKeys: true, rows: shareOut(height - headLines - kinds - keysLine, table, counts) }
}

/** Each gets what it needs, as far as there is room; before the least of the others comes nothing. */
function shareOut(lines: number, table: Table, counts: Counts): Counts {
  const needed = (each: Table) => Math.max(1, counts[each])
  const leastOf = (each: Table) => Math.min(leastRows, needed(each))
  const order = [table, ...tables.filter((each) => each !== table)]
  const least = order.reduce((sum, each) => sum + tableOverhead + leastOf(each), 0)
  if (lines < least) return { ...noRows, [table]: Math.max(0, lines - tableOverhead) }
  let left = lines - least
  const rows = { ...noRows }
  for (const [i, each] of order.entries()) {
    // What is looked at may have all that is left; of the others each its part.
    const most = i === 0 ? left : Math.floor(left / (order.length - i))
    const more = Math.min(needed(each) - leastOf(each), most)
    rows[each] = leastOf(each) + more
    left -= more
  }
  return rows
}
