/**
 * Revocation: who is owed something, has asked for it and finds nothing free, gets it from those above theirs. They are
 * asked first and may choose what to give up; what they have not given back by then is killed, revocable tasks first, then
 * the youngest. Nobody is brought below his own guarantee. Hindman et al., section 3.3.
 */
import { fits, inWords, kinds, sum } from '../../shared/resources.ts'
import { asAmount } from '../../shared/roles.ts'
import { copyOf, count, excess, isSome, newTally, type Tally } from '../../shared/tally.ts'
import { type Effect, note, say } from '../decision.ts'
import { pushTo } from '../groups.ts'
import { isWorthOffering, type Listener, leastOf, offerable } from './allocator/judge.ts'
import {
  type Claim,
  freeOf,
  type Master,
  type Revocation,
  type Slave,
  type Task,
  toFramework,
} from './ledger.ts'
import { everyRole, isLacking, lackOf, pathOf, type Role, unusedPart } from './roles.ts'
import { fairShareOf } from './sharing.ts'
import { stopTask } from './tasks.ts'

/** Looks who has waited long enough, and whose time to give something back is over. */
export function checkRevocations(master: Master, at: number): Effect[] {
  if (master.settings.revocationsPerMinute === 0) return []
  const due = settleDue(master, at)
  const owed = claimsWaiting(master, at).filter(
    ({ since }) => at - since >= master.settings.revokeAfterSeconds * 1000,
  )
  return [...due, ...owed.flatMap(({ claim }) => revokeFor(master, claim, at))]
}

