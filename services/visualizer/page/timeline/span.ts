/** How much time is shown: from ten seconds to a day. */
export const leastSpanMs = 10_000
export const mostSpanMs = 24 * 3_600_000
export const spans: readonly (readonly [ms: number, name: string])[] = [
  [10_000, '10 s'],
  [60_000, '1 min'],
  [600_000, '10 min'],
  [3_600_000, '1 h'],
  [6 * 3_600_000, '6 h'],
  [24 * 3_600_000, '24 h'],
]

export const clampSpan = (ms: number): number => Math.min(mostSpanMs, Math.max(leastSpanMs, Math.round(ms)))

/** Out of the page's address, in seconds as in the other views; a minute where it says nothing, or nonsense. */
export function spanIn(written: string | undefined): number {
  const seconds = Number(written)
  return Number.isFinite(seconds) && seconds > 0 ? clampSpan(seconds * 1000) : 60_000
}
export const spanWritten = (ms: number): string => `${clampSpan(ms) / 1000}`

/** What a key, or a turn of the wheel, makes of a span. */
export const zoomed = (ms: number, factor: number): number => clampSpan(ms * factor)
