/** Claims: a framework in each of its roles. */
import type { RoleWish, Taken } from '../../shared/messages.ts'
import { count, newTally } from '../../shared/tally.ts'
import type { Claim, Framework, Master } from './ledger.ts'
import { forgetRefusals } from './refusals.ts'
import { consumeFor, enterRole, leaveLine, pathOf, pruneRole, type Role, resolved } from './roles.ts'

/** A framework is in these roles from now on, and in no others. Where it has something left elsewhere, that stays booked there. */
export function takeRoles(master: Master, framework: Framework, wishes: readonly RoleWish[]): void {
  const subscribed = new Set<Claim>()
  for (const claim of framework.claims.values()) claim.suppressedAs.clear()
  for (const { role, suppressed, filters = {} } of wishes) {
    const claim = claimIn(master, framework, role)
    claim.suppressedAs.set(role, suppressed)
    if (subscribed.has(claim)) continue
    subscribed.add(claim)
    // Its place among its siblings may go by its name.
    if (claim.name !== framework.name) claim.role.own.changed.add(claim)
    Object.assign(claim, { as: role, name: framework.name, subscribed: true, filters })
  }
  for (const claim of [...framework.claims.values()]) {
    if (subscribed.has(claim)) continue
    claim.subscribed = false
    forgetIfEmpty(master, claim)
  }
  countWanting(master, framework)
  for (const [kind, takers] of Object.entries(master.takers))
    takers[framework.takes.has(kind as Taken) ? 'add' : 'delete'](framework)
}

/** The framework's claim in a role, made where it has none there yet. */
export function claimIn(master: Master, framework: Framework, as: string): Claim {
  const path = resolved(master, as)
  const known = framework.claims.get(path)
  if (known) return known
  const role = enterRole(master, path)
  const claim: Claim = {
    kind: 'claim',
    framework,
    role,
    as,
    index: master.freeIndexes.pop() ?? master.claims++,
    subscribed: false,
    suppressedAs: new Map(),
    wants: false,
    filters: {},
    refusals: new Map(),
    things: 0,
    declinedInRow: 0,
    weight: 1,
    booked: newTally(),
    offered: newTally(),
    regular: newTally(),
    share: 0,
    measuredAt: Number.NaN,
    allocations: 0,
    name: framework.name,
    id: framework.frameworkId,
  }
  framework.claims.set(path, claim)
  enterClaim(role, claim)
  return claim
}

/** By all names, or by these; a claim may have several, when one of its roles was moved into another. */
export function suppress(
  { suppressedAs }: Claim,
  names: readonly string[] | undefined,
  suppressed: boolean,
): void {
  const meant = [...suppressedAs.keys()].filter((name) => !names || names.includes(name))
  for (const name of meant.length > 0 ? meant : suppressedAs.keys()) suppressedAs.set(name, suppressed)
}
/** By none of its names. */
export const wantsNone = ({ suppressedAs }: Claim): boolean => [...suppressedAs.values()].every(Boolean)

/** Whether each of its claims wants offers now. Whoever calls this has changed something that tells. */
export function countWanting(master: Master, framework: Framework): void {
  for (const claim of framework.claims.values()) {
    const wants = framework.state === 'active' && framework.kept && claim.subscribed && !wantsNone(claim)
    if (wants === claim.wants) continue
    setWants(master, claim, wants)
  }
}

/** A claim of which nothing is left, and in whose role its framework is not any more, leaves the tree. */
export function forgetIfEmpty(master: Master, claim: Claim): void {
  const { framework, role } = claim
  const lives = claim.subscribed && framework.state !== 'completed'
  if (lives || claim.things > 0) return
  if (framework.claims.get(role.path) !== claim) return
  if (claim.wants) setWants(master, claim, false)
  forgetRefusals(master, claim)
  master.freeIndexes.push(claim.index)
  master.waiting.delete(claim)
  framework.claims.delete(role.path)
  leaveClaim(role, claim)
  pruneRole(role)
}

/** Roles may have been moved: every claim stands where its role is now, with all that it holds. */
export function moveClaims(master: Master): void {
  for (const framework of master.frameworks.values()) {
    for (const [path, claim] of [...framework.claims]) {
      const now = resolved(master, path)
      if (now !== path) moveClaim(master, claim, now)
    }
  }
}

function moveClaim(master: Master, claim: Claim, to: string): void {
  const { role: from, framework, wants } = claim
  if (wants) setWants(master, claim, false)
  carry(claim, -1)
  framework.claims.delete(from.path)
  leaveClaim(from, claim)
  claim.role = enterRole(master, to)
  enterClaim(claim.role, claim)
  framework.claims.set(to, claim)
  carry(claim, 1)
  if (wants) setWants(master, claim, true)
  pruneRole(from)
}

/** Puts all that a claim holds into the books of its role and of those above it, or takes it out. */
function carry({ role, booked, offered, regular }: Claim, sign: 1 | -1): void {
  count(role.own.booked, booked, sign)
  count(role.own.offered, offered, sign)
  for (const each of pathOf(role)) {
    count(each.booked, booked, sign)
    count(each.offered, offered, sign)
    for (const amount of [booked, offered]) count(each.revocable, amount, sign)
    count(each.revocable, regular, sign === 1 ? -1 : 1)
    each.measuredAt = Number.NaN
  }
  consumeFor(role, regular, sign)
}

function enterClaim(role: Role, claim: Claim): void {
  role.own.claims.add(claim)
  role.own.changed.add(claim)
}
function leaveClaim(role: Role, claim: Claim): void {
  role.own.claims.delete(claim)
  leaveLine(role.own, claim)
}

function setWants(master: Master, claim: Claim, wants: boolean): void {
  claim.wants = wants
  if (wants) master.wanting.add(claim.index)
  else {
    master.wanting.delete(claim.index)
    master.waiting.delete(claim)
    // A slave may have been kept for it.
    if (master.keptSlaves.size > 0) master.eased = true
  }
  const { own } = claim.role
  own.wanting += wants ? 1 : -1
  own.changed.add(claim)
  claim.role.changed.add(own)
  for (const role of pathOf(claim.role)) {
    role.wanting += wants ? 1 : -1
    role.parent?.changed.add(role)
  }
}
