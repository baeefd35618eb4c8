/** How a thing looks to each of those who know of it. */
import type { LifeLine } from '../../language.ts'

export interface Sight {
  /** `master m1`. */
  readonly by: string
  /** As this actor has seen it last. */
  readonly state: string
}

/** Offers go down this way, and news of tasks comes up it. */
const order = ['master', 'slave', 'scheduler', 'executor']

/** One for each actor that has seen anything; `history` has the newest first. */
export function sightsOf(history: readonly LifeLine[]): Sight[] {
  const last = new Map<string, string>()
  for (const { by, after } of history) if (!last.has(by)) last.set(by, after)
  const sights = [...last].map(([by, state]) => ({ by, state }))
  return sights.sort((a, b) => rank(a) - rank(b) || a.by.localeCompare(b.by))
}

const rank = ({ by }: Sight): number => {
  const [role = ''] = by.split(' ')
  const at = order.indexOf(role)
  return at < 0 ? order.length : at
}
