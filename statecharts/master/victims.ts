/**
 * Which tasks of a slave would make room for somebody who is owed something: as few as do, none that would not help, and
 * none without which its role would hold less than is guaranteed to it. What is merely offered goes before any task.
 */
import { kinds, type Resources } from '../../shared/resources.ts'
import { asAmount, isWithin } from '../../shared/roles.ts'
import { copyOf, count, excess, isSome, newTally, type Tally } from '../../shared/tally.ts'
import { isTerminal } from '../../shared/tasks.ts'
import { recount } from './allocator/allocate.ts'
import { isWorthOffering, leastOf, offerable } from './allocator/judge.ts'
import { type Holding, hold, holdingOf } from './books.ts'
import { type Claim, freeOf, type Master, type Offer, type Slave, type Task } from './ledger.ts'
import { isLacking, pathOf, type Role } from './roles.ts'
import { fairShareOf } from './sharing.ts'

/** What somebody may have to give back. */
export type Held = Task | Offer
type Tallies = Map<Role, Tally>
/** What may be gone soon of what roles hold: what is about to be killed or taken back, and what is offered yet. */
export interface Leaving {
  readonly gone: Tallies
  readonly offered: Tallies
}
const nothingLeaves = (): Leaving => ({ gone: new Map(), offered: new Map() })

/** Who is owed how much. */
export interface Owed {
  readonly claim: Claim
  /** The role below its guarantee, its own or one above it; undefined when it is not for a guarantee that it is owed. */
  readonly lacking: Role | undefined
  readonly need: Tally
}

export const lackingOf = ({ role }: Claim): Role | undefined => [...pathOf(role)].find(isLacking)

/** Where to look for tasks that may go. */
interface Search {
  readonly leaving: Leaving
  readonly at: number
  /** So many tasks at the most: with none, only offers. */
  readonly most: number
  /** No others than these; all of the slave, and its offers, when absent. */
  readonly among?: ReadonlySet<Task>
}

/** What of this slave would make room for whoever is owed it, in the order in which it goes. */
export function victimsOn(master: Master, owed: Owed, slave: Slave, search: Search): Held[] {
  const { leaving, at, most, among } = search
  const ending = endingOn(master, slave)
  const room = roomOf(slave, owed.claim, ending, at)
  const given = nothingLeaves()
  const chosen: Held[] = []
  let tasks = 0
  for (const held of candidates(slave)) {
    if (isMet(master, owed, room) || (!isOffer(held) && tasks >= most)) break
    if (ending.has(held as Task) || (among && !among.has(held as Task))) continue
    if (!mayLose(master, owed, held, [leaving, given]) || !helps(owed, resourcesOf(held), room)) continue
    chosen.push(held)
    if (!isOffer(held)) tasks++
    count(room, resourcesOf(held), 1)
    countLeaving(given, held)
  }
  if (chosen.length === 0) return []
  const needed = chosen.filter((held) => !isNeedless(master, owed, held, room))
  return offeredWithout(master, owed.claim, slave, [...ending, ...needed], at) ? needed : []
}

/** What will be free of a slave, as far as it is not kept for others. */
function roomOf(slave: Slave, claim: Claim, ending: Iterable<Task>, at: number): Tally {
  const room = copyOf(freeOf(slave))
  for (const { spec } of ending) count(room, spec.resources, 1)
  for (const { role, amount, until } of slave.earmarks.values())
    if (until > at && !isWithin(claim.role.path, role.path)) count(room, amount, -1)
  return room
}

export const isOffer = (held: Held): held is Offer => 'offerId' in held
export const resourcesOf = (held: Held): Resources => (isOffer(held) ? held.resources : held.spec.resources)
const isRevocable = (held: Held): boolean =>
  isOffer(held) ? held.kind === 'revocable' : (held.spec.revocable ?? false)
const holdingFor = (master: Master, held: Held): Holding =>
  isOffer(held) ? { ...held, as: 'offered' } : holdingOf(master, held)

/** Tasks of a slave that are being killed, or that somebody was asked to give back. */
export function endingOn({ revocations }: Master, slave: Slave): Set<Task> {
  const ending = new Set([...slave.tasks.values()].filter(({ state }) => state === 'killing'))
  for (const { slave: of, tasks } of revocations)
    if (of === slave) for (const task of tasks) if (!isTerminal(task.state)) ending.add(task)
  return ending
}

/** What is merely offered, the newest first; then revocable tasks, then the youngest. */
const candidates = (slave: Slave): Held[] => [
  ...[...slave.offers].reverse(),
  ...[...slave.tasks.values()]
    .filter(({ state }) => state !== 'killing')
    .sort(
      (a, b) =>
        Number(isRevocable(b)) - Number(isRevocable(a)) ||
        b.launchedAt - a.launchedAt ||
        (a.taskId < b.taskId ? 1 : -1),
    ),
]

