/** Where the lanes stand, side by side. */
export interface Lanes {
  readonly count: number
  /** px, of each. */
  readonly width: number
  /** px, of all, with the margin on the left where the times stand. */
  readonly inAll: number
}

/** px on the left for the times. */
export const gutter = 96
const leastWidth = 132

/** As wide as the frame where they are few; else it scrolls. */
export function lanesIn(count: number, frameWidth: number): Lanes {
  const width = Math.max(leastWidth, (frameWidth - gutter) / Math.max(1, count))
  return { count, width, inAll: gutter + width * count }
}

/** The middle of a lane. */
export const middleOf = ({ width }: Lanes, lane: number): number => gutter + width * (lane + 0.5)

/** The ends of a message's line: to a lane that is not shown, or its own, it goes a short way. */
export function endsOf(lanes: Lanes, from: number, to: number): readonly [x0: number, x1: number] {
  const stub = Math.min(60, lanes.width * 0.4)
  if (from < 0) return [middleOf(lanes, to) - stub, middleOf(lanes, to)]
  const x0 = middleOf(lanes, from)
  return [x0, to < 0 || to === from ? x0 + stub : middleOf(lanes, to)]
}
