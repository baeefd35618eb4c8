/**
 * Revocation: who is owed something, has asked for it and finds nothing free, gets it from those above theirs. What is
 * merely offered to them is rescinded first. Then they are asked for tasks, and may choose what to give up; what they have
 * not given back by then is killed, revocable tasks first, then the youngest. Nobody is brought below his own guarantee,
 * and what was taken back for a role is kept for it. Hindman et al., section 3.3.
 */
import { inWords, kinds, type Resources, sum } from '../../shared/resources.ts'
import { isWithin } from '../../shared/roles.ts'
import { copyOf, count, excess, isSome, newTally, type Tally } from '../../shared/tally.ts'
import { type Effect, note, say } from '../decision.ts'
import { pushTo } from '../groups.ts'
import { isWhole, leastOf } from './allocator/judge.ts'
import { noteFreed } from './freed.ts'
import { dropEarmark, earmark, marksFor } from './kept.ts'
import { type Claim, freeOf, type Master, type Slave, type Task, toFramework } from './ledger.ts'
import { rescindOffers } from './offers.ts'
import { everyRole, isLacking, lackOf, pathOf, type Role, roomIn, unusedPart } from './roles.ts'
import { stopTask } from './tasks.ts'
import {
  countLeaving,
  countRescinded,
  endingOn,
  type Held,
  isOffer,
  type Leaving,
  lackingOf,
  leavingNow,
  type Owed,
  offeredWithout,
  resourcesOf,
  victimsOn,
} from './victims.ts'

/** Tasks of somebody who holds more than his share, who was asked to give as much back. */
export interface Revocation {
  readonly claim: Claim
  readonly slave: Slave
  readonly tasks: readonly Task[]
  /** What is to become free, and what the claim held of the slave when it was asked. */
  readonly resources: Resources
  readonly heldBefore: Tally
  readonly forWhom: Claim
  /** For which it is kept: that of the claim, or the one above it whose guarantee it is. */
  readonly role: Role
  readonly by: number
}

/** Looks who has waited long enough, and whose time to give something back is over. */
export function checkRevocations(master: Master, at: number): Effect[] {
  if (master.settings.revocationsPerMinute === 0) return []
  const due = settleDue(master, at)
  const owed = claimsWaiting(master, at).filter(
    ({ since }) => at - since >= master.settings.revokeAfterSeconds * 1000,
  )
  if (owed.length === 0) return due
  const leaving = leavingNow(master)
  for (const { tasks } of master.revocations) for (const task of tasks) countLeaving(leaving, task)
  const asked = owed.flatMap(({ claim }) => revokeFor(master, claim, leaving, at))
  const now = master.settings.revokeGraceSeconds === 0 ? settleDue(master, at) : []
  return [...due, ...asked, ...now]
}

/** Those who are owed something and hold no offer, with the time since when nothing was free that they would have. */
function claimsWaiting(master: Master, at: number): { claim: Claim; since: number }[] {
  const before = new Map(master.waiting)
  // Whoever is not owed anything any more waits anew when he is again.
  master.waiting.clear()
  for (const role of owedRoles(master)) {
    for (const claim of role.own.claims) {
      if (!claim.wants || isOffered(master, claim) || hasChoice(master, claim, at)) continue
      master.waiting.set(claim, before.get(claim) ?? at)
    }
  }
  return [...master.waiting].map(([claim, since]) => ({ claim, since }))
}

/** Roles that are owed something, with all below them. */
function owedRoles(master: Master): Role[] {
  const { revokeFor: whom } = master.settings
  if (whom === 'nobody') return []
  const owed = new Set<Role>()
  const all = (role: Role) => {
    for (const each of everyRole(role)) if (each.wanting > 0) owed.add(each)
  }
  if (isSome(master.root.needBelow)) for (const role of everyRole(master.root)) if (isLacking(role)) all(role)
  if (whom === 'share' || master.takers.revocable.size > 0) all(master.root)
  return [...owed]
}

