/** So many frameworks can be told apart in one picture: the rest are one. */
import type { SharesPicture } from '../../language.ts'

export const most = 12
/** The number of those that go by no number of their own. */
export const others = -1

type Series = SharesPicture['series'][number]

export function fewer({ times, series }: SharesPicture): SharesPicture {
  if (series.length <= most) return { times, series }
  const kept = new Set([...series].sort((a, b) => held(b) - held(a)).slice(0, most - 1))
  const rest = series.filter((one) => !kept.has(one))
  return { times, series: [...series.filter((one) => kept.has(one)), together(times, rest)] }
}

const held = ({ shares }: Series): number => shares.reduce((sum, share) => sum + share, 0)

function together(times: readonly number[], rest: readonly Series[]): Series {
  const shares = times.map((_, time) => rest.reduce((sum, { shares: of }) => sum + (of[time] ?? 0), 0))
  const fair = rest.reduce((sum, { fair: of = 0 }) => sum + of, 0)
  return {
    frameworkId: '',
    name: `${rest.length} others`,
    owner: others,
    shares,
    ...(rest.some((one) => one.fair !== undefined) && { fair }),
  }
}
