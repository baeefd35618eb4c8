/** What has just happened, as far as a chart shows it: an arrow was taken, or something was refused in a state. */
import { arrowFor, type Graph, type Moved, statesIn } from './graph.ts'

/** A step or a move, in the order in which it happened. */
export interface Happened extends Moved {
  /** Rises with time. */
  readonly order: number
  readonly refused: boolean
}
export interface Flash {
  readonly key: string
  readonly order: number
  readonly arrow?: string
  /** The state that was come to, or in which it was refused. */
  readonly state: string
  /** What was refused. */
  readonly refused?: string
}

/** More at once would be a flicker. */
const most = 8

/** The flashes of what happened after a moment; `happened` has the newest first. */
export function flashesSince(graph: Graph, happened: readonly Happened[], order: number): Flash[] {
  return happened
    .filter((one) => one.order > order)
    .flatMap((one) => flashOf(graph, one))
    .slice(0, most)
}

function flashOf(graph: Graph, { order, from, to, by, refused }: Happened): Flash[] {
  const key = `${order} ${from} ${to} ${by}`
  const state = statesIn(refused ? from : to).at(-1) ?? ''
  if (refused) return [{ key, order, state, refused: by }]
  if (from === to) return []
  const arrow = arrowFor(graph, { from, to, by })
  return [arrow ? { key, order, state, arrow: arrow.id } : { key, order, state }]
}
