/**
 * The tree of roles. Every node knows what all below it hold, and what it holds less than its guarantee; siblings
 * compete by their shares. Frameworks that are in a role which has roles below it compete with those as one of weight 1.
 */
import type { MasterSettings } from '../../shared/config.ts'
import { kinds } from '../../shared/resources.ts'
import { asAmount, parentOf, type Quota, type RoleSettings, type Sharing } from '../../shared/roles.ts'
import { count, excess, isSome, newTally, scalarOf, type Tally } from '../../shared/tally.ts'
import type { Claim, Master } from './ledger.ts'

/** What policies put in order: see `Claimant`. */
interface Competing {
  readonly name: string
  readonly id: string
  weight: number
  readonly booked: Tally
  readonly offered: Tally
  share: number
  /** The size of the cluster by which that was measured; NaN when what it holds has changed since. */
  measuredAt: number
  allocations: number
}
/** A node with siblings below it, in the order in which they are served. */
interface Branch extends Competing {
  line: (Role | Own | Claim)[]
  /** Who holds something else since it was put in order, has come, or gone, or may have more; and whether that may be anybody. */
  readonly changed: Set<Role | Own | Claim>
  regroup: boolean
  /** The size of the cluster by which it was put in order. */
  orderedAt: number
}

export interface Role extends Branch {
  readonly kind: 'role'
  readonly path: string
  readonly parent: Role | undefined
  readonly children: Map<string, Role>
  /** The frameworks that are in this very role. */
  readonly own: Own
  settings: RoleSettings
  /** What counts towards guarantee and limit, in all roles below it, too: nothing that is revocable; what is reserved, always. */
  readonly consumed: Tally
  readonly revocable: Tally
  /** What it holds less than its guarantee, or all below it together less than theirs; and the latter alone. */
  need: Tally
  readonly needBelow: Tally
  /** Claims below it that want offers. */
  wanting: number
}
/** The frameworks of one role. */
export interface Own extends Branch {
  readonly kind: 'own'
  readonly role: Role
  readonly claims: Set<Claim>
  /** Those of them that want offers. */
  wanting: number
}

export const newRoot = (): Role => newRole('', '', undefined, 1)

function newRole(path: string, name: string, parent: Role | undefined, weight: number): Role {
  const role: Omit<Role, 'own'> = {
    kind: 'role',
    path,
    parent,
    children: new Map(),
    settings: {},
    consumed: newTally(),
    revocable: newTally(),
    need: newTally(),
    needBelow: newTally(),
    wanting: 0,
    ...newBranch(name, path, weight),
  }
  const own: Omit<Own, 'role'> = {
    kind: 'own',
    claims: new Set(),
    wanting: 0,
    ...newBranch('.', path, 1),
  }
  Object.assign(own, { role })
  return Object.assign(role, { own: own as Own })
}

const newBranch = (name: string, id: string, weight: number): Branch => ({
  name,
  id,
  weight,
  booked: newTally(),
  offered: newTally(),
  share: 0,
  measuredAt: Number.NaN,
  allocations: 0,
  line: [],
  changed: new Set(),
  regroup: true,
  orderedAt: Number.NaN,
})

/** It is none of those below the branch any more; nobody may ask for the line for long, so nothing is left for then. */
export function leaveLine({ line, changed }: Branch, sibling: Role | Claim): void {
  changed.delete(sibling)
  const at = line.indexOf(sibling)
  if (at >= 0) line.splice(at, 1)
}

/** The role of this path, if anybody is in it or anything is set for it. */
export function roleAt(master: Master, path: string): Role | undefined {
  let role: Role | undefined = master.root
  for (const part of path.split('/')) role = role?.children.get(part)
  return role
}

/** The role of this path, made with all above it where it is new. */
export function enterRole(master: Master, path: string): Role {
  const known = roleAt(master, path)
  if (known) return known
  const above = parentOf(path)
  const parent = above === undefined ? master.root : enterRole(master, above)
  const name = path.slice(above === undefined ? 0 : above.length + 1)
  const role = newRole(path, name, parent, weightOf(master, path))
  role.settings = settingsOf(master, path)
  parent.children.set(name, role)
  parent.changed.add(role)
  reckonNeed(role)
  return role
}

/** A role in which nobody is, and for which nothing is set, leaves the tree, and those above it that are left so. */
export function pruneRole(role: Role): void {
  const { parent, children, own, settings, name } = role
  if (!parent || children.size > 0 || own.claims.size > 0 || Object.keys(settings).length > 0) return
  if (isSome(role.consumed)) return
  parent.children.delete(name)
  leaveLine(parent, role)
  pruneRole(parent)
}

/** A role's path as it is now: it, or one above it, may have been moved. */
export const resolved = (master: Master, path: string): string => followed(master.sharing.moved, path) ?? path

/** Where a path leads when roles are moved so; undefined when it leads round and round. */
export function followed(moved: Sharing['moved'], path: string): string | undefined {
  let now = path
  for (let steps = Object.keys(moved).length; ; steps--) {
    const next = movedOnce(moved, now)
    if (next === undefined) return now
    if (steps === 0) return undefined
    now = next
  }
}

function movedOnce(moved: Sharing['moved'], path: string): string | undefined {
  for (let above: string | undefined = path; above !== undefined; above = parentOf(above)) {
    const to = Object.hasOwn(moved, above) ? moved[above] : undefined
    if (to !== undefined) return to + path.slice(above.length)
  }
  return undefined
}

