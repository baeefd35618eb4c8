/** Shares over time: the books walked back, and looked at bucket by bucket. */
import type { Chronicle } from '../chronicle/chronicle.ts'
import { largestPart } from '../chronicle/held.ts'
import type { SharesAsked, SharesPicture } from '../language.ts'
import type { Moment } from '../moment.ts'
import { fairnessOf } from './fairness.ts'
import { ownersOf } from './parts.ts'

const usualSpanMs = 60_000
const usualBuckets = 120
const mostBuckets = 600

export function shares(moment: Moment, asked: SharesAsked): SharesPicture {
  const { chronicle, world, at } = moment
  const spanMs = asked.spanMs ?? usualSpanMs
  const buckets = Math.min(asked.buckets ?? usualBuckets, mostBuckets)
  // What happened lately has buckets of its own: those that are past stay as they are.
  const width = spanMs / buckets
  const end = Math.floor(at / width) * width
  const times = [...Array.from({ length: buckets }, (_, i) => end - (buckets - 1 - i) * width), at]
  const owners = ownersOf(moment)
  const rows = owners.map(() => new Array<number>(times.length).fill(0))
  const past = world.past()
  for (let i = times.length - 1; i >= 0; i--) {
    past.goBackTo(positionAt(chronicle, times[i] as number, moment.position))
    owners.forEach(({ frameworkId }, owner) => {
      const holds = past.frameworks.get(frameworkId)
      const row = rows[owner] as number[]
      row[i] = holds ? rounded(largestPart(holds.booked, past.total)) : 0
    })
  }
  const fairness = fairnessOf(moment)
  const series = owners.map((owner, number) => ({
    ...owner,
    owner: number,
    shares: rows[number] as number[],
    ...fairness(owner.frameworkId),
  }))
  return { times, series }
}

/** The last step at that time or before; clocks of different machines may put some in another order. */
export function positionAt(chronicle: Chronicle, time: number, upTo: number): number {
  return Math.max(chronicle.first - 1, Math.min(chronicle.firstAfter(time) - 1, upTo))
}

const rounded = (share: number): number => Math.round(share * 1e4) / 1e4
