/** Where the time of a task's way went. */
import type { Hop } from '../../language.ts'

export interface Leg {
  readonly hop: Hop
  /** ms since the way began. */
  readonly sinceMs: number
  /** Where the hop stands in the whole way, 0..1, and how much of it it took. */
  readonly from: number
  readonly part: number
}

export function legsOf(hops: readonly Hop[]): Leg[] {
  const [first] = hops
  if (!first) return []
  const start = first.at - first.tookMs
  const end = Math.max(...hops.map(({ at }) => at))
  const whole = Math.max(1, end - start)
  return hops.map((hop) => ({
    hop,
    sinceMs: hop.at - start,
    from: Math.max(0, hop.at - hop.tookMs - start) / whole,
    part: Math.max(0, hop.tookMs) / whole,
  }))
}
