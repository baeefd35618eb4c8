/** What the leading master knows. All of it is soft: a new leader hears it again from slaves and schedulers. */

import { assert } from '../../shared/assert.ts'
import type { Attributes } from '../../shared/attributes.ts'
import type { MasterSettings } from '../../shared/config.ts'
import { hash, heldHash, withItem, withoutItem } from '../../shared/digest.ts'
import type { RefusalCode } from '../../shared/errors.ts'
import {
  type Epoch,
  type ExecutorId,
  executorIdOf,
  type FrameworkId,
  type OfferId,
  type SlaveId,
  type TaskId,
  taskKey,
} from '../../shared/ids.ts'
import type { Filters } from '../../shared/messages.ts'
import { add, isNone, none, type Resources, subtract } from '../../shared/resources.ts'
import type { Address } from '../../shared/subjects.ts'
import { isTerminal, type Status, type Task as TaskSpec, type TaskState } from '../../shared/tasks.ts'
import { Heap } from '../heap.ts'
import { type Lease, newLease } from '../lease.ts'
import type { FrameworkState, OfferState, SlaveState } from '../lives.ts'
import { type Policy, policies } from './allocator/allocator.ts'
import type { Report } from './reconcile.ts'

export interface Slave {
  readonly slaveId: SlaveId
  readonly name: string
  incarnation: string
  isolation: string
  attributes: Attributes
  total: Resources
  state: SlaveState
  /** What its tasks and executors hold; what its outstanding offers hold. */
  booked: Resources
  offered: Resources
  readonly offers: Set<Offer>
  readonly tasks: Map<string, Task>
  readonly executors: Map<ExecutorId, Executor>
  heardAt: number
  /** Counts the launches to it, so that one that comes late can be told. */
  launchSeq: number
  /** Whether it stands in the registry: before that nothing is offered of it. */
  kept: boolean
  /** Its tasks with updates that no framework has acknowledged, as it last said. */
  unacked: number
  /** When it last said that there are none; and when the last of its tasks has ended. */
  quietAt: number
  endedAt: number
  /** Tasks that were over when it registered, and not acknowledged. */
  ended: ReadonlySet<string>
  /** Why it takes no tasks for now, in its own words. */
  closed: string | undefined
  drain: Drain | undefined
  /** Over its tasks that are not over and its executors; see heldHash. */
  digest: number
  /** Both digests, when they last differed: the same twice means a loss, not a delay. */
  mismatch: string | undefined
}

/** An operator wants a slave empty. */
export interface Drain {
  /** What its frameworks have not given back by then is killed, ms. */
  readonly by: number
  readonly graceSeconds: number | undefined
}

/** A custom executor; the command executor costs nothing and is not booked. */
export interface Executor {
  readonly frameworkId: FrameworkId
  readonly name: string
  readonly resources: Resources
}

export interface Framework {
  readonly frameworkId: FrameworkId
  name: string
  readonly principal: string
  role: string
  weight: number
  /** Whether it stands in the registry: before that it is offered nothing. */
  kept: boolean
  /** Whether it stands there as away. */
  keptAway: boolean
  state: FrameworkState
  instance: string
  failoverSeconds: number
  heardAt: number
  suppressed: boolean
  filters: Filters
  readonly refusals: Map<SlaveId, Refused>
  readonly offers: Set<Offer>
  readonly tasks: Map<TaskId, Task>
  booked: Resources
  offered: Resources
  /** What the policy measured last; NaN when what it holds has changed since. */
  share: number
  readonly declines: Map<string, number>
  /** Over its tasks that are not over. */
  digest: number
  /** When it will be given up, once nothing is heard of it. */
  completedAt: number | undefined
}

/** A slave that a framework does not want for a while; the last part of a declined offer's life. */
export interface Refused {
  readonly slave: Slave
  readonly framework: Framework
  readonly resources: Resources
  /** When it lapses, ms. */
  readonly at: number
  state: OfferState
}

export interface Offer {
  readonly offerId: OfferId
  readonly slave: Slave
  readonly framework: Framework
  readonly resources: Resources
  readonly standsUntil: number
  state: OfferState
}

export interface Task {
  readonly framework: Framework
  readonly taskId: TaskId
  readonly slave: Slave
  spec: TaskSpec
  readonly launchSeq: number
  state: TaskState
  since: number
  latest: Status | undefined
}

