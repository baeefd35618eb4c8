/** What a chart shows beside itself: who stands where, what was taken, what has just happened. */
import type { TrafficPicture } from '../../language.ts'
import type { Flash } from './flashes.ts'
import { arrowFor, type Graph, litBy, statesIn } from './graph.ts'

export interface Scene {
  /** The states in which the actor, or the thing, is. */
  readonly lit: ReadonlySet<string>
  readonly flashes: readonly Flash[]
  readonly crowd?: Crowd
  /** Who else sees it in which state, by state. */
  readonly seen?: ReadonlyMap<string, readonly Seer[]>
}
export interface Seer {
  readonly by: string
  /** A CSS colour. */
  readonly colour: string
}
/** How many there are, and how many went which way. */
export interface Crowd {
  readonly states: ReadonlyMap<string, number>
  readonly inAll: number
  readonly arrows: ReadonlyMap<string, number>
  readonly refused: ReadonlyMap<string, number>
  /** The most that took one arrow. */
  readonly most: number
}

export function crowdOf(graph: Graph, { states, ways, refused }: TrafficPicture): Crowd {
  const arrows = new Map<string, number>()
  for (const way of ways) {
    const arrow = way.from === way.to ? undefined : arrowFor(graph, way)
    if (arrow) arrows.set(arrow.id, (arrows.get(arrow.id) ?? 0) + way.count)
  }
  const counts = Object.values(states)
  return {
    states: byState(states),
    inAll: counts.reduce((sum, count) => sum + count, 0),
    arrows,
    refused: byState(refused),
    most: Math.max(1, ...arrows.values()),
  }
}

/** Whoever is within a state is in it. */
function byState(counts: Readonly<Record<string, number>>): Map<string, number> {
  const all = new Map<string, number>()
  for (const [written, count] of Object.entries(counts))
    for (const id of litBy(written)) all.set(id, (all.get(id) ?? 0) + count)
  return all
}

/** px, by how many took an arrow: ten times as many are drawn by so much wider that one sees it. */
export function strokeOf(count: number, most: number): number {
  if (count === 0) return 1.25
  return 1.75 + 4.25 * (Math.log1p(count) / Math.log1p(Math.max(most, 10)))
}

/** Who sees it where, by what each has said last. */
export function seenBy(sights: readonly (Seer & { readonly state: string })[]): Map<string, Seer[]> {
  const seen = new Map<string, Seer[]>()
  for (const { state, ...seer } of sights)
    for (const id of statesIn(state)) seen.set(id, [...(seen.get(id) ?? []), seer])
  return seen
}
