/** Bars of shares: one scale for all of them. */
import type { FrameworkShown } from '../../language.ts'
import { percent } from '../parts/words.ts'

type Shares = Pick<FrameworkShown, 'share' | 'fair' | 'guaranteed'>

/** The share at the bars' right end: a round one, with room for the largest that is shown. */
export function scaleOf(frameworks: readonly Shares[]): number {
  const largest = Math.max(
    0,
    ...frameworks.flatMap(({ share, fair = 0, guaranteed = 0 }) => [share, fair, guaranteed]),
  )
  return [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75].find((end) => largest <= end * 0.98) ?? 1
}

export function bulletInWords({ share, fair, guaranteed }: Shares): string {
  const beside = [
    fair !== undefined && `fair would be ${percent(fair)}`,
    guaranteed !== undefined && `${percent(guaranteed)} is guaranteed`,
  ].filter(Boolean)
  return [`a share of ${percent(share)}`, ...beside].join(', ')
}

/** Those with the largest shares, in their own order: rows that change places while one reads are no table. */
export function largest<Row extends Pick<FrameworkShown, 'share' | 'owner'>>(
  rows: readonly Row[],
  most: number,
): Row[] {
  const kept = [...rows].sort((a, b) => b.share - a.share).slice(0, most)
  return kept.sort((a, b) => a.owner - b.owner)
}