/** Whether it has refused what it could have: then it is not for want of anything that it waits. */
const hasChoice = (master: Master, claim: Claim, at: number): boolean =>
  [...claim.refusals].some(([slave, refused]) => refused.at > at && isWhole(master, claim, freeOf(slave)))
/** Whether it holds an offer that a task could run on: memory without CPU is none. */
const isOffered = (master: Master, claim: Claim): boolean =>
  [...claim.framework.offers].some((offer) => isWhole(master, claim, offer.resources))

/** Takes from others what the claim is owed, as far as that is not on its way already: what is merely offered first. */
function revokeFor(master: Master, claim: Claim, leaving: Leaving, at: number): Effect[] {
  const owed = owedTo(master, claim)
  lessWhatComes(master, owed, at)
  if (!isSome(owed.need)) return []
  const rescinded = takeBack(master, owed, { leaving, at, kills: false })
  if (rescinded.length > 0 || budget(master, at) <= 0) return rescinded
  const asked = takeBack(master, owed, { leaving, at, kills: true })
  // Nothing would help now: it waits as long again before all slaves are looked at once more.
  if (asked.length === 0) master.waiting.set(claim, at)
  return asked
}

/** How: with tasks, or offers alone. */
interface Taking {
  readonly leaving: Leaving
  readonly at: number
  readonly kills: boolean
}

/** Slave by slave: offers are rescinded, tasks are asked for. */
function takeBack(master: Master, owed: Owed, { leaving, at, kills }: Taking): Effect[] {
  const effects: Effect[] = []
  for (const slave of master.slaves.values()) {
    const most = kills ? budget(master, at) : 0
    if (!isWorthTaking(owed) || (kills && most <= 0)) break
    if (!kills && slave.offers.size === 0) continue
    const victims = victimsOn(master, owed, slave, { leaving, at, most })
    if (victims.length === 0) continue
    const amount = sum(victims.map(resourcesOf))
    keepFor(master, owed, slave, amount, at)
    take(owed.need, amount)
    take(owed.need, freeOf(slave))
    const offers = victims.filter(isOffer)
    const tasks = victims.filter((victim): victim is Task => !isOffer(victim))
    for (const offer of offers) countRescinded(leaving, offer)
    for (const task of tasks) countLeaving(leaving, task)
    effects.push(...rescindOffers(master, offers, 'revoked', at), ...ask(master, owed, slave, tasks, at))
  }
  return effects
}

/** Whether an offer of what is needed would be large enough: nobody gives more than that is owed. */
function isWorthTaking({ claim, need }: Owed): boolean {
  const least = leastOf(claim)
  return isSome(need) && (!least || kinds.every((kind) => need[kind] === 0 || least[kind] <= need[kind]))
}

/** The role whose need it is. */
const roleOf = ({ claim, lacking }: Owed): Role => lacking ?? claim.role

function keepFor(master: Master, owed: Owed, slave: Slave, taken: Tally, at: number): void {
  const { revokeGraceSeconds, keepRevokedSeconds } = master.settings
  const until = at + (revokeGraceSeconds + keepRevokedSeconds) * 1000
  const role = roleOf(owed)
  const amount = neededOf(taken, owed.need)
  count(amount, slave.earmarks.get(role)?.amount ?? newTally(), 1)
  earmark(master, slave, { role, amount, until })
}
/** No more than is needed; and of what is not named there as large a part, for CPUs are of no use without memory. */
function neededOf(taken: Tally, need: Tally): Tally {
  let part = 0
  for (const kind of kinds) if (need[kind] > 0) part = Math.max(part, need[kind] / Math.max(1, taken[kind]))
  const amount = copyOf(taken)
  for (const kind of kinds) {
    const most = need[kind] > 0 ? need[kind] : Math.ceil(taken[kind] * part)
    amount[kind] = Math.min(taken[kind], most)
  }
  return amount
}
const take = (need: Tally, amount: Tally): void => void Object.assign(need, excess(need, amount))

