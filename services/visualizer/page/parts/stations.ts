/** A life as a line of states, each with the time that it lasted. */
import type { LifeLine } from '../../language.ts'

export interface Station extends LifeLine {
  /** Until the next, ms; undefined: it is in it yet, or for good. */
  readonly lastedMs?: number
}

/** What the server of the page was told when it asked the leader. */
export const asked = 'asked'

/** As its leaders have seen it; where none did, as whoever saw most of it. */
export function stationsOf(life: readonly LifeLine[]): Station[] {
  const told = life.filter(({ by }) => by === asked || by.startsWith('master '))
  const moves = changes(told.length > 0 ? told : seenMost(life))
  return moves.map((move, index) => {
    const next = moves[index + 1]
    return { ...move, ...(next && { lastedMs: next.at - move.at }) }
  })
}

/** Those that came to another state than the one before. */
const changes = (lines: readonly LifeLine[]): LifeLine[] =>
  lines.filter(({ after }, index) => after !== lines[index - 1]?.after)

function seenMost(life: readonly LifeLine[]): LifeLine[] {
  const linesOf = (seer: string) => life.filter(({ by }) => by === seer)
  const seers = [...new Set(life.map(({ by }) => by))]
  return seers.map(linesOf).reduce((most, lines) => (lines.length > most.length ? lines : most), [])
}