export interface Master {
  readonly settings: MasterSettings
  /** The name of this master, for people. */
  readonly name: string
  readonly policy: Policy
  readonly lease: Lease
  epoch: Epoch
  electedAt: number
  /** Whether the registry may lack what was admitted before: it was begun, or lost, only just. */
  fresh: boolean
  /** From when on nothing is known but what is known: later than the election when the registry was lost. */
  settledAt: number
  /** Since when a standby finds the lease vacant though somebody leads. */
  vacantSince: number
  /** Who was heard to lead with a higher epoch than ours; empty when nobody was. */
  rival: string
  /** When it last looked for whoever is silent. */
  lookedAt: number
  /** While its own link is down it hears nobody, and blames nobody. */
  linked: boolean
  readonly slaves: Map<SlaveId, Slave>
  readonly slavesByName: Map<string, Slave>
  readonly frameworks: Map<FrameworkId, Framework>
  /** Offers that stand, the oldest first: all of them stand equally long, so the first is the next to expire. */
  readonly offers: Map<OfferId, Offer>
  /** Ids that may not come back, the newest so many: their tasks were told lost, or killed. */
  readonly goneSlaves: Set<SlaveId>
  readonly completedFrameworks: Set<FrameworkId>
  /** When slaves were given up within the last minute, and whether too many are away for any to be. */
  readonly removals: number[]
  massLoss: boolean
  /** Reports that come in parts, by slave name. */
  readonly partial: Map<string, Report & { readonly incarnation: string; readonly parts: number }>
  /** Slaves that have something free and were not looked at since that changed. */
  readonly freed: Set<Slave>
  /** Whether the wake for the next allocation is on its way, and when the last one was. */
  offersDue: boolean
  allocatedAt: number
  /** Refusals by when they lapse; those that were revived or replaced in between are skipped when they come up. */
  readonly refusals: Heap<Refused>
  /** When the wake for the next expiry of an offer or a refusal comes; Infinity when none was asked for. */
  expiryWakeAt: number
  total: Resources
  booked: Resources
  offered: Resources
  /** Tasks that are not over. */
  taskCount: number
  /** Tasks that are over, the oldest first, for people who look back. */
  readonly over: Task[]
  readonly refused: Map<RefusalCode, number>
  readonly counts: { slaves: number; frameworks: number; offers: number }
}

/** `nonce` must be new for each process: it tells this master's lease from another's. */
export function newMaster(name: string, nonce: string, settings: MasterSettings): Master {
  const policy = policies[settings.policy]
  assert(policy, `there is no allocation policy ${settings.policy}`)
  return {
    settings,
    name,
    policy,
    lease: newLease(nonce, settings),
    epoch: 0,
    electedAt: 0,
    fresh: false,
    settledAt: 0,
    vacantSince: 0,
    rival: '',
    lookedAt: 0,
    linked: true,
    slaves: new Map(),
    slavesByName: new Map(),
    frameworks: new Map(),
    offers: new Map(),
    goneSlaves: new Set(),
    completedFrameworks: new Set(),
    removals: [],
    massLoss: false,
    partial: new Map(),
    freed: new Set(),
    offersDue: false,
    allocatedAt: 0,
    refusals: new Heap(),
    expiryWakeAt: Number.POSITIVE_INFINITY,
    total: none,
    booked: none,
    offered: none,
    taskCount: 0,
    over: [],
    refused: new Map(),
    counts: { slaves: 0, frameworks: 0, offers: 0 },
  }
}

/** Forgets everything that only the leader may know. */
export function empty(master: Master): void {
  for (const book of [
    master.slaves,
    master.slavesByName,
    master.frameworks,
    master.offers,
    master.goneSlaves,
    master.completedFrameworks,
    master.partial,
    master.freed,
    master.refused,
  ]) {
    book.clear()
  }
  while (master.refusals.popDue(Number.POSITIVE_INFINITY));
  master.over.length = 0
  master.removals.length = 0
  Object.assign(master, {
    offersDue: false,
    expiryWakeAt: Number.POSITIVE_INFINITY,
    massLoss: false,
    rival: '',
    total: none,
    booked: none,
    offered: none,
    taskCount: 0,
  })
  Object.assign(master.counts, { slaves: 0, frameworks: 0, offers: 0 })
}

/** The name of the executor that runs a task, for people. */
export const executorName = (spec: TaskSpec): string => spec.executor?.name ?? 'command'

