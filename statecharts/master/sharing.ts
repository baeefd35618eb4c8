/** Who is to get what: weights, guarantees, limits and the policy, as operators set them; and what is whose. */
import type { Body, RoleRow } from '../../shared/messages.ts'
import { asAmount, flawOfRole, isWithin, type RoleSettings, type Sharing } from '../../shared/roles.ts'
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
import { type Flaw, flawOfQuotas } from './quotas.ts'
import { charge } from './readers.ts'
import { keepSharing, type RegistryKept, sharingKey } from './registry.ts'
import { applyHoldings, dropReserved } from './reserved.ts'
import {
  applySharing,
  everyRole,
  followed,
  isOver,
  lackOf,
  pathOf,
  type Role,
  resolved,
  roleAt,
} from './roles.ts'
import { wholeOf } from './whole.ts'

type Wish = Body<'sharing.set'>['roles'][number]

/** All of it, or none. It counts at once; the answer comes when it would outlive this leader. */
export function setSharing(master: Master, heard: Heard<'sharing.set'>): Effect[] {
  const sharing = changedSharing(master, heard.body)
  if (isFlaw(sharing)) return deny(master, heard, sharing.code, sharing.detail)
  const flaw = flawOfQuotas(sharing.roles, master.sharing.roles, master.total, heard.body.force ?? false)
  if (flaw) return deny(master, heard, flaw.code, flaw.detail)
  adoptSharing(master, sharing)
  if (heard.reply !== undefined) master.sharingAsked.push(heard.reply)
  return [
    keepSharing(master),
    ...rescindOffers(master, offersOverLimits(master), 'role-limit', heard.at),
    ...lookAtAll(master, heard.at),
  ]
}

/** The sharing stands in the registry: whoever has set it hears so. */
export function noteSharingKept(master: Master, heard: RegistryKept): Effect[] {
  if (heard.key !== sharingKey || heard.epoch !== master.epoch) return []
  return master.sharingAsked.splice(0).map((to) => ({ do: 'reply', to, answer: { ok: true } }))
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

/** The sharing as it would be; or what makes no sense in what is asked for. */
function changedSharing(master: Master, { roles: wishes, policy }: Body<'sharing.set'>): Sharing | Flaw {
  const roles = new Map(Object.entries(master.sharing.roles))
  let { moved } = master.sharing
  for (const wish of wishes) {
    const flawed = flawOfRole(wish.role) ?? flawOfWeight(wish)
    if (flawed) return { code: flawOfRole(wish.role) ? 'bad-role' : 'bad-sharing', detail: flawed }
    // Who unsets the old name of a role that was moved forgets the move.
    if (wish.unset && Object.hasOwn(moved, wish.role)) {
      moved = Object.fromEntries(Object.entries(moved).filter(([old]) => old !== wish.role))
      continue
    }
    const path = resolved(master, wish.role)
    const set = settingsAfter(wish.unset ? {} : (roles.get(path) ?? {}), wish)
    if (Object.keys(set).length > 0) roles.set(path, set)
    else roles.delete(path)
    if (wish.moveTo === undefined) continue
    const leadsRound = isWithin(wish.moveTo, path)
    if (!leadsRound && !roleAt(master, path) && !roles.has(path))
      return { code: 'bad-sharing', detail: `there is no role ${path} to be moved` }
    const target = [...roles.keys()].find((of) => isWithin(of, wish.moveTo ?? ''))
    if (target !== undefined && roles.has(path))
      return {
        code: 'bad-sharing',
        detail: `something is set for role ${target} already: unset it, or ${path}, first`,
      }
    const moving = movedTo(master, moved, path, wish.moveTo)
    if (isFlaw(moving)) return moving
    moved = moving
    for (const [of, settings] of [...roles]) {
      if (!isWithin(of, path)) continue
      roles.delete(of)
      roles.set(wish.moveTo + of.slice(path.length), settings)
    }
  }
  if (roles.size > master.settings.maxRoles)
    return {
      code: 'bad-sharing',
      detail: `something would be set for ${roles.size} roles, and ${master.settings.maxRoles} may be`,
    }
  const asked = policy ?? master.sharing.policy
  if (policy !== undefined && !Object.hasOwn(master.policies, policy))
    return {
      code: 'policy-unknown',
      detail: `policy ${policy}; there are ${Object.keys(master.policies).join(', ')}`,
    }
  return { ...(asked !== undefined && { policy: asked }), roles: Object.fromEntries(roles), moved }
}

const isFlaw = (answer: object): answer is Flaw => 'detail' in answer && typeof answer.detail === 'string'

const flawOfWeight = ({ role, weight = 1 }: Wish): string | undefined =>
  weight >= 0.001 && weight <= 1000
    ? undefined
    : `the weight of role ${role} is ${weight}; it must lie between 0.001 and 1000`

/** An empty quota takes away what was set; a quota of nothing at all is one all the same: `limit cpus:0`. */
function settingsAfter(before: RoleSettings, wish: Wish): RoleSettings {
  const after = { ...before }
  if (wish.weight !== undefined) after.weight = wish.weight
  for (const name of ['guarantee', 'limit', 'minOffer'] as const) {
    const quota = wish[name]
    if (quota === undefined) continue
    if (Object.keys(quota).length === 0) delete after[name]
    else after[name] = quota
  }
  return after
}

/** Whoever names the old role is in the new one from then on. */
function movedTo(
  master: Master,
  moved: Readonly<Record<string, string>>,
  from: string,
  to: string,
): Readonly<Record<string, string>> | Flaw {
  const flawed = flawOfRole(to)
  if (flawed) return { code: 'bad-role', detail: flawed }
  if (isWithin(to, from)) return { code: 'role-cycle', detail: `role ${from} to ${to}` }
  const both = [...master.frameworks.values()].find(({ claims }) =>
    [...claims.keys()].some((path) => isWithin(path, from) && claims.has(to + path.slice(from.length))),
  )
  if (both) return { code: 'bad-sharing', detail: `framework ${both.name} is in ${from} and in ${to}` }
  const others = Object.entries(moved).filter(([old]) => !isWithin(old, to) && old !== from)
  const after = Object.fromEntries([...others, [from, to]])
  for (const old of Object.keys(after)) {
    const now = followed(after, old)
    if (now === undefined) return { code: 'role-cycle', detail: `role ${from} to ${to}` }
    const tooDeep = flawOfRole(now)
    if (tooDeep) return { code: 'bad-role', detail: tooDeep }
  }
  return after
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
const flawOfPolicyOf = ({ policyFlaw }: Master) => (policyFlaw === undefined ? {} : { policyFlaw })
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
