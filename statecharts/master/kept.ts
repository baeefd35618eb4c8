/**
 * What is kept for one role, for a while: a slave, until enough of it is free for one large offer; and what was taken back
 * for a role that is owed it, so that of several who are owed something none is served with what another's tasks died for.
 */
import { isWithin } from '../../shared/roles.ts'
import { excess, isSome, type Tally } from '../../shared/tally.ts'
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

/** What of a slave is kept from a claim, for others; for whom something is kept, too, only for those before him. */
export function earmarksAgainst({ role }: Claim, { earmarks }: Slave, at: number): Earmark[] {
  const against: Earmark[] = []
  for (const each of earmarks.values()) {
    if (each.until <= at || each.role.wanting === 0) continue
    if (isWithin(role.path, each.role.path)) break
    against.push(each)
  }
  return against
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