/**
 * What it is owed: all that it lacks of its guarantee; by a fair share, or of what is revocable, one offer's worth. No
 * more than limits leave it.
 */
function owedTo(master: Master, claim: Claim): Owed {
  const lacking = lackingOf(claim)
  const need = lacking ? usableLackOf(lacking) : worthOf(master, claim)
  for (const role of pathOf(claim.role)) {
    const { limit } = role.settings
    const room = limit && roomIn(role, limit)
    for (const kind of kinds)
      if (room && limit[kind] !== undefined) need[kind] = Math.min(need[kind], room[kind])
  }
  return { claim, lacking, need }
}
/** What it lacks, of each kind no more than goes with the kind that it uses most: nobody is killed for what it cannot use. */
function usableLackOf(role: Role): Tally {
  const { guarantee = {} } = role.settings
  const part = unusedPart(role)
  const lack = copyOf(lackOf(role))
  for (const kind of kinds) lack[kind] = Math.min(lack[kind], Math.ceil((guarantee[kind] ?? 0) * part))
  return lack
}
function worthOf({ settings }: Master, claim: Claim): Tally {
  const { minOfferCpuMilli, minOfferMemMb } = settings
  const least = leastOf(claim) ?? { ...newTally(), cpuMilli: minOfferCpuMilli, memMb: minOfferMemMb }
  const { cpuMilli, memMb, diskMb, gpus } = least
  return { cpuMilli: Math.max(1, cpuMilli), memMb, diskMb, gpus }
}

/**
 * It was taken back for it already, and is kept for it; or tasks are ending, or asked for, where it would have the room.
 * What comes of `besides` is not looked at.
 */
function lessWhatComes(master: Master, owed: Owed, at: number, besides?: Slave): void {
  const { path } = roleOf(owed)
  for (const slave of master.slaves.values()) {
    if (!isSome(owed.need)) return
    if (slave === besides) continue
    const { own, behind } = marksFor(owed.claim, slave, at)
    const spoken = newTally()
    for (const { amount } of own) count(spoken, amount, 1)
    for (const each of [...own, ...behind]) if (isWithin(each.role.path, path)) take(owed.need, each.amount)
    const ending = endingOn(master, slave)
    const coming = ending.size > 0 ? offeredWithout(master, owed.claim, slave, [...ending], at) : undefined
    if (coming) take(owed.need, excess(coming, spoken))
  }
}

/** So many more tasks may be revoked within this minute. */
function budget(master: Master, at: number): number {
  while ((master.revoked[0] ?? at) < at - 60_000) master.revoked.shift()
  let asked = 0
  for (const { tasks } of master.revocations) asked += tasks.length
  return master.settings.revocationsPerMinute - master.revoked.length - asked
}

/** Whoever runs these hears what is wanted back, and chooses. */
function ask(master: Master, owed: Owed, slave: Slave, tasks: readonly Task[], at: number): Effect[] {
  const { claim } = owed
  const { revokeGraceSeconds: withinSeconds } = master.settings
  const byClaim = new Map<Claim, Task[]>()
  for (const task of tasks) pushTo(byClaim, task.claim, task)
  const why = `role ${claim.role.path} is owed it`
  return [...byClaim].flatMap(([of, those]) => {
    const resources = sum(those.map(({ spec }) => spec.resources))
    const revocation: Revocation = {
      claim: of,
      slave,
      tasks: those,
      resources,
      heldBefore: heldOf(of, slave),
      forWhom: claim,
      role: roleOf(owed),
      by: at + withinSeconds * 1000,
    }
    master.revocations.add(revocation)
    const told = say('revocation.notice', toFramework(of.framework), {
      epoch: master.epoch,
      slaveId: slave.slaveId,
      slaveName: slave.name,
      role: of.as,
      resources,
      withinSeconds,
      taskIds: those.map(({ taskId }) => taskId),
      reason: why,
    })
    return [
      note(
        'info',
        `framework ${of.framework.name} is to give back ${inWords(resources)} of slave ${slave.name}: ${why}`,
        { frameworkId: of.framework.frameworkId, slaveId: slave.slaveId },
      ),
      told,
    ]
  })
}

