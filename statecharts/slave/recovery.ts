/** A slave that was killed, started again: its books are what its checkpoint says, and what runs is found again. */
import { type ExecutorId, executorIdOf, taskKey } from '../../shared/ids.ts'
import { add, none, type Resources } from '../../shared/resources.ts'
import { isTerminal, type Status } from '../../shared/tasks.ts'
import { type Effect, note, say, wake } from '../decision.ts'
import { compact, type Saved } from './checkpoint.ts'
import { executorRun } from './executors.ts'
import { missingVolume } from './holdings.ts'
import { giveUpTasks } from './kills.ts'
import {
  commandExecutor,
  type Executor,
  enterExecutor,
  enterTask,
  executorResources,
  leaveExecutor,
  moveTask,
  newTask,
  type Slave,
  type Task,
  toExecutor,
} from './ledger.ts'
import { limitWake, recallTimes } from './limits.ts'
import { register } from './registration.ts'
import { update } from './updates.ts'

type At = { readonly at: number }

/** Brings what an earlier process put down into the books of a new one. */
export function recall(slave: Slave, records: readonly Saved[], at: number): void {
  for (const record of records) recallOne(slave, record, at)
  for (const executor of slave.executors.values()) {
    if (executor.spec) executor.state = 'returning'
  }
  recallTimes(slave, at)
  // It is all on the disk already.
  slave.unsaved.length = 0
  slave.mustSave = false
}

/** What it runs, by its books: less than this it cannot offer. */
export const heldBy = (slave: Slave): Resources =>
  [
    ...[...slave.tasks.values()].filter(({ state }) => !isTerminal(state)).map(({ spec }) => spec.resources),
    ...[...slave.executors.values()].map(executorResources),
  ].reduce(add, none)

/** The runs of which something is left: those that go on, and those whose sandboxes are kept. */
export const runIdsOf = (slave: Slave): Set<string> =>
  new Set([
    ...[...slave.executors.values()].map(({ runId }) => runId),
    ...[...slave.tasks.values()].map(({ runId }) => runId),
    ...[...slave.sandboxes.values()].map(({ runId }) => runId),
  ])

/** Looks for what it ran before, and registers with whoever leads. */
export const begin = (slave: Slave, heard: At): Effect[] => [
  ...[...slave.executors.values()].flatMap((executor) => adoptExecutor(slave, executor, heard.at)),
  ...[...slave.tasks.values()].flatMap((task) => resumeTask(slave, task, heard.at)),
  ...limitWake(slave),
  // It had been given up, and was to end all of this first.
  ...(slave.slaveId === undefined ? giveUpTasks(slave, heard.at) : []),
  ...register(slave, heard),
]

/** The disk does not take what must not be forgotten: what runs goes on, and nothing new is taken on. */
export function closeDown(slave: Slave, heard: At & { readonly message: string }): Effect[] {
  const known = slave.closed !== undefined
  slave.closed = `its disk: ${heard.message}`
  const told = known ? [] : [note('error', `no new tasks are taken: ${slave.closed}`, slave)]
  if (slave.diskDue) return told
  slave.diskDue = true
  return [...told, wake('disk', heard.at + slave.settings.diskRetrySeconds * 1000)]
}
/** All of the checkpoint is written anew: what was lost of it is known yet. */
export function retryDisk(slave: Slave): Effect[] {
  slave.diskDue = false
  return slave.closed === undefined ? [] : [compact(slave)]
}
export function openAgain(slave: Slave): Effect[] {
  if (slave.closed === undefined) return []
  slave.closed = undefined
  return [note('info', 'the disk is well, and tasks are taken again', slave)]
}

function recallOne(slave: Slave, record: Saved, at: number): void {
  switch (record.saved) {
    case 'self':
      slave.slaveId = record.slaveId
      slave.epoch = Math.max(slave.epoch, record.epoch)
      slave.reign = record.reign
      break
    case 'executor':
      enterExecutor(slave, {
        ...record,
        executorId: executorIdOf(record.frameworkId, record.name),
        state: 'returning',
        tasks: new Set(),
        startedAt: at,
        idleSince: at,
      })
      break
    case 'executor.over':
      forgetExecutor(slave, record.executorId)
      break
    case 'task':
      recallTask(slave, record, at)
      break
    case 'sandbox.over':
      slave.sandboxes.delete(record.key)
      break
    case 'update':
      recallUpdate(slave, record)
      break
    default:
      recallOfTask(slave, record)
  }
}