const settingsOf = (master: Master, path: string): RoleSettings => {
  const { roles } = master.sharing
  return Object.hasOwn(roles, path) ? (roles[path] ?? {}) : {}
}
/** As an operator has set it, else as the master was started with. A role is any text, `constructor` too. */
export function weightOf(master: Master, path: string): number {
  const { weights } = master.settings
  return settingsOf(master, path).weight ?? (Object.hasOwn(weights, path) ? weights[path] : undefined) ?? 1
}

/** The sharing has changed: every role goes by it from now on. */
export function applySharing(master: Master): void {
  for (const path of Object.keys(master.sharing.roles)) enterRole(master, path)
  for (const role of everyRole(master.root)) {
    if (!role.parent) continue
    role.settings = settingsOf(master, role.path)
    role.weight = weightOf(master, role.path)
    role.measuredAt = Number.NaN
    role.parent.regroup = true
  }
  const deepestFirst = [...everyRole(master.root)].reverse()
  for (const role of deepestFirst) reckonNeed(role)
  for (const role of deepestFirst) pruneRole(role)
  master.limited = deepestFirst.some(({ settings }) => settings.limit)
}

/** A role and all below it, those above first. */
export function* everyRole(role: Role): Iterable<Role> {
  yield role
  for (const child of role.children.values()) yield* everyRole(child)
}

/** A role and all above it but the root, which is nobody's. */
export function* pathOf(role: Role): Iterable<Role> {
  for (let each = role; each.parent; each = each.parent) yield each
}

/** What it holds less than its own guarantee. */
export const lackOf = ({ settings, consumed }: Role): Tally =>
  settings.guarantee ? excess(asAmount(settings.guarantee), consumed) : newTally()
/**
 * How much of its guarantee is not used, by the kind of which it uses the largest part, 0..1: who has all of his CPUs is
 * owed no more memory for them. What he does not use of the others is held back for him all the same.
 */
export function unusedPart({ settings: { guarantee = {} }, consumed }: Role): number {
  let least = 1
  for (const kind of kinds) least = Math.min(least, unused(guarantee[kind], consumed[kind]))
  for (const [name, guaranteed] of Object.entries(guarantee.scalars ?? {}))
    least = Math.min(least, unused(guaranteed, scalarOf(consumed, name)))
  return least
}
const unused = (guaranteed = 0, consumed: number): number =>
  guaranteed === 0 ? 1 : Math.max(0, 1 - consumed / guaranteed)

export const isLacking = (role: Role): boolean =>
  role.settings.guarantee !== undefined && isSome(lackOf(role)) && unusedPart(role) > 0
/** Whether it, or a role above it, holds less than is guaranteed to it. */
export const isOwed = (role: Role): boolean => [...pathOf(role)].some(isLacking)

/** It counts towards the guarantee and the limit of a role, and of those above it. */
export function consumeFor(role: Role, amount: Tally, sign: 1 | -1): void {
  for (const each of pathOf(role)) count(each.consumed, amount, sign)
  reckonNeed(role)
}

/** What it needs is counted anew, here and in all roles above it. */
function reckonNeed(role: Role): void {
  for (let each: Role | undefined = role; each; each = each.parent) {
    const { parent } = each
    if (!each.settings.guarantee && !isSome(each.needBelow) && !isSome(each.need)) continue
    const before = each.need
    each.need = larger(lackOf(each), each.needBelow)
    if (!parent) continue
    count(parent.needBelow, before, -1)
    count(parent.needBelow, each.need, 1)
  }
}

/** What others than the frameworks in this very role are owed of all that may be offered: those below it, and beside it. */
export function owedToOthers(role: Role): Tally {
  const owed = newTally()
  count(owed, role.needBelow, 1)
  for (let each = role; each.parent; each = each.parent) {
    count(owed, each.parent.needBelow, 1)
    count(owed, each.need, -1)
  }
  return owed
}

/** What a role is owed itself, by its own guarantee or by one above it of which nobody else in it is owed that. */
export function owedTo(role: Role): Tally {
  let owed = newTally()
  const others = newTally()
  count(others, role.needBelow, 1)
  for (let each = role; each.parent; each = each.parent) {
    owed = larger(owed, excess(lackOf(each), others))
    count(others, each.parent.needBelow, 1)
    count(others, each.need, -1)
  }
  return owed
}

function larger(a: Tally, b: Tally): Tally {
  const both = newTally()
  count(both, b, 1)
  count(both, excess(a, b), 1)
  return both
}

/** What it may hold more by its own limit: of what the limit names. */
export function roomIn({ consumed, revocable }: Role, limit: Quota): Tally {
  const held = newTally()
  count(held, consumed, 1)
  count(held, revocable, 1)
  return excess(asAmount(limit), held)
}

/** Whether it holds more than its limit, even when so much of that is given back. */
export function isOver({ settings: { limit }, consumed, revocable }: Role, back = newTally()): boolean {
  if (!limit) return false
  const held = newTally()
  for (const amount of [consumed, revocable]) count(held, amount, 1)
  count(held, back, -1)
  const most = asAmount(limit)
  return (
    kinds.some((kind) => limit[kind] !== undefined && held[kind] > most[kind]) ||
    Object.keys(limit.scalars ?? {}).some((name) => scalarOf(held, name) > scalarOf(most, name))
  )
}

/** Whether its limit leaves it nothing that would be worth an offer. */
export function isFull(role: Role, { minOfferCpuMilli, minOfferMemMb }: MasterSettings): boolean {
  const { limit } = role.settings
  if (!limit) return false
  const { cpuMilli, memMb } = roomIn(role, limit)
  return (
    (limit.cpuMilli !== undefined && cpuMilli < Math.max(1, minOfferCpuMilli)) ||
    (limit.memMb !== undefined && memMb < Math.max(1, minOfferMemMb))
  )
}
