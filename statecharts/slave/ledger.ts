/** What a slave knows: the executors and tasks that it runs, and the updates that nobody has acknowledged. */

import { assert } from '../../shared/assert.ts'
import type { Attributes } from '../../shared/attributes.ts'
import type { SlaveSettings } from '../../shared/config.ts'
import { heldHash, withItem, withoutItem } from '../../shared/digest.ts'
import {
  commandExecutorId,
  type Epoch,
  type ExecutorId,
  type FrameworkId,
  type SlaveId,
  taskKey,
} from '../../shared/ids.ts'
import type { Holdings, Reservation } from '../../shared/messages.ts'
import { none, type Resources } from '../../shared/resources.ts'
import type { Address } from '../../shared/subjects.ts'
import {
  type ExecutorSpec,
  isTerminal,
  type Reason,
  type Status,
  type Task as TaskSpec,
  type TaskState,
} from '../../shared/tasks.ts'
import type { Heard } from '../decision.ts'
import { Heap } from '../heap.ts'
import { factOf } from '../lives.ts'
import { Moves } from '../moves.ts'
import { executorRecord, put, putSelf, type Saved, taskRecord } from './checkpoint.ts'

export interface Task {
  readonly frameworkId: FrameworkId
  readonly principal: string
  readonly frameworkName: string
  /** When it is over, no more of it than is needed until that was acknowledged. */
  spec: TaskSpec
  readonly executor: Executor
  /** The name of its sandbox and container; the executor's own for a task of a custom executor. */
  readonly runId: string
  /** The launch that it came with: a later order to its executor is told from an earlier one by it. */
  readonly launch: { readonly epoch: Epoch; readonly seq: number }
  state: TaskState
  /** When an executor that did not answer an order is given it again, and how long after that. */
  orderAt: number
  orderBackoffMs: number
  /** Updates that are not acknowledged, in order; the first `spoken` of them were said. */
  updates: Status[]
  spoken: number
  seq: number
  acked: number
  /** The last of its executor's updates that was taken in. */
  executorSeq: number
  /** Who is told: the framework until it has heard; the bus, once, when its framework is gone; nobody, when it was told lost. */
  audience: 'framework' | 'bus' | 'nobody'
  /** Since when it runs, where it may only for so long. */
  runningSince: number | undefined
  /** Why it is being killed, where it is not for its framework or an operator. */
  killedFor: KilledFor | undefined
  /** When its unacknowledged updates are said again, and how long after that. */
  repeatAt: number
  backoffMs: number
}

export interface KilledFor {
  readonly reason: Reason
  readonly message: string
}

export interface Executor {
  readonly executorId: ExecutorId
  readonly name: string
  readonly frameworkId: FrameworkId
  readonly principal: string
  readonly frameworkName: string
  readonly runId: string
  /** What a custom executor was started from; the command executor has none. */
  readonly spec: ExecutorSpec | undefined
  /** `returning`: started by an earlier process of this slave, and not heard by this one. */
  state: 'starting' | 'running' | 'returning'
  readonly tasks: Set<Task>
  startedAt: number
  idleSince: number
}

/** A task's sandbox outlives it for a while, so that people can read what it wrote. */
export interface Sandbox {
  readonly runId: string
  readonly principal: string
  /** Undefined while its task is not over. */
  forgetAt: number | undefined
}

/** Who this slave is and what it has: given to it, and the same for all of its life. */
export interface SlaveIdentity {
  readonly name: string
  readonly incarnation: string
  readonly resources: Resources
  /** What of it is for one role alone, whatever the leader says. */
  readonly reserved: readonly Reservation[]
  readonly attributes: Attributes
  readonly isolation: string
  /** What a custom executor needs in its environment to find the bus. */
  readonly executorEnv: Readonly<Record<string, string>>
  /** The id of a former life, of which nothing runs any more. */
  readonly formerId?: SlaveId
}

/** A change of what it holds that is on its way to the disk. */
export interface Change {
  readonly heard: Heard<'holdings.set'>
  /** The last registration that had been said when it began. */
  readonly registration: number
  /** Tasks that begin when it is done: each has a volume that is made by it. */
  readonly waiting: Task[]
}

export interface Slave extends SlaveIdentity {
  readonly settings: SlaveSettings
  readonly moves: Moves
  slaveId: SlaveId | undefined
  /** The id by which it is listening to the leader. */
  listening: SlaveId | undefined
  /** The highest epoch that was heard; words of a lower one are not obeyed. */
  epoch: Epoch
  /** Whose epoch that is; undefined when only the epoch was heard. */
  reign: string | undefined
  /** The last launch that was heard in this epoch; earlier ones come too late. */
  launchSeq: number
  /** How often it speaks to the leader. */
  beatSeconds: number
  /** Counts registrations, so that the answer to an earlier one is known for what it is. */
  registration: number
  readonly executors: Map<ExecutorId, Executor>
  readonly tasks: Map<string, Task>
  digest: number
  /** Tasks with updates that were not said yet. */
  readonly speaking: Set<Task>
  speakDue: boolean
  readonly repeats: Heap<{ readonly at: number; readonly task: Task }>
  repeatWakeAt: number
  /** When tasks will have run for as long as they may. */
  readonly limits: Heap<{ readonly at: number; readonly task: Task }>
  limitWakeAt: number
  holdings: Holdings
  change: Change | undefined
  /** By task; those of tasks that are over in the order in which they ended. */
  readonly sandboxes: Map<string, Sandbox>
  readonly counts: { runs: number }
  /** What is to be put down in the checkpoint, and whether what follows must wait for it. */
  readonly unsaved: Saved[]
  mustSave: boolean
  /** Records that were appended since the checkpoint was last written anew. */
  appended: number
  /** Why it takes no tasks for now. */
  closed: string | undefined
  /** Whether it is to be tried again. */
  diskDue: boolean
  /** Why the leader did not admit it; told once. */
  complaint: string
  /** When a slave that stops waits no longer for what it runs; Infinity while it does not stop. */
  stopBy: number
}

