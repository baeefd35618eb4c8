/**
 * What of a slave a claim may be offered, and if nothing, what stands in the way: the one function that decides it. The
 * allocation asks it and hears an amount or nothing; who explains asks it, too, and listens to what it says on the way.
 */

import { unmetRule } from '../../../shared/attributes.ts'
import type { ObstacleCode } from '../../../shared/messages.ts'
import { fits, isNone, kinds, type Resources } from '../../../shared/resources.ts'
import { asAmount, isWithin, type Quota } from '../../../shared/roles.ts'
import { count, excess, isSome, newTally, raise, scalarOf, type Tally } from '../../../shared/tally.ts'
import { consumedOf } from '../books.ts'
import { wantsNone } from '../claims.ts'
import { beside, marksFor } from '../kept.ts'
import { type Claim, freeOf, isOpen, type Kept, type Kind, type Master, type Slave } from '../ledger.ts'
import { isOwed, owedTo, owedToOthers, pathOf, type Role, roomIn } from '../roles.ts'

/** Listens to what is decided on the way. */
export interface Listener {
  /** The first thing that stands in the way, with what it is about. */
  stop(code: ObstacleCode, about?: unknown): undefined
  /** Less than all that is free may be offered, for what is so elsewhere: it may change there. */
  squeezed?(): void
}

/** A claim and a slave, and which part of it. */
export interface Match {
  readonly claim: Claim
  readonly slave: Slave
  readonly kind: Kind
}

/** All that the claim may be offered of the slave in one offer of this kind now; undefined when that is nothing. */
export function offerable(
  master: Master,
  match: Match,
  at: number,
  listener: Listener,
): Resources | undefined {
  const { claim, slave } = match
  if (!claim.wants)
    return listener.stop(claim.subscribed && wantsNone(claim) ? 'framework-suppressed' : 'framework-away')
  if (claim.framework.offers.size >= master.settings.maxFrameworkOffers)
    return listener.stop('framework-full')
  if (!isOpen(slave)) return listener.stop(closedBy(slave))
  const unmet = unmetFilter(claim, slave)
  if (unmet !== undefined) return listener.stop('constrained', unmet)

  const free = freeOf(slave)
  if (!isWorthOffering(master, free)) return listener.stop(isNone(slave.offered) ? 'too-small' : 'offered')
  const amount = roomFor(master, match, free, at, listener)
  if (!amount) return undefined

  if (slave.refusedBy.has(claim.index)) {
    const refused = claim.refusals.get(slave)
    if (refused && fits(amount, refused.resources)) return listener.stop('filtered', refused)
  }
  const { keptFor } = slave
  if (keptFor && isKept(claim, keptFor, at)) return listener.stop('held', keptFor)
  const least = leastOf(claim)
  return least && !fits(least, amount) ? listener.stop('too-small', { least, amount }) : amount
}

/** Crumbs help nobody. */
export const isWorthOffering = ({ settings }: Master, { cpuMilli, memMb }: Resources): boolean =>
  cpuMilli >= Math.max(1, settings.minOfferCpuMilli) || memMb >= Math.max(1, settings.minOfferMemMb)

/** Whether a task could run on it: something of CPU and of memory both, and as much as the claim's offers must hold. */
export function isWhole({ settings }: Master, claim: Claim, amount: Resources): boolean {
  const { minOfferCpuMilli, minOfferMemMb } = settings
  const least = leastOf(claim)
  const isBoth =
    amount.cpuMilli >= Math.max(1, minOfferCpuMilli) && amount.memMb >= Math.max(1, minOfferMemMb)
  return isBoth && (!least || fits(least, amount))
}

/** The least that an offer to a claim must hold, beyond what is worth offering to anybody. */
export function leastOf({ role, filters }: Claim): Resources | undefined {
  const minOffer = minOfferOf(role)?.settings.minOffer
  if (!minOffer) return filters.atLeast
  const least = asAmount(minOffer)
  if (!filters.atLeast) return least
  const more = excess(filters.atLeast, least)
  count(more, least, 1)
  return filters.atLeast.ports ? { ...more, ports: filters.atLeast.ports } : more
}

/** The role, it or the nearest above it, for which the least offer is set. */
export function minOfferOf(role: Role): Role | undefined {
  for (const each of pathOf(role)) if (each.settings.minOffer) return each
  return undefined
}

function closedBy({ state, kept }: Slave): ObstacleCode {
  if (state === 'draining' || state === 'drained') return 'slave-draining'
  return state === 'active' && kept ? 'slave-closed' : 'slave-away'
}

/** The part of its own filters that a slave does not meet. */
function unmetFilter({ filters }: Claim, slave: Slave): string | undefined {
  const { slaves, attributes } = filters
  if (slaves && !slaves.includes(slave.name)) return 'slaves'
  return attributes && unmetRule(slave.attributes, attributes)
}

