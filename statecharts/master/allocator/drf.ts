/**
 * Weighted dominant resource fairness: the claimant with the smallest dominant share is served first.
 * Ghodsi et al., NSDI 2011, sections 4.1 (the share) and 4.3 (weights).
 */
import { type Kind, kinds } from '../../../shared/resources.ts'
import { scalarOf, type Tally } from '../../../shared/tally.ts'
import type { Claimant, Policy } from './allocator.ts'

export const drf: Policy = {
  name: 'drf',

  /**
   * Dominant share: the largest fraction of any one resource that the claimant holds, over its weight (0..inf).
   * Offered resources count as held. Ports are not shared out: there are enough of them everywhere.
   */
  measure(claimant, total) {
    let dominant = 0
    for (const kind of kinds) dominant = Math.max(dominant, fraction(held(claimant, kind), total[kind]))
    for (const name of scalarNames(total))
      dominant = Math.max(dominant, fraction(heldScalar(claimant, name), scalarOf(total, name)))
    return dominant / claimant.weight
  },

  order: (siblings, { total }) => siblings.sort((a, b) => compare(a, b, total)),
  compare,
}

/** Negative when `a` is served before `b`: a strict order without ties, exact for whatever a double has rounded. */
function compare(a: Claimant, b: Claimant, total: Tally): number {
  if (Math.abs(a.share - b.share) > 1e-9 * Math.max(a.share, b.share)) return a.share - b.share
  const difference = holdTheSame(a, b) ? 0 : compareExactly(a, b, total)
  return difference || a.allocations - b.allocations || compareNames(a, b)
}

/** Fewer offers first, then the name: what decides where shares do not. */
export const compareNames = (a: Claimant, b: Claimant): number =>
  a.name === b.name ? (a.id < b.id ? -1 : a.id > b.id ? 1 : 0) : a.name < b.name ? -1 : 1

const held = (claimant: Claimant, kind: Kind) => claimant.booked[kind] + claimant.offered[kind]
const heldScalar = (claimant: Claimant, name: string) =>
  scalarOf(claimant.booked, name) + scalarOf(claimant.offered, name)
const fraction = (part: number, whole: number) => (part === 0 ? 0 : part / whole)
const noNames: readonly string[] = []
const scalarNames = (total: Tally) => (total.scalars ? Object.keys(total.scalars) : noNames)

/** The usual tie, without arithmetic: as much of everything, at the same weight. Written out, for sorting asks it most. */
function holdTheSame(a: Claimant, b: Claimant): boolean {
  if (a.weight !== b.weight || hasScalars(a) || hasScalars(b)) return false
  const { booked: aBooked, offered: aOffered } = a
  const { booked: bBooked, offered: bOffered } = b
  return (
    aBooked.cpuMilli + aOffered.cpuMilli === bBooked.cpuMilli + bOffered.cpuMilli &&
    aBooked.memMb + aOffered.memMb === bBooked.memMb + bOffered.memMb &&
    aBooked.diskMb + aOffered.diskMb === bBooked.diskMb + bOffered.diskMb &&
    aBooked.gpus + aOffered.gpus === bBooked.gpus + bOffered.gpus
  )
}
const hasScalars = ({ booked, offered }: Claimant) =>
  booked.scalars !== undefined || offered.scalars !== undefined

/** Shares that a double cannot tell apart, as fractions of whole numbers: no floating-point ties. */
function compareExactly(a: Claimant, b: Claimant, total: Tally): number {
  const left = exactShare(a, total)
  const right = exactShare(b, total)
  const difference = left.over * right.under - right.over * left.under
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

interface Fraction {
  readonly over: bigint
  readonly under: bigint
}

/** Weights are exact in thousandths. */
function exactShare(claimant: Claimant, total: Tally): Fraction {
  const weight = BigInt(Math.round(claimant.weight * 1000))
  let largest: Fraction = { over: 0n, under: 1n }
  const consider = (part: number, whole: number) => {
    const one = { over: BigInt(part) * 1000n, under: BigInt(whole) * weight }
    if (part > 0 && one.over * largest.under > largest.over * one.under) largest = one
  }
  for (const kind of kinds) consider(held(claimant, kind), total[kind])
  for (const name of scalarNames(total)) consider(heldScalar(claimant, name), scalarOf(total, name))
  return largest
}
