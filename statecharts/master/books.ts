/** The books: whatever is booked or offered stands in those of its slave, its framework, its role and all above that. */
import { assert } from '../../shared/assert.ts'
import { hash, heldHash, withItem, withoutItem } from '../../shared/digest.ts'
import { executorIdOf, mint, type OfferId, taskKey } from '../../shared/ids.ts'
import { add, type Resources, subtract } from '../../shared/resources.ts'
import { count, newTally, type Tally } from '../../shared/tally.ts'
import { isTerminal, type Task as TaskSpec, type TaskState } from '../../shared/tasks.ts'
import { forgetIfEmpty } from './claims.ts'
import type { Claim, Executor, Framework, Kind, Master, Offer, Slave, Task } from './ledger.ts'
import { tellMove, tellTask } from './moves.ts'
import { consumeFor, pathOf } from './roles.ts'

/** What of a slave moves into a claim's hands, or (with -1) out of them. */
export interface Holding {
  readonly slave: Slave
  readonly claim: Claim
  readonly resources: Resources
  readonly kind: Kind
  readonly as: 'booked' | 'offered'
}

/** Moves it in all books at once. */
export function hold(master: Master, holding: Holding, sign: 1 | -1): void {
  const { slave, claim, resources, kind, as } = holding
  slave[as] = (sign > 0 ? add : subtract)(slave[as], resources)
  slave.free = undefined
  master.uncounted.add(slave)
  count(master[as], resources, sign)
  count(claim.framework[as], resources, sign)
  count(claim[as], resources, sign)
  count(claim.role.own[as], resources, sign)
  for (const role of pathOf(claim.role)) {
    count(role[as], resources, sign)
    if (sign < 0 && role.settings.limit) master.eased = true
  }
  claim.things += sign
  outrun(claim)
  if (kind !== 'regular') count(slave[kind], resources, sign)
  if (kind === 'revocable') for (const role of pathOf(claim.role)) count(role.revocable, resources, sign)
  else {
    count(claim.regular, resources, sign)
    consume(slave, claim, resources, sign)
  }
}

/** What it holds has changed: its share, and its place among its siblings, and so all the way up. */
export function outrun(claim: Claim): void {
  claim.measuredAt = Number.NaN
  const { own } = claim.role
  own.measuredAt = Number.NaN
  own.changed.add(claim)
  claim.role.changed.add(own)
  for (const role of pathOf(claim.role)) {
    role.measuredAt = Number.NaN
    role.parent?.changed.add(role)
  }
}

/** What is reserved for a role it consumes whether it holds it or not: only what it holds beyond that counts anew. */
function consume(slave: Slave, claim: Claim, resources: Tally, sign: 1 | -1): void {
  const part = slave.reserved?.get(claim.role.path)
  if (!part) {
    consumeFor(claim.role, resources, sign)
    return
  }
  const before = consumedOf(part)
  count(part.held, resources, sign)
  const difference = newTally()
  count(difference, consumedOf(part), 1)
  count(difference, before, -1)
  consumeFor(claim.role, difference, 1)
}

/** Of each kind, what is reserved or what is held, whichever is more. */
export function consumedOf({ reserved, held }: { readonly reserved: Tally; readonly held: Tally }): Tally {
  const consumed = newTally()
  for (const kind of ['cpuMilli', 'memMb', 'diskMb', 'gpus'] as const)
    consumed[kind] = Math.max(reserved[kind], held[kind])
  const names = Object.keys({ ...reserved.scalars, ...held.scalars })
  if (names.length === 0) return consumed
  const of = ({ scalars = {} }: Tally, name: string) =>
    Object.hasOwn(scalars, name) ? (scalars[name] ?? 0) : 0
  consumed.scalars = Object.fromEntries(
    names.map((name) => [name, Math.max(of(reserved, name), of(held, name))]),
  )
  return consumed
}

/** What kind of resources a task holds: the leader's word on it goes with the task, so that any leader reads it there. */
export const kindOf = ({ settings }: Master, { revocable, maxSeconds }: TaskSpec): Kind =>
  revocable
    ? 'revocable'
    : settings.shortTaskPart > 0 && maxSeconds !== undefined && maxSeconds <= settings.shortTaskSeconds
      ? 'short'
      : 'regular'

const hashOf = (task: Task): number =>
  heldHash(task.framework.frameworkId, task.taskId, task.state === 'killing' ? 'killing' : 'task')

export const holdingOf = (master: Master, { slave, claim, spec }: Task): Holding => ({
  slave,
  claim,
  resources: spec.resources,
  kind: kindOf(master, spec),
  as: 'booked',
})

/** A task comes into the books of its slave and its framework. */
export function enterTask(master: Master, task: Task): void {
  const { framework, slave } = task
  const key = taskKey(framework.frameworkId, task.taskId)
  framework.tasks.set(task.taskId, task)
  slave.tasks.set(key, task)
  master.tasks.set(key, task)
  hold(master, holdingOf(master, task), 1)
  master.taskCount++
  master.tasksIn[task.state]++
  slave.digest = withItem(slave.digest, hashOf(task))
  framework.digest = withItem(framework.digest, hash(task.taskId))
  tellTask(master, task)
}