function forgetExecutor(slave: Slave, executorId: ExecutorId): void {
  const executor = slave.executors.get(executorId)
  if (executor) leaveExecutor(slave, executor)
}

function recallTask(slave: Slave, record: Extract<Saved, { saved: 'task' }>, at: number): void {
  const { spec, runId, launch } = record
  const executor = slave.executors.get(record.executorId) ?? commandExecutor(slave)
  enterTask(slave, newTask(slave, record, spec, executor, runId, launch, at))
  slave.sandboxes.set(taskKey(record.frameworkId, spec.taskId), {
    runId,
    principal: record.principal,
    forgetAt: undefined,
  })
  if (launch.epoch === slave.epoch) slave.launchSeq = Math.max(slave.launchSeq, launch.seq)
}

function recallUpdate(slave: Slave, { status, executorSeq }: Extract<Saved, { saved: 'update' }>): void {
  const task = slave.tasks.get(taskKey(status.frameworkId, status.taskId))
  if (!task) return
  task.seq = status.seq
  task.executorSeq = executorSeq
  task.updates.push(status)
  enterState(slave, task, status.state)
  if (task.spec.maxSeconds !== undefined) task.runningSince ??= runsBy(status) ? status.at : undefined
  const { state, reason, message } = status
  if (state === 'killing' && reason && message !== undefined) task.killedFor ??= { reason, message }
}

const runsBy = ({ state }: Status): boolean => state === 'running' || state === 'killing'

type OfTask = Extract<Saved, { saved: 'progress' | 'ack' | 'task.over' }>

function recallOfTask(slave: Slave, record: OfTask): void {
  const key = taskKey(record.frameworkId, record.taskId)
  const task = slave.tasks.get(key)
  if (record.saved === 'task.over') {
    const { runId, principal, forgetAt } = record
    if (task) enterState(slave, task, isTerminal(task.state) ? task.state : 'lost')
    slave.tasks.delete(key)
    slave.sandboxes.delete(key)
    slave.sandboxes.set(key, { runId, principal, forgetAt })
  } else if (task && record.saved === 'ack') {
    task.acked = Math.max(task.acked, record.seq)
    task.updates = task.updates.filter(({ seq }) => seq > task.acked)
  } else if (task && record.saved === 'progress') {
    const { state, ...rest } = record
    Object.assign(task, {
      seq: rest.seq,
      acked: rest.acked,
      executorSeq: rest.executorSeq,
      audience: rest.audience,
      runningSince: rest.runningSince,
      killedFor: rest.killedFor,
    })
    enterState(slave, task, state)
  }
}

function enterState(slave: Slave, task: Task, state: Task['state']): void {
  if (state !== task.state) moveTask(slave, task, state)
  if (isTerminal(state)) task.executor.tasks.delete(task)
}

function adoptExecutor(slave: Slave, executor: Executor, at: number): Effect[] {
  if (!executor.spec) return []
  executor.startedAt = at
  return [{ do: 'adopt', run: executorRun(slave, executor, executor.spec) }]
}

/** The command executor lived in the process that is gone: it hears again of each run, and where it had come to. */
function resumeTask(slave: Slave, task: Task, at: number): Effect[] {
  const { executor, frameworkId, principal, frameworkName, spec, runId, launch, executorSeq } = task
  if (executor.spec || isTerminal(task.state)) return []
  // It was to begin when its volume had been made.
  const missing = missingVolume(slave, spec)
  if (missing) return update(slave, task, 'error', missing, at)
  const launches = [
    { frameworkId, principal, frameworkName, tasks: [spec], runs: [runId], resumed: [executorSeq] },
  ]
  const resumed = say('task.launch', toExecutor(slave, executor), { ...launch, launches })
  if (task.state !== 'killing') return [resumed]
  const graceSeconds = spec.killGraceSeconds ?? slave.settings.killGraceSeconds
  const tasks = [{ frameworkId, taskId: spec.taskId, graceSeconds, seq: launch.seq }]
  return [resumed, say('task.stop', toExecutor(slave, executor), { epoch: launch.epoch, tasks })]
}