/** Those who are owed something and hold no offer, with the time since when nothing was free that they would have. */
function claimsWaiting(master: Master, at: number): { claim: Claim; since: number }[] {
  const waiting: { claim: Claim; since: number }[] = []
  for (const role of owedRoles(master)) {
    for (const claim of role.own.claims) {
      if (!claim.wants || claim.framework.offers.size > 0 || hasChoice(master, claim, at)) {
        master.waiting.delete(claim)
        continue
      }
      const since = master.waiting.get(claim) ?? at
      master.waiting.set(claim, since)
      waiting.push({ claim, since })
    }
  }
  return waiting
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
  [...claim.refusals].some(([slave, refused]) => refused.at > at && isWorthOffering(master, freeOf(slave)))

/** Asks others for what the claim is owed, slave by slave, as far as that is not asked for already. */
function revokeFor(master: Master, claim: Claim, at: number): Effect[] {
  const need = needOf(master, claim)
  for (const revocation of master.revocations) if (isFor(revocation, claim)) take(need, revocation.resources)
  const effects: Effect[] = []
  for (const slave of master.slaves.values()) {
    if (!isSome(need)) break
    const plan = planOn(master, claim, slave, need, at)
    if (plan.length === 0) continue
    take(need, sum(plan.map(({ spec }) => spec.resources)))
    take(need, freeOf(slave))
    effects.push(...ask(master, claim, slave, plan, at))
  }
  return effects
}
const isFor = ({ forWhom }: Revocation, claim: Claim): boolean => forWhom.role === claim.role
const take = (need: Tally, amount: Tally): void => void Object.assign(need, excess(need, amount))

/** What it is owed: all that it lacks of its guarantee; by a fair share, or of what is revocable, one offer's worth. */
function needOf(master: Master, claim: Claim): Tally {
  const lacking = [...pathOf(claim.role)].find(isLacking)
  if (lacking) return owedTo(lacking)
  const { minOfferCpuMilli, minOfferMemMb } = master.settings
  const least = leastOf(claim) ?? { ...newTally(), cpuMilli: minOfferCpuMilli, memMb: minOfferMemMb }
  const { cpuMilli, memMb, diskMb, gpus } = least
  return { cpuMilli: Math.max(1, cpuMilli), memMb, diskMb, gpus }
}

/** What it lacks, of each kind no more than goes with the kind that it uses most: nobody is killed for what it cannot use. */
function owedTo(role: Role): Tally {
  const guaranteed = asAmount(role.settings.guarantee ?? {})
  const part = unusedPart(role)
  const lacking = copyOf(lackOf(role))
  for (const kind of kinds) lacking[kind] = Math.min(lacking[kind], Math.ceil(guaranteed[kind] * part))
  return lacking
}

/**
 * Tasks of this slave that make room for an offer to the claim: as many as are needed, and none that would not help. None
 * when even all of them would not.
 */
function planOn(master: Master, claim: Claim, slave: Slave, need: Tally, at: number): Task[] {
  if (!wouldHave(master, claim, slave, at)) return []
  const chosen: Task[] = []
  const room = copyOf(freeOf(slave))
  const given = new Map<Role, Tally>()
  for (const task of candidates(slave)) {
    if (task.state !== 'killing') {
      if (isMet(master, claim, room, need)) break
      if (chosen.length >= budget(master, at) || !mayLose(master, claim, task, given)) continue
      if (!helps(task.spec.resources, room, need)) continue
      chosen.push(task)
      for (const role of pathOf(task.claim.role)) countIn(given, role, task.spec.resources)
    }
    count(room, task.spec.resources, 1)
  }
  if (!isOffer(master, claim, room)) return []
  return chosen.filter((task) => !isNeedless(master, claim, task, room, need))
}

/** The slave is one that it may be offered, were there something free of it. */
function wouldHave(master: Master, claim: Claim, slave: Slave, at: number): boolean {
  let stopped: string | undefined
  const listener: Listener = {
    stop: (code) => {
      stopped = code
      return undefined
    },
  }
  offerable(master, { claim, slave, kind: 'regular' }, at, listener)
  return stopped === 'too-small' || stopped === 'offered' || stopped === undefined
}

/** Those that end anyway, then what is revocable, then the youngest. */
const candidates = (slave: Slave): Task[] =>
  [...slave.tasks.values()].sort(
    (a, b) =>
      Number(b.state === 'killing') - Number(a.state === 'killing') ||
      Number(b.spec.revocable ?? false) - Number(a.spec.revocable ?? false) ||
      b.launchedAt - a.launchedAt ||
      (a.taskId < b.taskId ? 1 : -1),
  )

/** Whether a task may be killed for the claim: it is revocable, or what is left to all its roles is no less than theirs. */
function mayLose(master: Master, claim: Claim, task: Task, given: Map<Role, Tally>): boolean {
  if (isAsked(master, task)) return false
  if (task.spec.revocable) return true
  if (task.claim === claim) return false
  // For an ordinary share of the cluster, only by policy; for a guarantee, always.
  const isGuaranteed = [...pathOf(claim.role)].some(isLacking)
  if (!isGuaranteed && master.settings.revokeFor !== 'share') return false
  for (const role of pathOf(task.claim.role)) {
    const left = copyOf(role.consumed)
    for (const gone of [given.get(role), task.spec.resources]) if (gone) count(left, gone, -1)
    const { guarantee } = role.settings
    if (guarantee && isSome(excess(asAmount(guarantee), left))) return false
    if (!isGuaranteed && !staysAboveFair(master, role, task.spec.resources)) return false
  }
  if (isGuaranteed) return true
  return belowFair(master, claim)
}

/** By the fair share only who is below his own gets something from who stays above his. */
const belowFair = (master: Master, claim: Claim): boolean =>
  dominant(master, claim.role.consumed) < fairShareOf(claim.role)
function staysAboveFair(master: Master, role: Role, less: Tally): boolean {
  const left = copyOf(role.consumed)
  count(left, less, -1)
  return dominant(master, left) >= fairShareOf(role)
}
function dominant({ total }: Master, held: Tally): number {
  let most = 0
  for (const kind of kinds) if (held[kind] > 0) most = Math.max(most, held[kind] / total[kind])
  return most
}

const isAsked = (master: Master, task: Task): boolean =>
  [...master.revocations].some(({ tasks }) => tasks.includes(task))

/** Whether there would be an offer to the claim, and it would hold what of its need a slave can give. */
const isMet = (master: Master, claim: Claim, room: Tally, need: Tally): boolean =>
  isOffer(master, claim, room) && !isSome(excess(need, room))
const isOffer = (master: Master, claim: Claim, room: Tally): boolean => {
  const least = leastOf(claim)
  return isWorthOffering(master, room) && (!least || fits(least, room))
}
/** Whether it gives something of what is short yet. */
const helps = (resources: Tally, room: Tally, need: Tally): boolean => {
  const short = excess(need, room)
  return !isSome(short) || kinds.some((kind) => short[kind] > 0 && resources[kind] > 0)
}
/** Whether it would do without this one: whoever was chosen before another that alone would have been enough. */
function isNeedless(master: Master, claim: Claim, task: Task, room: Tally, need: Tally): boolean {
  const without = copyOf(room)
  count(without, task.spec.resources, -1)
  if (!isMet(master, claim, without, need)) return false
  count(room, task.spec.resources, -1)
  return true
}

function countIn(given: Map<Role, Tally>, role: Role, amount: Tally): void {
  const tally = given.get(role) ?? newTally()
  count(tally, amount, 1)
  given.set(role, tally)
}

/** So many more tasks may be revoked within this minute. */
function budget(master: Master, at: number): number {
  while ((master.revoked[0] ?? at) < at - 60_000) master.revoked.shift()
  let asked = 0
  for (const { tasks } of master.revocations) asked += tasks.length
  return master.settings.revocationsPerMinute - master.revoked.length - asked
}

/** Whoever runs these hears what is wanted back, and chooses. */
function ask(master: Master, claim: Claim, slave: Slave, tasks: readonly Task[], at: number): Effect[] {
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
      ),
      told,
      ...(withinSeconds === 0 ? settle(master, revocation, at) : []),
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

const settleDue = (master: Master, at: number): Effect[] =>
  [...master.revocations].flatMap((revocation) => {
    if (!isWanted(master, revocation)) {
      master.revocations.delete(revocation)
      return []
    }
    return at >= revocation.by ? settle(master, revocation, at) : []
  })

/** Whether whoever it was asked for is owed it yet. */
function isWanted(master: Master, { forWhom }: Revocation): boolean {
  if (!forWhom.wants) return false
  return [...pathOf(forWhom.role)].some(isLacking) || master.waiting.has(forWhom)
}

/** The time to choose is over: of the tasks that were named so many are killed as were not given back. */
function settle(master: Master, revocation: Revocation, at: number): Effect[] {
  master.revocations.delete(revocation)
  const { claim, slave, resources, heldBefore, tasks } = revocation
  const given = excess(heldBefore, heldOf(claim, slave))
  const missing = excess(resources, given)
  const effects: Effect[] = []
  for (const task of tasks) {
    if (!isSome(missing)) break
    if (claim.framework.tasks.get(task.taskId) !== task || task.state === 'killing') continue
    take(missing, task.spec.resources)
    master.revoked.push(at)
    effects.push(...stopTask(master, task, at, { reason: 'revoked' }))
  }
  return effects
}
