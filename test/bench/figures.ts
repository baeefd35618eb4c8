/** The value that a part of all values (0..1) do not exceed; NaN of none. */
export function quantile(values: Iterable<number>, part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

export const median = (values: Iterable<number>): number => quantile(values, 0.5)

/** A figure of ours, and the limit that was measured right beside it. */
export interface Round {
  readonly value: number
  readonly against: number
}
/** The round whose ratio is the median of all: what else the machine did at the time, it did to both. */
export function medianRound<Each extends Round>(rounds: readonly Each[]): Each & { readonly ratio: number } {
  const sorted = rounds.map((round) => ({ ...round, ratio: round.value / round.against }))
  sorted.sort((a, b) => a.ratio - b.ratio)
  const middle = sorted[Math.floor(sorted.length / 2)]
  if (!middle) throw new RangeError('no round was measured')
  return middle
}

/** Three significant digits, whatever the size. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)))
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 3) })
}

/** ms since 1970, counted on monotonically: the same in all processes of the bench. */
export const wallClock = (): number => performance.timeOrigin + performance.now()
