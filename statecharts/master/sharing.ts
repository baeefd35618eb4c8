/** Who is to get what: weights, guarantees, limits and the policy, as operators set them; and what is whose. */
import type { RoleRow } from '../../shared/messages.ts'
import { asAmount, type Sharing } from '../../shared/roles.ts'
import { copyOf, count, excess, isSome, newTally, type Tally } from '../../shared/tally.ts'
import { type Effect, grant, type Heard, note } from '../decision.ts'
import { drf } from './allocator/drf.ts'
import { shareOf } from './allocator/order.ts'
import { callerOf, deny } from './callers.ts'
import { moveClaims } from './claims.ts'
import { subscribedClaims } from './filters.ts'
import { lookAtAll } from './freed.ts'
import type { Master, Offer } from './ledger.ts'
import { rescindOffers } from './offers.ts'
import { sortedPage } from './pages.ts'
import { flawOfQuotas } from './quotas.ts'
import { charge } from './readers.ts'
import { keepSharing, type RegistryKept, sharingKey } from './registry.ts'
import { applyHoldings, dropReserved } from './reserved.ts'
import { applySharing, everyRole, isOver, lackOf, pathOf, type Role } from './roles.ts'
import { wholeOf } from './whole.ts'
import { isFlaw, sharingAfter, unsetBy } from './wishes.ts'

/** All of it, or none. It counts at once; the answer comes when it would outlive this leader. */
export function setSharing(master: Master, heard: Heard<'sharing.set'>): Effect[] {
  const sharing = sharingAfter(master, heard.body)
  if (isFlaw(sharing)) return deny(master, heard, sharing.code, sharing.detail)
  const flaw = flawOfQuotas(sharing.roles, master.sharing.roles, master.total, heard.body.force ?? false)
  if (flaw) return deny(master, heard, flaw.code, flaw.detail)
  const answer = unsetBy(master, heard.body)
  adoptSharing(master, sharing)
  if (heard.reply !== undefined) master.sharingAsked.push({ to: heard.reply, answer })
  return [
    keepSharing(master),
    ...rescindOffers(master, offersOverLimits(master), 'role-limit', heard.at),
    ...lookAtAll(master, heard.at),
  ]
}

/** The sharing stands in the registry: whoever has set it hears so. */
export function noteSharingKept(master: Master, heard: RegistryKept): Effect[] {
  if (heard.key !== sharingKey || heard.epoch !== master.epoch) return []
  return master.sharingAsked
    .splice(0)
    .map(({ to, answer }) => ({ do: 'reply', to, answer: { ok: true, ...answer } }))
}

/** What earlier leaders were told counts for this one, too. */
export function recallSharing(master: Master, sharing: Sharing): Effect[] {
  adoptSharing(master, sharing)
  const { policyFlaw } = master
  return policyFlaw === undefined ? [] : [note('error', policyFlaw)]
}

function adoptSharing(master: Master, sharing: Sharing): void {
  master.sharing = sharing
  const name = sharing.policy ?? master.settings.policy
  const known = Object.hasOwn(master.policies, name) ? master.policies[name] : undefined
  master.policy = known ?? drf
  master.policyFlaw = known ? undefined : `there is no policy ${name} here; drf serves instead`
  const holders = [...master.slaves.values()].filter(({ reserved }) => reserved)
  for (const slave of holders) dropReserved(master, slave)
  moveClaims(master)
  applySharing(master)
  for (const slave of holders) applyHoldings(master, slave, slave.holdings)
  master.measure++
}

/** Offers, the newest first, that put a role above its limit. */
function offersOverLimits(master: Master): Offer[] {
  const over: Offer[] = []
  const freed = new Map<Role, Tally>()
  for (const offer of [...master.offers.values()].reverse()) {
    const path = [...pathOf(offer.claim.role)]
    if (!path.some((role) => isOver(role, freed.get(role)))) continue
    over.push(offer)
    for (const role of path) {
      const tally = freed.get(role) ?? newTally()
      count(tally, offer.resources, 1)
      freed.set(role, tally)
    }
  }
  return over
}