/** What a claim would be offered of a slave, were these over: the very function that decides it says so. */
export function offeredWithout(
  master: Master,
  claim: Claim,
  slave: Slave,
  those: readonly Held[],
  at: number,
): Tally | undefined {
  const { eased } = master
  for (const held of those) hold(master, holdingFor(master, held), -1)
  recount(master)
  const offered = offerable(master, { claim, slave, kind: 'regular' }, at, { stop: () => undefined })
  for (const held of those) hold(master, holdingFor(master, held), 1)
  master.eased = eased
  return offered
}

/** Whether it may go for a claim: it is revocable, or its roles keep what is theirs even then. */
function mayLose(master: Master, { claim, lacking }: Owed, held: Held, leaving: readonly Leaving[]): boolean {
  const { role } = held.claim
  if (held.claim === claim) return false
  if (isRevocable(held)) return true
  // For an ordinary share of the cluster, only by policy; for a guarantee, always.
  if (!lacking && master.settings.revokeFor !== 'share') return false
  // What a role that is owed something holds already is no help to it.
  if (lacking && isWithin(role.path, lacking.path)) return false
  if (!lacking && !rolesApart(claim.role, role).every((each) => isBelowFair(master, each))) return false
  return rolesApart(role, claim.role).every((each) => {
    const left = leftOf(each, held, leaving)
    const { guarantee } = each.settings
    if (guarantee && isSome(excess(asAmount(guarantee), left))) return false
    return lacking !== undefined || dominant(master, left) >= fairShareOf(each)
  })
}

/** The role and those above it, as far as the other one is not below them, too: there it stays in the family. */
const rolesApart = (role: Role, other: Role): Role[] =>
  [...pathOf(role)].filter(({ path }) => !isWithin(other.path, path))

/** What a role would hold without this: for a task what it holds for certain, for offers may come to nothing. */
function leftOf(role: Role, held: Held, leaving: readonly Leaving[]): Tally {
  const left = copyOf(role.consumed)
  for (const { gone, offered } of leaving)
    for (const tallies of isOffer(held) ? [gone] : [gone, offered]) {
      const less = tallies.get(role)
      if (less) count(left, less, -1)
    }
  count(left, resourcesOf(held), -1)
  return left
}

const isBelowFair = (master: Master, role: Role): boolean =>
  dominant(master, role.consumed) < fairShareOf(role)
function dominant({ total }: Master, held: Tally): number {
  let most = 0
  for (const kind of kinds) if (held[kind] > 0) most = Math.max(most, held[kind] / total[kind])
  return most
}

export function leavingNow(master: Master): Leaving {
  const leaving = nothingLeaves()
  for (const { claim, kind, resources } of master.offers.values())
    if (kind !== 'revocable') countIn(leaving.offered, claim.role, resources, 1)
  for (const { tasks } of master.frameworks.values())
    for (const task of tasks.values()) if (task.state === 'killing') countLeaving(leaving, task)
  return leaving
}
export function countLeaving({ gone, offered }: Leaving, held: Held): void {
  if (isRevocable(held)) return
  countIn(gone, held.claim.role, resourcesOf(held), 1)
  if (isOffer(held)) countIn(offered, held.claim.role, held.resources, -1)
}
/** It is offered no more, and out of the books. */
export function countRescinded({ offered }: Leaving, { claim, kind, resources }: Offer): void {
  if (kind !== 'revocable') countIn(offered, claim.role, resources, -1)
}
function countIn(tallies: Tallies, of: Role, amount: Tally, sign: 1 | -1): void {
  for (const role of pathOf(of)) {
    const tally = tallies.get(role) ?? newTally()
    count(tally, amount, sign)
    tallies.set(role, tally)
  }
}

/** Whether there would be an offer, and it would hold what of the need a slave can give. */
const isMet = (master: Master, { claim, need }: Owed, room: Tally): boolean =>
  isWorthOffering(master, room) && !isSome(excess(need, room)) && !isSome(shortOfLeast(claim, room))

/** Whether it gives something of what is short yet, for the need or for an offer at all. */
function helps({ claim, need }: Owed, resources: Tally, room: Tally): boolean {
  const short = [excess(need, room), shortOfLeast(claim, room)]
  return (
    !short.some(isSome) || short.some((each) => kinds.some((kind) => each[kind] > 0 && resources[kind] > 0))
  )
}
function shortOfLeast(claim: Claim, room: Tally): Tally {
  const least = leastOf(claim)
  return least ? excess(least, room) : newTally()
}

/** Whether it would do without this one: whoever was chosen before another that alone would have been enough. */
function isNeedless(master: Master, owed: Owed, held: Held, room: Tally): boolean {
  const without = copyOf(room)
  count(without, resourcesOf(held), -1)
  if (!isMet(master, owed, without)) return false
  count(room, resourcesOf(held), -1)
  return true
}
