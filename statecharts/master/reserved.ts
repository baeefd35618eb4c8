/** Reservations in the books: what of a slave is for one role alone counts as that role's, whether it holds it or not. */
import type { Holdings } from '../../shared/messages.ts'
import type { Resources } from '../../shared/resources.ts'
import { count, excess, isSome, newTally, type Tally } from '../../shared/tally.ts'
import type { Kind, Master, ReservedParts, Slave } from './ledger.ts'
import { consumeFor, enterRole, pruneRole, resolved } from './roles.ts'

/** The slave holds this for roles from now on; volumes are no disk any more that could be offered. */
export function applyHoldings(master: Master, slave: Slave, holdings: Holdings): void {
  countIdle(master, slave, -1)
  count(master.total, slave.total, -1)
  const { total, parts } = reservedAfter(master, slave, holdings, heldByRole(slave))
  Object.assign(slave, { holdings, total, free: undefined })
  slave.reserved = parts.size > 0 ? parts : undefined
  count(master.total, total, 1)
  countIdle(master, slave, 1)
  master.uncounted.add(slave)
  master.measure++
  // What is reserved for a role is not owed to it any more: there may be more room for others.
  master.eased = true
}

/** A slave leaves the books: nothing of it is reserved for anybody any more. */
export function dropReserved(master: Master, slave: Slave): void {
  countIdle(master, slave, -1)
  slave.reserved = undefined
}

/** What a slave would have, and what of it would be for whom, with these holdings. */
export function reservedAfter(
  master: Master,
  slave: Slave,
  holdings: Holdings,
  held: ReadonlyMap<string, Tally>,
): { total: Resources; parts: ReservedParts } {
  const parts: ReservedParts = new Map()
  const partOf = (role: string) => {
    const path = resolved(master, role)
    const part = parts.get(path) ?? { reserved: newTally(), held: held.get(path) ?? newTally() }
    parts.set(path, part)
    return part
  }
  for (const { role, resources } of [...slave.ownReserved, ...holdings.reserved])
    count(partOf(role).reserved, resources, 1)
  const total = { ...slave.declared }
  for (const { role, diskMb } of holdings.volumes) {
    total.diskMb -= diskMb
    partOf(role).reserved.diskMb -= diskMb
  }
  return { total, parts }
}

/** What each role holds of a slave, leaving out what is revocable; without `offers`, only what is booked. */
export function heldByRole(slave: Slave, offers = true): Map<string, Tally> {
  const held = new Map<string, Tally>()
  const enter = (path: string, resources: Tally, kind: Kind) => {
    if (kind === 'revocable') return
    const tally = held.get(path) ?? newTally()
    count(tally, resources, 1)
    held.set(path, tally)
  }
  for (const { claim, spec } of slave.tasks.values())
    enter(claim.role.path, spec.resources, spec.revocable ? 'revocable' : 'regular')
  for (const { claim, resources } of slave.executors.values()) enter(claim.role.path, resources, 'regular')
  if (offers) for (const { claim, resources, kind } of slave.offers) enter(claim.role.path, resources, kind)
  return held
}

/** What is reserved of a slave for roles that do not hold it. */
export function idleOf({ reserved }: Slave): Tally {
  const idle = newTally()
  for (const part of reserved?.values() ?? []) count(idle, excess(part.reserved, part.held), 1)
  return idle
}

/** What is reserved and not held counts for its role, and for those above it, all the same. */
function countIdle(master: Master, slave: Slave, sign: 1 | -1): void {
  for (const [path, { reserved, held }] of slave.reserved ?? []) {
    const idle = excess(reserved, held)
    if (!isSome(idle)) continue
    const role = enterRole(master, path)
    consumeFor(role, idle, sign)
    pruneRole(role)
  }
}