/** What the claim's tasks hold of a slave. */
function heldOf(claim: Claim, slave: Slave): Tally {
  const held = newTally()
  for (const task of slave.tasks.values())
    if (task.claim === claim && task.state !== 'killing') count(held, task.spec.resources, 1)
  return held
}

/** Those whose time is over; what was asked for together, of one slave, is looked at together. */
function settleDue(master: Master, at: number): Effect[] {
  const due = new Map<string, Revocation[]>()
  const effects: Effect[] = []
  for (const revocation of master.revocations) {
    if (!isWanted(master, revocation, at)) effects.push(...withdraw(master, revocation, at))
    else if (at >= revocation.by)
      pushTo(due, `${revocation.slave.slaveId} ${revocation.forWhom.index}`, revocation)
  }
  if (due.size === 0) return effects
  const leaving = leavingNow(master)
  return [...effects, ...[...due.values()].flatMap((together) => settle(master, together, leaving, at))]
}

/** It is not asked for any more, and what was given back already is not kept. */
function withdraw(master: Master, revocation: Revocation, at: number): Effect[] {
  const { slave, role } = revocation
  master.revocations.delete(revocation)
  dropEarmark(master, slave, role)
  return noteFreed(master, slave, at)
}

/** Whether whoever it was asked for is owed it yet, and has not refused what became free meanwhile. */
const isWanted = (master: Master, { forWhom }: Revocation, at: number): boolean =>
  forWhom.wants &&
  !hasChoice(master, forWhom, at) &&
  (lackingOf(forWhom) !== undefined || master.waiting.has(forWhom))

/** The time to choose is over: of the tasks that were named so many are killed as were not given back and are needed yet. */
function settle(master: Master, together: readonly Revocation[], leaving: Leaving, at: number): Effect[] {
  const [first] = together
  if (!first) return []
  const { slave, role } = first
  for (const revocation of together) master.revocations.delete(revocation)
  const { until = at + master.settings.keepRevokedSeconds * 1000 } = slave.earmarks.get(role) ?? {}
  // It stays in its place, and is no help to itself.
  earmark(master, slave, { role, amount: newTally(), until })
  const owed = owedTo(master, first.forWhom)
  lessWhatComes(master, owed, at, slave)
  const among = new Set(together.flatMap(({ tasks }) => tasks))
  const victims = isWorthTaking(owed)
    ? victimsOn(master, owed, slave, { leaving, at, most: among.size, among })
    : []
  const tasks = notReplaced(together, victims)
  if (tasks.length === 0) {
    dropEarmark(master, slave, role)
    return noteFreed(master, slave, at)
  }
  const coming = copyOf(freeOf(slave))
  count(coming, sum(tasks.map(({ spec }) => spec.resources)), 1)
  earmark(master, slave, { role, amount: neededOf(coming, owed.need), until })
  for (const task of tasks) {
    countLeaving(leaving, task)
    master.revoked.push(at)
  }
  return tasks.flatMap((task) => stopTask(master, task, at, { reason: 'revoked' }))
}

/** Of these tasks, which were named, as many as were not given back instead. */
function notReplaced(together: readonly Revocation[], victims: readonly Held[]): Task[] {
  return together.flatMap((revocation) => {
    const missing = notGivenBack(revocation)
    return revocation.tasks.filter((task) => {
      if (!victims.includes(task) || !isSome(missing)) return false
      take(missing, task.spec.resources)
      return true
    })
  })
}
const notGivenBack = ({ claim, slave, resources, heldBefore }: Revocation): Tally =>
  excess(resources, excess(heldBefore, heldOf(claim, slave)))
