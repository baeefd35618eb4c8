/** What must be so in the books of a leader after every event, counted anew from the things themselves. */
import { fits, kinds } from '../../shared/resources.ts'
import { count, excess, isSome, newTally, type Tally } from '../../shared/tally.ts'
import { recount } from '../../statecharts/master/allocator/allocate.ts'
import { contributionOf } from '../../statecharts/master/allocator/judge.ts'
import type { Claim, Master, Slave } from '../../statecharts/master/ledger.ts'
import { heldByRole } from '../../statecharts/master/reserved.ts'
import { everyRole, lackOf, type Role } from '../../statecharts/master/roles.ts'

/** Throws with what is not so. */
export function checkShares(master: Master): void {
  const claims = [...master.frameworks.values()].flatMap((framework) => [...framework.claims.values()])
  for (const claim of claims) claimIsExact(master, claim)
  for (const role of everyRole(master.root)) if (role.parent) roleIsExact(master, role)
  for (const slave of master.slaves.values()) slaveIsExact(slave, claims)
  recount(master)
  const available = newTally()
  for (const slave of master.slaves.values()) count(available, contributionOf(slave), 1)
  same(master.available, available, 'what may be offered in all')
}

function claimIsExact(master: Master, claim: Claim): void {
  const booked = newTally()
  const offered = newTally()
  const regular = newTally()
  for (const slave of master.slaves.values()) {
    for (const task of slave.tasks.values())
      if (task.claim === claim) {
        count(booked, task.spec.resources, 1)
        if (!task.spec.revocable) count(regular, task.spec.resources, 1)
      }
    for (const executor of slave.executors.values())
      if (executor.claim === claim) {
        count(booked, executor.resources, 1)
        count(regular, executor.resources, 1)
      }
    for (const offer of slave.offers)
      if (offer.claim === claim) {
        count(offered, offer.resources, 1)
        if (offer.kind !== 'revocable') count(regular, offer.resources, 1)
      }
  }
  const name = `framework ${claim.framework.name} in ${claim.role.path}`
  same(claim.booked, booked, `booked by ${name}`)
  same(claim.offered, offered, `offered to ${name}`)
  same(claim.regular, regular, `regular of ${name}`)
}

function roleIsExact(master: Master, role: Role): void {
  const [booked, offered, consumed, revocable] = [newTally(), newTally(), newTally(), newTally()]
  let wanting = 0
  for (const each of everyRole(role))
    for (const claim of each.own.claims) {
      count(booked, claim.booked, 1)
      count(offered, claim.offered, 1)
      count(consumed, claim.regular, 1)
      for (const held of [claim.booked, claim.offered]) count(revocable, held, 1)
      count(revocable, claim.regular, -1)
      if (claim.wants) wanting++
    }
  for (const slave of master.slaves.values())
    for (const [path, part] of slave.reserved ?? [])
      if (path === role.path || path.startsWith(`${role.path}/`))
        count(consumed, excess(part.reserved, part.held), 1)
  same(role.booked, booked, `booked in role ${role.path}`)
  same(role.offered, offered, `offered to role ${role.path}`)
  same(role.consumed, consumed, `consumed by role ${role.path}`)
  same(role.revocable, revocable, `revocable of role ${role.path}`)
  if (role.wanting !== wanting) wrong(`role ${role.path} has ${role.wanting} that want, counted ${wanting}`)
  const below = newTally()
  for (const child of role.children.values()) count(below, child.need, 1)
  same(role.needBelow, below, `needed below role ${role.path}`)
  const need = excess(lackOf(role), below)
  count(need, below, 1)
  same(role.need, need, `needed by role ${role.path}`)
}

function slaveIsExact(slave: Slave, claims: readonly Claim[]): void {
  const held = heldByRole(slave)
  for (const [path, part] of slave.reserved ?? [])
    same(part.held, held.get(path) ?? newTally(), `held by ${path} of slave ${slave.name}`)
  let refusals = 0
  for (const claim of claims) {
    const refused = claim.refusals.get(slave)
    if (refused) refusals++
    if (slave.refusedBy.has(claim.index) !== (refused !== undefined))
      wrong(`the bit of ${claim.name} on slave ${slave.name} is wrong`)
    if (
      refused &&
      slave.leastRefused &&
      kinds.some((kind) => (slave.leastRefused as Tally)[kind] > refused.resources[kind])
    )
      wrong(`the least that was refused of slave ${slave.name} is more than ${claim.name} refused`)
  }
  if (slave.refusals !== refusals)
    wrong(`slave ${slave.name} counts ${slave.refusals} refusals of ${refusals}`)
}

function same(kept: Tally, counted: Tally, what: string): void {
  if (isSome(excess(kept, counted)) || isSome(excess(counted, kept)) || !fits(kept, counted))
    wrong(`${what}: the books say ${JSON.stringify(kept)}, counted ${JSON.stringify(counted)}`)
}

function wrong(how: string): never {
  throw new Error(how)
}
