/** Refusals: what a framework has declined it is not offered again for a while. */
import { isNone, kinds } from '../../shared/resources.ts'
import { newTally, scalarOf, type Tally } from '../../shared/tally.ts'
import type { Claim, Master, Offer, Refused, Slave } from './ledger.ts'
import { moveRefused } from './moves.ts'

/** What a claim does not want; as which offer, where it has declined all of one. */
export type Unwanted = Pick<Offer, 'claim' | 'slave' | 'resources'> & Partial<Pick<Offer, 'offerId'>>

/** The claim does not want this much of the slave for a while. When it lapses, or undefined when nothing is refused. */
export function refuseSlave(
  master: Master,
  { claim, slave, resources, offerId }: Unwanted,
  refuseSeconds: number,
  at: number,
): number | undefined {
  if (refuseSeconds === 0 || isNone(resources)) return undefined
  const until = at + Math.min(refuseSeconds, master.settings.maxRefuseSeconds) * 1000
  const refused: Refused = { slave, claim, resources, offerId, at: until, state: 'declined' }
  moveRefused(master, refused, 'filter')
  if (!claim.refusals.has(slave)) slave.refusals++
  claim.refusals.set(slave, refused)
  slave.refusedBy.add(claim.index)
  slave.leastRefused = least(slave.leastRefused, resources)
  master.refusals.push(refused)
  return until
}

/** Its time is over. Whether that is news: a later refusal, or a revival, may have taken its place. */
export function lapse(master: Master, refused: Refused): boolean {
  const { claim, slave } = refused
  moveRefused(master, refused, 'lapse')
  if (claim.refusals.get(slave) !== refused) return false
  claim.refusals.delete(slave)
  unmark(slave, claim)
  return true
}

/** All that the claim has refused is forgotten early. */
export function forgetRefusals(master: Master, claim: Claim): void {
  for (const [slave, refused] of claim.refusals) {
    moveRefused(master, refused, 'lapse')
    unmark(slave, claim)
  }
  claim.refusals.clear()
  claim.declinedInRow = 0
}

/**
 * How long a refusal lasts at the least: whoever has declined everything round after round, and taken nothing, is asked
 * more and more seldom. Undefined for everybody else.
 */
export function backedOffSeconds({ settings, slaves }: Master, claim: Claim): number | undefined {
  const rounds = Math.floor(claim.declinedInRow / Math.max(1, slaves.size))
  const beyond = rounds - settings.declineRounds
  if (beyond < 0) return undefined
  return Math.min(
    settings.declineBackoffMaxSeconds,
    settings.declineBackoffSeconds * 2 ** Math.min(beyond, 30),
  )
}

function unmark(slave: Slave, claim: Claim): void {
  slave.refusedBy.delete(claim.index)
  slave.refusals--
  if (slave.refusals === 0) slave.leastRefused = undefined
}

/** Of each kind the less of the two. */
function least(a: Tally | undefined, b: Tally): Tally {
  const both = newTally()
  for (const kind of kinds) both[kind] = a ? Math.min(a[kind], b[kind]) : b[kind]
  const names = Object.keys({ ...a?.scalars, ...b.scalars })
  if (names.length > 0)
    both.scalars = Object.fromEntries(
      names.map((name) => [name, Math.min(a ? scalarOf(a, name) : scalarOf(b, name), scalarOf(b, name))]),
    )
  return both
}