export const freeOf = (slave: Slave): Resources =>
  subtract(subtract(slave.total, slave.booked), slave.offered)
/** Whether anything may be offered of it. */
export const isOpen = ({ state, kept, closed }: Slave): boolean =>
  state === 'active' && kept && closed === undefined
/** Known from the registry, and not heard by this leader. */
export const isAwaited = ({ incarnation }: Slave): boolean => incarnation === ''
export const toFramework = (framework: Framework): Address => ({
  role: 'scheduler',
  principal: framework.principal,
  frameworkId: framework.frameworkId,
})
export const toSlave = (slave: Slave): Address => ({ role: 'slave', slaveId: slave.slaveId })

const hashOf = (task: Task): number =>
  heldHash(task.framework.frameworkId, task.taskId, task.state === 'killing' ? 'killing' : 'task')

/** Moves resources into (or, negative, out of) what is booked, in all three books. */
export function book(master: Master, slave: Slave, framework: Framework, resources: Resources): void {
  slave.booked = add(slave.booked, resources)
  framework.booked = add(framework.booked, resources)
  framework.share = Number.NaN
  master.booked = add(master.booked, resources)
}
export function unbook(master: Master, slave: Slave, framework: Framework, resources: Resources): void {
  slave.booked = subtract(slave.booked, resources)
  framework.booked = subtract(framework.booked, resources)
  framework.share = Number.NaN
  master.booked = subtract(master.booked, resources)
}

/** A task comes into the books of its slave and its framework. */
export function enterTask(master: Master, task: Task): void {
  const { framework, slave } = task
  framework.tasks.set(task.taskId, task)
  slave.tasks.set(taskKey(framework.frameworkId, task.taskId), task)
  book(master, slave, framework, task.spec.resources)
  master.taskCount++
  slave.digest = withItem(slave.digest, hashOf(task))
  framework.digest = withItem(framework.digest, hash(task.taskId))
}

/** A task is in another state; when that is terminal it leaves the books, and its resources are free. */
export function moveTask(master: Master, task: Task, state: TaskState, at: number): void {
  assert(!isTerminal(task.state), `task ${task.taskId} is over and cannot become ${state}`)
  const { slave, framework } = task
  slave.digest = withoutItem(slave.digest, hashOf(task))
  task.state = state
  task.since = at
  if (!isTerminal(state)) {
    slave.digest = withItem(slave.digest, hashOf(task))
    return
  }
  framework.digest = withoutItem(framework.digest, hash(task.taskId))
  slave.endedAt = at
  slave.tasks.delete(taskKey(framework.frameworkId, task.taskId))
  framework.tasks.delete(task.taskId)
  unbook(master, slave, framework, task.spec.resources)
  master.taskCount--
  if (task.spec.payload) task.spec = withoutPayload(task.spec)
  master.over.push(task)
  // Halving by chunks: dropping one at a time from the front of an array would move all the others each time.
  if (master.over.length > 2 * master.settings.keepOverTasks)
    master.over.splice(0, master.over.length - master.settings.keepOverTasks)
}

/** What only its executor needs is not kept of a task that is over. */
function withoutPayload({ payload: _payload, ...spec }: TaskSpec): TaskSpec {
  return spec
}

export function enterExecutor(master: Master, slave: Slave, framework: Framework, executor: Executor): void {
  slave.executors.set(executorIdOf(framework.frameworkId, executor.name), executor)
  book(master, slave, framework, executor.resources)
  slave.digest = withItem(slave.digest, heldHash(framework.frameworkId, executor.name, 'executor'))
}

export function leaveExecutor(master: Master, slave: Slave, framework: Framework, executor: Executor): void {
  slave.executors.delete(executorIdOf(framework.frameworkId, executor.name))
  unbook(master, slave, framework, executor.resources)
  slave.digest = withoutItem(slave.digest, heldHash(framework.frameworkId, executor.name, 'executor'))
}

/** A completed framework of which nothing is left anywhere leaves the books. */
export function forgetCompleted(master: Master, framework: Framework): void {
  if (framework.state !== 'completed' || framework.tasks.size > 0 || !isNone(framework.booked)) return
  master.frameworks.delete(framework.frameworkId)
}

/** The cluster has grown or shrunk: everybody's part of it is another. */
export function forgetShares(master: Master): void {
  for (const framework of master.frameworks.values()) framework.share = Number.NaN
}
