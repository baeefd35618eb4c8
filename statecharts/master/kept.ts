/**
 * What is kept for one role, for a while: a slave, until enough of it is free for one large offer; and what was taken back
 * for a role that is owed it, so that of several who are owed something none is served with what another's tasks died for.
 */

import { kinds } from '../../shared/resources.ts'
import { isWithin } from '../../shared/roles.ts'
import { copyOf, count, excess, isSome, newTally, raise, scalarOf, type Tally } from '../../shared/tally.ts'
import type { Claim, Earmark, Master, Slave } from './ledger.ts'
import type { Role } from './roles.ts'

/** So much of a slave is kept for a role, as the last of those for whom something is kept there. */
export function earmark(master: Master, slave: Slave, kept: Earmark): void {
  slave.earmarks.set(kept.role, kept)
  master.keptSlaves.add(slave)
}

/** Nothing of a slave is kept for a role any more. */
export function dropEarmark(master: Master, slave: Slave, role: Role): void {
  slave.earmarks.delete(role)
  forgetUnlessKept(master, slave)
}

/** What is kept of a slave, as a claim sees it: for those before him, for himself, and for those behind him. */
export interface Marks {
  readonly before: readonly Earmark[]
  readonly own: readonly Earmark[]
  readonly behind: readonly Earmark[]
}

/** In the order in which it was taken back; for whom nothing is kept, everybody else is before him. */
export function marksFor({ role }: Claim, { earmarks }: Slave, at: number): Marks {
  const marks = { before: [] as Earmark[], own: [] as Earmark[], behind: [] as Earmark[] }
  for (const each of earmarks.values()) {
    if (each.until <= at || each.role.wanting === 0) continue
    if (isWithin(role.path, each.role.path)) marks.own.push(each)
    else (marks.own.length > 0 ? marks.behind : marks.before).push(each)
  }
  return marks
}

/** What of so much a claim may have beside what is kept for others: of theirs who are behind him no more than what is his. */
export function beside(room: Tally, { before, own, behind }: Marks): Tally {
  const most = less(room, before)
  const his = newTally()
  for (const { amount } of own) count(his, amount, 1)
  const bound = less(most, behind)
  raise(bound, his)
  for (const kind of kinds) most[kind] = Math.min(most[kind], bound[kind])
  for (const name in most.scalars)
    most.scalars = { ...most.scalars, [name]: Math.min(scalarOf(most, name), scalarOf(bound, name)) }
  return most
}

function less(room: Tally, marks: readonly Earmark[]): Tally {
  const rest = copyOf(room)
  for (const { amount } of marks) count(rest, amount, -1)
  return rest
}

/** The claim is offered so much of a slave: it is not kept for it any more, and neither is the slave for a large offer. */
export function letGo(master: Master, { role: { path } }: Claim, slave: Slave, offered: Tally): void {
  const isFor = (role: Role) => isWithin(path, role.path)
  if (slave.keptFor && isFor(slave.keptFor.role)) {
    slave.keptFor = undefined
    master.eased = true
  }
  for (const { role, amount, until } of [...slave.earmarks.values()].filter(({ role }) => isFor(role))) {
    const left = excess(amount, offered)
    if (isSome(left)) slave.earmarks.set(role, { role, amount: left, until })
    else slave.earmarks.delete(role)
    master.eased = true
  }
  forgetUnlessKept(master, slave)
}

/** When the first thing ends that is kept of a slave. */
export const keptUntil = ({ keptFor, earmarks }: Slave): number =>
  Math.min(...[keptFor, ...earmarks.values()].map((kept) => kept?.until ?? Number.POSITIVE_INFINITY))

/** What was kept long enough is kept no longer; of these slaves. */
export function endKept(master: Master, at: number): Slave[] {
  const ended = [...master.keptSlaves].filter((slave) => keptUntil(slave) <= at)
  for (const slave of ended) {
    if (slave.keptFor && slave.keptFor.until <= at) slave.keptFor = undefined
    for (const { role, until } of [...slave.earmarks.values()]) if (until <= at) slave.earmarks.delete(role)
    forgetUnlessKept(master, slave)
  }
  return ended
}

function forgetUnlessKept(master: Master, slave: Slave): void {
  if (!slave.keptFor && slave.earmarks.size === 0) master.keptSlaves.delete(slave)
}