/** For another; but who is owed something goes before. */
const isKept = ({ role }: Claim, { role: other, until }: Kept, at: number): boolean =>
  until > at && other.wanting > 0 && !isWithin(role.path, other.path) && !isOwed(role)

/** What is left of what is free when everybody's rights to it are looked at, one after the other. */
function roomFor(
  master: Master,
  match: Match,
  free: Resources,
  at: number,
  listener: Listener,
): Resources | undefined {
  const { claim, slave, kind } = match
  const own = slave.reserved ? ownPart(slave, claim.role.path) : undefined
  const takes = kind === 'regular' || claim.framework.takes.has(kind)
  if (!takes) return listener.stop('short-only')
  let amount: Resources = free
  const cut = (room: Tally, names?: Quota): boolean => {
    const before = amount
    amount = capped(amount, room, own, names)
    return amount === before || isEnough(master, before, amount)
  }
  if (slave.earmarks.size > 0) {
    const marks = marksFor(claim, slave, at)
    const [first] = [...marks.before, ...marks.behind]
    if (first) listener.squeezed?.()
    if (first && !cut(beside(free, marks))) return listener.stop('held', first)
  }
  if (kind !== 'revocable') {
    if (slave.reserved && !cut(unreserved(slave))) return listener.stop('reserved', slave)
    if (kind === 'regular' && master.settings.shortTaskPart > 0 && !cut(longPart(master, slave)))
      return listener.stop('short-only')
  }
  for (const role of pathOf(claim.role)) {
    const { limit } = role.settings
    if (!limit) continue
    listener.squeezed?.()
    if (!cut(roomIn(role, limit), limit)) return listener.stop('role-limit', role)
  }
  if (kind === 'revocable' || !isSome(master.root.needBelow)) return amount
  listener.squeezed?.()
  return cut(headroomFor(master, claim.role)) ? amount : listener.stop('headroom', claim.role)
}

/** Whether a cut has left of CPU and of memory what is worth offering, where it was there before. */
function isEnough({ settings }: Master, before: Resources, after: Resources): boolean {
  const cpu = Math.max(1, settings.minOfferCpuMilli)
  const mem = Math.max(1, settings.minOfferMemMb)
  return !(before.cpuMilli >= cpu && after.cpuMilli < cpu) && !(before.memMb >= mem && after.memMb < mem)
}

/** No more than there is room for, beside what is the role's own anyway; of `names` only what it names is cut. */
function capped(amount: Resources, room: Tally, own: Tally | undefined, names?: Quota): Resources {
  let cut: Resources | undefined
  for (const kind of kinds) {
    if (names && names[kind] === undefined) continue
    const most = Math.max(0, room[kind]) + (own ? own[kind] : 0)
    if (amount[kind] <= most) continue
    cut ??= { ...amount }
    cut[kind] = most
  }
  for (const name in amount.scalars) {
    if (names && !Object.hasOwn(names.scalars ?? {}, name)) continue
    const most = Math.max(0, scalarOf(room, name)) + (own ? scalarOf(own, name) : 0)
    if (scalarOf(amount, name) <= most) continue
    cut = { ...(cut ?? amount), scalars: { ...(cut ?? amount).scalars, [name]: most } }
  }
  return cut ?? amount
}

/** What is reserved for a role on a slave, and not held by it. */
function ownPart({ reserved }: Slave, path: string): Tally | undefined {
  const part = reserved?.get(path)
  return part && excess(part.reserved, part.held)
}

/** What of a slave is nobody's: neither held, leaving out what is revocable, nor reserved. */
function unreserved({ total, booked, offered, revocable, reserved }: Slave): Tally {
  const room = newTally()
  count(room, total, 1)
  for (const held of [booked, offered]) count(room, held, -1)
  count(room, revocable, 1)
  for (const part of reserved?.values() ?? []) {
    count(room, part.held, 1)
    count(room, consumedOf(part), -1)
  }
  return room
}

/** What of a slave may yet be held by tasks that are not short. */
function longPart({ settings }: Master, { total, booked, offered, revocable, short }: Slave): Tally {
  const room = newTally()
  for (const kind of kinds) room[kind] = Math.floor(total[kind] * (1 - settings.shortTaskPart))
  if (total.scalars) room.scalars = { ...total.scalars }
  for (const held of [booked, offered]) count(room, held, -1)
  for (const other of [revocable, short]) count(room, other, 1)
  return room
}

/** What may be offered in all, less what others are owed of it; but what it is owed itself, whatever others are. */
function headroomFor(master: Master, role: Role): Tally {
  const room = newTally()
  count(room, master.available, 1)
  count(room, owedToOthers(role), -1)
  raise(room, owedTo(role))
  return room
}

/** What an open slave adds to all that may be offered: neither held, nor reserved, leaving out what is revocable. */
export const contributionOf = (slave: Slave): Tally => (isOpen(slave) ? unreserved(slave) : newTally())
