/**
 * Which tasks of a slave would make room for somebody who is owed something: as few as do, none that would not help, and
 * none without which its role would hold less than is guaranteed to it.
 */
import { kinds, sum } from '../../shared/resources.ts'
import { asAmount, isWithin } from '../../shared/roles.ts'
import { copyOf, count, excess, isSome, newTally, type Tally } from '../../shared/tally.ts'
import { recount } from './allocator/allocate.ts'
import { isWorthOffering, leastOf, offerable } from './allocator/judge.ts'
import { hold, holdingOf } from './books.ts'
import { type Claim, freeOf, type Master, type Slave, type Task } from './ledger.ts'
import { isLacking, pathOf, type Role } from './roles.ts'
import { fairShareOf } from './sharing.ts'

/** What may be gone soon of what roles hold, by role: what is offered yet, or about to be killed. */
export type Leaving = Map<Role, Tally>

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
  /** So many at the most. */
  readonly most: number
  /** No others than these; all of the slave when absent. */
  readonly among?: ReadonlySet<Task>
}

/** The tasks of this slave that would make room for whoever is owed it, in the order in which they go. */
export function victimsOn(master: Master, owed: Owed, slave: Slave, search: Search): Task[] {
  const { leaving, at, most, among } = search
  const asked = new Set([...master.revocations].flatMap(({ tasks }) => tasks))
  const ending = endingOn(slave)
  const room = copyOf(freeOf(slave))
  count(room, sum(ending.map(({ spec }) => spec.resources)), 1)
  const given: Leaving = new Map()
  const chosen: Task[] = []
  for (const task of candidates(slave)) {
    if (chosen.length >= most || isMet(master, owed, room)) break
    if (asked.has(task) || (among && !among.has(task)) || !mayLose(master, owed, task, [leaving, given]))
      continue
    if (!helps(owed, task.spec.resources, room)) continue
    chosen.push(task)
    count(room, task.spec.resources, 1)
    countLeaving(given, task)
  }
  const needed = chosen.filter((task) => !isNeedless(master, owed, task, room))
  return offeredWithout(master, owed.claim, slave, [...ending, ...needed], at) ? needed : []
}

export const endingOn = (slave: Slave): Task[] =>
  [...slave.tasks.values()].filter(({ state }) => state === 'killing')

/** What is revocable, then the youngest. */
const candidates = (slave: Slave): Task[] =>
  [...slave.tasks.values()]
    .filter(({ state }) => state !== 'killing')
    .sort(
      (a, b) =>
        Number(b.spec.revocable ?? false) - Number(a.spec.revocable ?? false) ||
        b.launchedAt - a.launchedAt ||
        (a.taskId < b.taskId ? 1 : -1),
    )

/** What a claim would be offered of a slave, were these tasks over: the very function that decides it says so. */
export function offeredWithout(
  master: Master,
  claim: Claim,
  slave: Slave,
  tasks: readonly Task[],
  at: number,
): Tally | undefined {
  const { eased } = master
  for (const task of tasks) hold(master, holdingOf(master, task), -1)
  recount(master)
  const offered = offerable(master, { claim, slave, kind: 'regular' }, at, { stop: () => undefined })
  for (const task of tasks) hold(master, holdingOf(master, task), 1)
  master.eased = eased
  return offered
}

/** Whether a task may be killed for a claim: it is revocable, or its roles keep what is theirs even then. */
function mayLose(master: Master, { claim, lacking }: Owed, task: Task, leaving: readonly Leaving[]): boolean {
  if (task.claim === claim) return false
  if (task.spec.revocable) return true
  // For an ordinary share of the cluster, only by policy; for a guarantee, always.
  if (!lacking && master.settings.revokeFor !== 'share') return false
  // What a role that is owed something holds already is no help to it.
  if (lacking && isWithin(task.claim.role.path, lacking.path)) return false
  if (!lacking && !rolesApart(claim.role, task.claim.role).every((role) => isBelowFair(master, role)))
    return false
  return rolesApart(task.claim.role, claim.role).every((role) => {
    const left = leftOf(role, task, leaving)
    const { guarantee } = role.settings
    if (guarantee && isSome(excess(asAmount(guarantee), left))) return false
    return lacking !== undefined || dominant(master, left) >= fairShareOf(role)
  })
}

/** The role and those above it, as far as the other one is not below them, too: there it stays in the family. */
const rolesApart = (role: Role, other: Role): Role[] =>
  [...pathOf(role)].filter(({ path }) => !isWithin(other.path, path))

/** What a role would hold for certain without this task. */
function leftOf(role: Role, task: Task, leaving: readonly Leaving[]): Tally {
  const left = copyOf(role.consumed)
  for (const each of leaving) {
    const gone = each.get(role)
    if (gone) count(left, gone, -1)
  }
  count(left, task.spec.resources, -1)
  return left
}

const isBelowFair = (master: Master, role: Role): boolean =>
  dominant(master, role.consumed) < fairShareOf(role)
function dominant({ total }: Master, held: Tally): number {
  let most = 0
  for (const kind of kinds) if (held[kind] > 0) most = Math.max(most, held[kind] / total[kind])
  return most
}

/** Offers may come to nothing, and what is being killed is all but gone: neither counts for whoever holds it. */
export function leavingNow(master: Master): Leaving {
  const leaving: Leaving = new Map()
  for (const { claim, kind, resources } of master.offers.values())
    if (kind !== 'revocable') countIn(leaving, claim.role, resources)
  for (const { tasks } of master.frameworks.values())
    for (const task of tasks.values()) if (task.state === 'killing') countLeaving(leaving, task)
  return leaving
}
export function countLeaving(leaving: Leaving, { claim, spec }: Task): void {
  if (!spec.revocable) countIn(leaving, claim.role, spec.resources)
}
function countIn(leaving: Leaving, of: Role, amount: Tally): void {
  for (const role of pathOf(of)) {
    const tally = leaving.get(role) ?? newTally()
    count(tally, amount, 1)
    leaving.set(role, tally)
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
function isNeedless(master: Master, owed: Owed, task: Task, room: Tally): boolean {
  const without = copyOf(room)
  count(without, task.spec.resources, -1)
  if (!isMet(master, owed, without)) return false
  count(room, task.spec.resources, -1)
  return true
}
