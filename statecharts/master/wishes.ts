/** What would be set for roles after an operator's wishes: each is applied to a draft, and the first flaw ends it. */
import type { Answer, Body } from '../../shared/messages.ts'
import { flawOfRole, isWithin, type RoleSettings, type Sharing, weightBounds } from '../../shared/roles.ts'
import type { Master } from './ledger.ts'
import type { Flaw } from './quotas.ts'
import { followed, resolved, roleAt } from './roles.ts'

type Wish = Body<'sharing.set'>['roles'][number]
type Moved = Sharing['moved']

interface Draft {
  readonly roles: Map<string, RoleSettings>
  moved: Moved
}

/** The sharing as it would be; or what makes no sense in what is asked for. */
export function sharingAfter(master: Master, { roles: wishes, policy }: Body<'sharing.set'>): Sharing | Flaw {
  const draft = { roles: new Map(Object.entries(master.sharing.roles)), moved: master.sharing.moved }
  for (const wish of wishes) {
    const flaw = flawOfWish(wish) ?? fulfil(master, draft, wish)
    if (flaw) return flaw
  }
  const flaw = tooMany(master, draft) ?? unknownPolicy(master, policy)
  if (flaw) return flaw
  const asked = policy ?? master.sharing.policy
  return {
    ...(asked !== undefined && { policy: asked }),
    roles: Object.fromEntries(draft.roles),
    moved: draft.moved,
  }
}

/** For which of the roles that are to be unset anything is set. */
export function unsetBy(master: Master, { roles: wishes }: Body<'sharing.set'>): Answer<'sharing.set'> {
  const { roles, moved } = master.sharing
  const isSet = (role: string) => Object.hasOwn(moved, role) || Object.hasOwn(roles, resolved(master, role))
  const unset = wishes.filter((wish) => wish.unset && isSet(wish.role)).map(({ role }) => role)
  return unset.length > 0 ? { unset } : {}
}

export const isFlaw = (answer: object): answer is Flaw =>
  'detail' in answer && typeof answer.detail === 'string'

const senseless = (detail: string): Flaw => ({ code: 'bad-sharing', detail })

function flawOfWish({ role, weight = 1 }: Wish): Flaw | undefined {
  const flawed = flawOfRole(role)
  if (flawed) return { code: 'bad-role', detail: flawed }
  const { min, max } = weightBounds
  if (weight >= min && weight <= max) return undefined
  return senseless(`the weight of role ${role} is ${weight}; it must lie between ${min} and ${max}`)
}

function fulfil(master: Master, draft: Draft, wish: Wish): Flaw | undefined {
  const { role, unset, moveTo } = wish
  // Who unsets the old name of a role that was moved forgets the move.
  if (unset && Object.hasOwn(draft.moved, role)) {
    draft.moved = Object.fromEntries(Object.entries(draft.moved).filter(([old]) => old !== role))
    return undefined
  }
  const path = resolved(master, role)
  const set = settingsAfter(unset ? {} : (draft.roles.get(path) ?? {}), wish)
  if (Object.keys(set).length > 0) draft.roles.set(path, set)
  else draft.roles.delete(path)
  return moveTo === undefined ? undefined : move(master, draft, path, moveTo)
}

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

/** A role goes to another place in the tree, with what is set for it and for those below it. */
function move(master: Master, draft: Draft, from: string, to: string): Flaw | undefined {
  const { roles } = draft
  if (!isWithin(to, from) && !roleAt(master, from) && !roles.has(from))
    return senseless(`there is no role ${from} to be moved`)
  const taken = [...roles.keys()].find((path) => isWithin(path, to))
  if (taken !== undefined && roles.has(from))
    return senseless(`something is set for role ${taken} already: unset it, or ${from}, first`)
  const after = movedTo(master, draft.moved, from, to)
  if (isFlaw(after)) return after
  draft.moved = after.moved
  for (const [path, settings] of [...roles]) {
    if (!isWithin(path, from)) continue
    roles.delete(path)
    roles.set(to + path.slice(from.length), settings)
  }
  return undefined
}

/** Whoever names the old role is in the new one from then on. */
function movedTo(master: Master, moved: Moved, from: string, to: string): { moved: Moved } | Flaw {
  const flawed = flawOfRole(to)
  if (flawed) return { code: 'bad-role', detail: flawed }
  if (isWithin(to, from)) return roundabout(from, to)
  const both = [...master.frameworks.values()].find(({ claims }) =>
    [...claims.keys()].some((path) => isWithin(path, from) && claims.has(to + path.slice(from.length))),
  )
  if (both) return senseless(`framework ${both.name} is in ${from} and in ${to}`)
  const others = Object.entries(moved).filter(([old]) => !isWithin(old, to) && old !== from)
  const after = Object.fromEntries([...others, [from, to]])
  for (const old of Object.keys(after)) {
    const now = followed(after, old)
    if (now === undefined) return roundabout(from, to)
    const tooDeep = flawOfRole(now)
    if (tooDeep) return { code: 'bad-role', detail: tooDeep }
  }
  return { moved: after }
}

const roundabout = (from: string, to: string): Flaw => ({
  code: 'role-cycle',
  detail: `role ${from} to ${to}`,
})

function tooMany({ settings: { maxRoles } }: Master, { roles }: Draft): Flaw | undefined {
  if (roles.size <= maxRoles) return undefined
  return senseless(`something would be set for ${roles.size} roles, and ${maxRoles} may be`)
}

function unknownPolicy({ policies }: Master, policy: string | undefined): Flaw | undefined {
  if (policy === undefined || Object.hasOwn(policies, policy)) return undefined
  const known = Object.keys(policies).join(', ')
  return { code: 'policy-unknown', detail: `policy ${policy}; there are ${known}` }
}