export function newSlave(identity: SlaveIdentity, settings: SlaveSettings): Slave {
  const command: Executor = {
    executorId: commandExecutorId,
    name: 'command',
    frameworkId: '' as FrameworkId,
    principal: '',
    frameworkName: '',
    runId: '',
    spec: undefined,
    state: 'running',
    tasks: new Set(),
    startedAt: 0,
    idleSince: 0,
  }
  return {
    ...identity,
    settings,
    moves: new Moves(),
    slaveId: undefined,
    listening: undefined,
    epoch: 0,
    reign: undefined,
    launchSeq: 0,
    beatSeconds: 1,
    registration: 0,
    executors: new Map([[commandExecutorId, command]]),
    tasks: new Map(),
    digest: 0,
    speaking: new Set(),
    speakDue: false,
    repeats: new Heap(),
    repeatWakeAt: Number.POSITIVE_INFINITY,
    limits: new Heap(),
    limitWakeAt: Number.POSITIVE_INFINITY,
    holdings: { version: 0, reserved: [], volumes: [] },
    change: undefined,
    sandboxes: new Map(),
    counts: { runs: 0 },
    unsaved: [],
    mustSave: false,
    appended: 0,
    closed: undefined,
    diskDue: false,
    complaint: '',
    stopBy: Number.POSITIVE_INFINITY,
  }
}

export const toLeader: Address = { role: 'master' }
export const toExecutor = (slave: Slave, executor: Executor): Address => ({
  role: 'executor',
  slaveId: idOf(slave),
  executorId: executor.executorId,
})
/** Before the first registration a slave has nothing to say that would need its id. */
export const idOf = (slave: Slave): SlaveId => slave.slaveId ?? ('' as SlaveId)

const hashOf = (task: Task) =>
  heldHash(task.frameworkId, task.spec.taskId, task.state === 'killing' ? 'killing' : 'task')

/** A task as it begins; it is not in the books yet. */
export function newTask(
  slave: Slave,
  { frameworkId, principal, frameworkName }: Pick<Task, 'frameworkId' | 'principal' | 'frameworkName'>,
  spec: TaskSpec,
  executor: Executor,
  runId: string,
  launch: Task['launch'],
  at: number,
): Task {
  const retryMs = slave.settings.updateRetrySeconds * 1000
  return {
    frameworkId,
    principal,
    frameworkName,
    spec,
    executor,
    runId,
    launch,
    state: 'staging',
    orderAt: at + retryMs,
    orderBackoffMs: retryMs,
    updates: [],
    spoken: 0,
    seq: 0,
    acked: 0,
    executorSeq: 0,
    audience: 'framework',
    runningSince: undefined,
    killedFor: undefined,
    repeatAt: 0,
    backoffMs: retryMs,
  }
}

export function enterTask(slave: Slave, task: Task): void {
  put(slave, taskRecord(task))
  slave.tasks.set(taskKey(task.frameworkId, task.spec.taskId), task)
  task.executor.tasks.add(task)
  slave.digest = withItem(slave.digest, hashOf(task))
  tellMove(slave, task, 'enter', '')
}

export function moveTask(slave: Slave, task: Task, state: TaskState): void {
  if (!isTerminal(task.state)) slave.digest = withoutItem(slave.digest, hashOf(task))
  const before = task.state
  task.state = state
  tellMove(slave, task, factOf[state], before)
  if (!isTerminal(state)) slave.digest = withItem(slave.digest, hashOf(task))
  else task.spec = { taskId: task.spec.taskId, resources: task.spec.resources }
}

function tellMove({ moves }: Slave, task: Task, fact: string, before: string): void {
  if (moves.watched) moves.note('task', taskKey(task.frameworkId, task.spec.taskId), fact, before, task.state)
}

export function enterExecutor(slave: Slave, executor: Executor): void {
  if (executor.spec) put(slave, executorRecord(executor, executor.spec))
  slave.executors.set(executor.executorId, executor)
  slave.digest = withItem(slave.digest, heldHash(executor.frameworkId, executor.name, 'executor'))
}

export function leaveExecutor(slave: Slave, executor: Executor): void {
  put(slave, { saved: 'executor.over', executorId: executor.executorId })
  slave.executors.delete(executor.executorId)
  slave.digest = withoutItem(slave.digest, heldHash(executor.frameworkId, executor.name, 'executor'))
}

/** What is booked for an executor: nothing for the command executor. */
export const executorResources = (executor: Executor): Resources => executor.spec?.resources ?? none

/** Whether a word of a leader counts: an epoch as high as any that was heard. */
export function obeys(slave: Slave, heard: { readonly body: { readonly epoch: number } }): boolean {
  return heard.body.epoch >= slave.epoch
}

/** Another leader: its counters start anew. */
export function hearEpoch(slave: Slave, epoch: number, reign?: string): void {
  const learnsWhose = epoch === slave.epoch && slave.reign === undefined && reign !== undefined
  if (epoch <= slave.epoch && !learnsWhose) return
  if (epoch > slave.epoch) slave.launchSeq = 0
  slave.epoch = epoch
  slave.reign = reign
  putSelf(slave)
}

export function commandExecutor(slave: Slave): Executor {
  const command = slave.executors.get(commandExecutorId)
  assert(command, 'a slave always has its command executor')
  return command
}