/** The roles, by name. */
export function listRoles(master: Master, heard: Heard<'roles.list'>): Effect[] {
  const known = [...everyRole(master.root)].filter(({ parent }) => parent)
  const moved = Object.entries(master.sharing.moved).map(([path, movedTo]) => ({ path, movedTo }))
  const rowOf = (role: (typeof known | typeof moved)[number]) =>
    'movedTo' in role ? movedRow(role.path, role.movedTo) : roleRow(master, role)
  const { rows, next, looks } = sortedPage(
    [...known, ...moved],
    ({ path }) => path,
    rowOf,
    heard.body,
    byName,
  )
  charge(master, rows.length, looks)
  return grant(heard, {
    roles: rows,
    policy: master.policy.name,
    policies: Object.keys(master.policies),
    ...flawOfPolicyOf(master),
    ...next,
  })
}
/** Why it is not the one that was asked for. */
export const flawOfPolicyOf = ({ policyFlaw }: Master) => (policyFlaw === undefined ? {} : { policyFlaw })
const byName = (key: string, other: string): boolean => key > other

/** A framework asks what is its own. */
export function getShare(master: Master, heard: Heard<'share.get'>): Effect[] {
  const framework = callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  const { booked, offered } = framework
  const claims = subscribedClaims(framework)
  const guaranteed = newTally()
  for (const { role } of claims) count(guaranteed, entitledTo(master, role), 1)
  return grant(heard, {
    guaranteed,
    share: drf.measure(wholeOf(framework), master.total),
    roles: claims.map(({ role }) => roleRow(master, role)),
    booked: copyOf(booked),
    offered: copyOf(offered),
    total: copyOf(master.total),
  })
}

/** The guarantee of a role; where it has none, its part by weight of what is guaranteed to nobody. Among the frameworks in it, in equal parts. */
function entitledTo(master: Master, role: Role): Tally {
  const { guarantee } = role.settings
  const whole = guarantee ? asAmount(guarantee) : scaled(unguaranteed(master), fairShareOf(role))
  return scaled(whole, 1 / Math.max(1, role.own.claims.size))
}

function unguaranteed(master: Master): Tally {
  const owed = newTally()
  for (const role of master.root.children.values())
    if (role.settings.guarantee) count(owed, asAmount(role.settings.guarantee), 1)
  return excess(master.total, owed)
}

function scaled(amount: Tally, part: number): Tally {
  const { cpuMilli, memMb, diskMb, gpus } = amount
  const of = (quantity: number) => Math.floor(quantity * part)
  return { cpuMilli: of(cpuMilli), memMb: of(memMb), diskMb: of(diskMb), gpus: of(gpus) }
}

/** The part of the cluster that is a role's own by weight, were all to want theirs, 0..1. */
export function fairShareOf(role: Role): number {
  let part = 1
  for (const each of pathOf(role)) part *= each.weight / weightsIn(each.parent ?? each)
  return part
}

/** Of all siblings, and of the frameworks that are in the role itself, which stand among them with 1. */
function weightsIn({ children, own, parent }: Role): number {
  let weights = parent && own.claims.size > 0 ? 1 : 0
  for (const { weight } of children.values()) weights += weight
  return weights
}

function roleRow(master: Master, role: Role): RoleRow {
  const { path, weight, settings, booked, offered } = role
  const lacking = lackOf(role)
  const { weight: _weight, ...quotas } = settings
  return {
    role: path,
    weight,
    share: shareOf(master, role),
    fairShare: fairShareOf(role),
    ...quotas,
    ...(isSome(lacking) && { lacking }),
    booked: copyOf(booked),
    offered: copyOf(offered),
    frameworks: role.own.claims.size,
  }
}

const movedRow = (role: string, movedTo: string): RoleRow => ({
  role,
  movedTo,
  weight: 1,
  share: 0,
  fairShare: 0,
  booked: newTally(),
  offered: newTally(),
  frameworks: 0,
})
