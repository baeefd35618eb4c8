/** The value that a part of all values (0..1) do not exceed; NaN of none. */
export function quantile(values: Iterable<number>, part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

export const median = (values: Iterable<number>): number => quantile(values, 0.5)

/** Three significant digits, whatever the size. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)))
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 3) })
}