/** A task is in another state; when that is terminal it leaves the books, and its resources are free. */
export function moveTask(master: Master, task: Task, state: TaskState, at: number): void {
  assert(!isTerminal(task.state), `task ${task.taskId} is over and cannot become ${state}`)
  const { slave, framework } = task
  slave.digest = withoutItem(slave.digest, hashOf(task))
  const before = task.state
  task.state = state
  task.since = at
  master.tasksIn[before]--
  master.tasksIn[state]++
  tellMove(master, task, before)
  if (!isTerminal(state)) {
    slave.digest = withItem(slave.digest, hashOf(task))
    return
  }
  framework.digest = withoutItem(framework.digest, hash(task.taskId))
  slave.endedAt = at
  slave.tasks.delete(taskKey(framework.frameworkId, task.taskId))
  framework.tasks.delete(task.taskId)
  hold(master, holdingOf(master, task), -1)
  forgetIfEmpty(master, task.claim)
  master.taskCount--
  if (task.spec.payload) task.spec = withoutPayload(task.spec)
  master.over.push(task)
  // Halving by chunks: dropping one at a time from the front of an array would move all the others each time.
  const { keepOverTasks } = master.settings
  if (master.over.length > 2 * keepOverTasks)
    for (const oldest of master.over.splice(0, master.over.length - keepOverTasks)) forgetTask(master, oldest)
}

/** Another of the same id may stand in its place. */
function forgetTask({ tasks }: Master, task: Task): void {
  const key = taskKey(task.framework.frameworkId, task.taskId)
  if (tasks.get(key) === task) tasks.delete(key)
}

/** What only its executor needs is not kept of a task that is over. */
function withoutPayload({ payload: _payload, ...spec }: TaskSpec): TaskSpec {
  return spec
}

/** A custom executor holds what it needs for as long as it lives, so never what is short or revocable. */
const executorHolding = (slave: Slave, { claim, resources }: Executor): Holding => ({
  slave,
  claim,
  resources,
  kind: 'regular',
  as: 'booked',
})

export function enterExecutor(master: Master, slave: Slave, executor: Executor): void {
  const { frameworkId } = executor.claim.framework
  slave.executors.set(executorIdOf(frameworkId, executor.name), executor)
  hold(master, executorHolding(slave, executor), 1)
  slave.digest = withItem(slave.digest, heldHash(frameworkId, executor.name, 'executor'))
}

export function leaveExecutor(master: Master, slave: Slave, executor: Executor): void {
  const { frameworkId } = executor.claim.framework
  slave.executors.delete(executorIdOf(frameworkId, executor.name))
  hold(master, executorHolding(slave, executor), -1)
  forgetIfEmpty(master, executor.claim)
  slave.digest = withoutItem(slave.digest, heldHash(frameworkId, executor.name, 'executor'))
}

/** A promise of this much of a slave. */
export function enterOffer(
  master: Master,
  { claim, slave, kind }: Pick<Offer, 'claim' | 'slave' | 'kind'>,
  resources: Resources,
  at: number,
): Offer {
  const { framework } = claim
  const offer: Offer = {
    offerId: mint<OfferId>(master.epoch, 'O', ++master.counts.offers),
    slave,
    claim,
    kind,
    resources,
    standsUntil: at + master.settings.offerSeconds * 1000,
    state: 'pending',
  }
  countHeld(framework, at)
  master.offers.set(offer.offerId, offer)
  slave.offers.add(offer)
  framework.offers.add(offer)
  claim.allocations++
  claim.role.own.allocations++
  for (const role of pathOf(claim.role)) role.allocations++
  hold(master, { slave, claim, resources, kind, as: 'offered' }, 1)
  return offer
}

/** It leaves the books; in what way, its life says. */
export function leaveOffer(master: Master, offer: Offer, at: number): void {
  const { slave, claim, resources, kind } = offer
  countHeld(claim.framework, at)
  if (claim.framework.offers.size >= master.settings.maxFrameworkOffers) master.eased = true
  master.offers.delete(offer.offerId)
  slave.offers.delete(offer)
  claim.framework.offers.delete(offer)
  hold(master, { slave, claim, resources, kind, as: 'offered' }, -1)
  forgetIfEmpty(master, claim)
}

/** How long it has held how many offers, up to now. */
export function countHeld(framework: Framework, at: number): void {
  framework.offeredMs += framework.offers.size * (at - framework.offersSince)
  framework.offersSince = at
}

/** A completed framework of which nothing is left anywhere leaves the books. */
export function forgetCompleted(master: Master, framework: Framework): void {
  if (framework.state !== 'completed' || framework.claims.size > 0) return
  const { frameworkId, principal } = framework
  const others = master.frameworksOf.get(principal)
  master.frameworks.delete(frameworkId)
  others?.delete(framework)
  if (others?.size === 0) master.frameworksOf.delete(principal)
}
