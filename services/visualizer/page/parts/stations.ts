/** A life as a line of states, each with the time that it lasted. */
import type { LifeLine } from '../../language.ts'

export interface Station extends LifeLine {
  /** Until the next, ms; undefined: it is in it yet, or for good. */
  readonly lastedMs?: number
}

/** As its leader has seen it; where none did, as whoever saw most of it. */
export function stationsOf(life: readonly LifeLine[]): Station[] {
  const seer = seerOf(life)
  const moves = life.filter(({ by, before, after }) => by === seer && before !== after)
  return moves.map((move, index) => {
    const next = moves[index + 1]
    return { ...move, ...(next && { lastedMs: next.at - move.at }) }
  })
}

/** Reigns follow one another: every master's lines are one leader's. */
function seerOf(life: readonly LifeLine[]): string | undefined {
  const counts = new Map<string, number>()
  for (const { by } of life) counts.set(by, (counts.get(by) ?? 0) + 1)
  const ranked = [...counts].sort((a, b) => weight(b) - weight(a))
  return ranked[0]?.[0]
}

const weight = ([by, count]: readonly [by: string, count: number]): number =>
  count + (by.startsWith('master ') ? 1e6 : 0)
