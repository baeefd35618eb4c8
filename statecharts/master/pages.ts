/** Long lists are told a page at a time, and a page costs what it holds, however much there is. */
import { maxBodyBytes, sizeOf, split } from '../../shared/split.ts'
import type { Roll } from '../roll.ts'
import type { Master } from './ledger.ts'

/** Rows in one answer, and things that are looked at for it, at the most. */
const pageRows = 500
const pageLooks = 10_000

interface Asked {
  readonly after?: string
  readonly limit?: number
}
export interface Page<Row> {
  readonly rows: Row[]
  /** Where to go on; empty behind the last. */
  readonly next: { readonly next?: string }
  readonly looks: number
}

/**
 * The first rows behind `after`, as many as one message carries. Whatever is there all the time is told once, whatever
 * comes and goes between pages; a page that had to look at many things may hold few rows, or none. Undefined when
 * `after` is no place in this leader's lists.
 */
export function page<Thing extends object, Row>(
  { epoch }: Master,
  all: Roll<unknown, Thing>,
  rowOf: (thing: Thing) => Row,
  { after, limit = pageRows }: Asked,
  isAsked: (thing: Thing) => boolean = () => true,
): Page<Row> | undefined {
  let last = placeOf(after, epoch)
  if (last === undefined) return undefined
  const rows: Row[] = []
  const most = Math.min(limit, pageRows)
  let [looks, bytes] = [0, 0]
  for (const { place, thing } of all.behind(last)) {
    const row = thing && isAsked(thing) ? rowOf(thing) : undefined
    if (row) bytes += sizeOf(row)
    const isFull = rows.length === most || looks === pageLooks || (bytes > maxBodyBytes && rows.length > 0)
    if (isFull) return { rows, next: { next: `${epoch}:${last}` }, looks }
    if (row) rows.push(row)
    looks++
    last = place
  }
  return { rows, next: {}, looks }
}

/** The place behind which a reader goes on. Places are those of one leader. */
function placeOf(after: string | undefined, epoch: number): number | undefined {
  if (after === undefined) return 0
  const [, reign, place] = /^(\d+):(\d+)$/.exec(after) ?? []
  return Number(reign) === epoch ? Number(place) : undefined
}

/** The same of a list that is short enough to be put in order for each page. */
export function sortedPage<Thing, Row>(
  all: readonly Thing[],
  keyOf: (thing: Thing) => string,
  rowOf: (thing: Thing) => Row,
  { after, limit = pageRows }: Asked,
  isBehind: (key: string, other: string) => boolean,
): Page<Row> {
  const rest = all
    .map((thing) => ({ thing, key: keyOf(thing) }))
    .filter(({ key }) => after === undefined || isBehind(key, after))
  rest.sort((a, b) => (a.key === b.key ? 0 : isBehind(a.key, b.key) ? 1 : -1))
  const [rows = []] = split(rest.slice(0, Math.min(limit, pageRows)).map(({ thing }) => rowOf(thing)))
  const last = rest[rows.length - 1]
  return { rows, next: rest.length > rows.length && last ? { next: last.key } : {}, looks: all.length }
}

/** Ids of the same letter and epoch are in the order of their counts: a longer one came later. */
export const isLater = (key: string, other: string): boolean =>
  key.length === other.length ? key > other : key.length > other.length
