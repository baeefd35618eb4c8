/**
 * Status updates: kept until the framework acknowledges them, said in order per task, and said again with growing
 * patience. One message on the framework's subject reaches its scheduler and the leader alike.
 */
import { type FrameworkId, taskKey } from '../../shared/ids.ts'
import { maxBodyBytes, split } from '../../shared/split.ts'
import type { Address } from '../../shared/subjects.ts'
import { isTerminal, maxMessageLength, type Status, type TaskState } from '../../shared/tasks.ts'
import { type Effect, type Heard, refuse, say, type Woken, wake } from '../decision.ts'
import { pushTo } from '../groups.ts'
import { factOf, step, taskTable } from '../lives.ts'
import { put, putLater } from './checkpoint.ts'
import { idOf, type KilledFor, moveTask, type Slave, type Task } from './ledger.ts'
import { countTime } from './limits.ts'
import { retireSandbox } from './sandboxes.ts'

export type Told = Pick<Status, 'reason' | 'message' | 'exitCode' | 'signal' | 'payload'>

/** A task has come into another state: its framework will hear of it. What its life does not know changes nothing. */
export function update(slave: Slave, task: Task, told: TaskState, why: Told, at: number): Effect[] {
  const state = step(taskTable, task.state, factOf[told])
  if (state === task.state && !isNews(slave, task, why)) return []
  if (state !== task.state) moveTask(slave, task, state)
  const timing = state === 'running' || state === 'killing' ? countTime(slave, task, at) : []
  if (isTerminal(state)) leaveExecutorOf(task, at)
  if (task.audience === 'nobody') {
    letGo(slave, task, at)
    return timing
  }
  task.seq++
  task.updates.push({
    ...(state === 'killed' && task.killedFor ? withCause(task.killedFor, why) : why),
    frameworkId: task.frameworkId,
    taskId: task.spec.taskId,
    slaveId: idOf(slave),
    state,
    seq: task.seq,
    acked: task.acked,
    at,
  })
  const status = task.updates.at(-1)
  const record = status && ({ saved: 'update', status, executorSeq: task.executorSeq } as const)
  if (record) (comesAgain(task) ? putLater : put)(slave, record)
  slave.speaking.add(task)
  return [...timing, ...speakSoon(slave, at)]
}

/** Its executor knows only that it was to be killed: whoever reads why should know that nobody of its own wanted it. */
const withCause = ({ reason, message }: KilledFor, why: Told): Told => ({
  ...why,
  reason,
  message: why.message === undefined ? message : `${message}; ${why.message}`.slice(0, maxMessageLength),
})

/**
 * That a command runs would be found out again, and said again with the same number, by whoever goes on as this slave:
 * it need not be on the disk before it is said.
 */
const comesAgain = ({ executor, state, seq }: Task): boolean =>
  executor.spec === undefined && state === 'running' && seq === 1

/** A second word on the same state is news when it says something, and while there is room for it. */
const isNews = (slave: Slave, task: Task, { message, payload }: Told) =>
  !isTerminal(task.state) &&
  (message !== undefined || payload !== undefined) &&
  task.updates.length < slave.settings.maxUpdatesPerTask

/** Says what was not said yet: one message for each framework, however many tasks have news. */
export function speak(slave: Slave, heard: Woken<'speak'>): Effect[] {
  slave.speakDue = false
  const speakers = new Map<FrameworkId, Task[]>()
  for (const task of slave.speaking) pushTo(speakers, task.frameworkId, task)
  slave.speaking.clear()
  const said = [...speakers.values()].flatMap((tasks) => inMessages(slave, tasks))
  for (const tasks of speakers.values()) {
    for (const task of tasks) {
      task.spoken = task.updates.length
      if (task.audience === 'bus') letGo(slave, task, heard.at)
      else awaitAck(slave, task, heard.at)
    }
  }
  return [...said, ...repeatWake(slave)]
}

/** What nobody acknowledged in time is said again, all of it, in order. */
export function repeat(slave: Slave, heard: Woken<'repeat'>): Effect[] {
  slave.repeatWakeAt = Number.POSITIVE_INFINITY
  for (let due = slave.repeats.popDue(heard.at); due; due = slave.repeats.popDue(heard.at)) {
    const { task } = due
    if (task.updates.length === 0 || task.repeatAt !== due.at) continue
    task.backoffMs = Math.min(task.backoffMs * 2, slave.settings.updateRetryMaxSeconds * 1000)
    sayAllOf(slave, task)
  }
  return slave.speaking.size > 0 ? speak(slave, { type: 'wake.speak', at: heard.at }) : repeatWake(slave)
}

/** A framework listens again. */
export const repeatFor = (slave: Slave, heard: Heard<'framework.returned'>): Effect[] =>
  repeatAll(slave, heard.at, heard.body.frameworkId)

/** After a gap: whatever nobody (or only this framework not) acknowledged is said at once, with fresh patience. */
export function repeatAll(slave: Slave, at: number, only?: FrameworkId): Effect[] {
  for (const task of slave.tasks.values()) {
    if (task.updates.length === 0 || (only && task.frameworkId !== only)) continue
    task.backoffMs = slave.settings.updateRetrySeconds * 1000
    sayAllOf(slave, task)
  }
  return slave.speaking.size > 0 ? speakSoon(slave, at) : []
}

/** Nobody will acknowledge it any more: it is said to the leader, who may have missed it and knows by it what is free. */
export function sayOnceMore(slave: Slave, task: Task, at: number): Effect[] {
  sayAllOf(slave, task)
  return speakSoon(slave, at)
}

/** What was said of it already as well. */
function sayAllOf(slave: Slave, task: Task): void {
  task.spoken = 0
  slave.speaking.add(task)
}

/** The framework has heard: what it acknowledged is forgotten, and with its last word the task. */
export function hearAcks(slave: Slave, heard: Heard<'status.ack'>): Effect[] {
  const effects: Effect[] = []
  for (const { frameworkId, taskId, seq } of heard.body.acks) {
    const task = slave.tasks.get(taskKey(frameworkId, taskId))
    if (!task) continue
    if (task.principal !== heard.from.id) {
      effects.push(...refuse(heard, 'framework-foreign', `task ${taskId}`))
      continue
    }
    acknowledge(slave, task, Math.min(seq, task.seq), heard.at)
  }
  return effects
}

/** A task that is over and of which nothing is left to say leaves the books; its sandbox stays for a while. */
export function letGo(slave: Slave, task: Task, at: number): void {
  if (!isTerminal(task.state)) return
  task.updates = []
  slave.tasks.delete(taskKey(task.frameworkId, task.spec.taskId))
  slave.speaking.delete(task)
  retireSandbox(slave, task, at)
}

function acknowledge(slave: Slave, task: Task, seq: number, at: number): void {
  const acknowledged = seq - task.acked
  if (acknowledged <= 0) return
  task.acked = seq
  task.updates.splice(0, acknowledged)
  task.spoken = Math.max(0, task.spoken - acknowledged)
  task.backoffMs = slave.settings.updateRetrySeconds * 1000
  const { frameworkId, spec } = task
  putLater(slave, { saved: 'ack', frameworkId, taskId: spec.taskId, seq })
  if (task.updates.length === 0) letGo(slave, task, at)
}

function leaveExecutorOf(task: Task, at: number): void {
  task.executor.tasks.delete(task)
  if (task.executor.tasks.size === 0) task.executor.idleSince = at
}

/** After this burst of events, so that what ends together is told together. */
function speakSoon(slave: Slave, at: number): Effect[] {
  if (slave.speakDue) return []
  slave.speakDue = true
  return [wake('speak', at)]
}

function awaitAck(slave: Slave, task: Task, at: number): void {
  task.repeatAt = at + task.backoffMs
  slave.repeats.push({ at: task.repeatAt, task })
}

function repeatWake(slave: Slave): Effect[] {
  const earliest = slave.repeats.peek()?.at ?? Number.POSITIVE_INFINITY
  if (earliest >= slave.repeatWakeAt) return []
  slave.repeatWakeAt = earliest
  return [wake('repeat', earliest)]
}

function inMessages(slave: Slave, tasks: readonly Task[]): Effect[] {
  const [first] = tasks
  if (!first) return []
  const to: Address = { role: 'scheduler', principal: first.principal, frameworkId: first.frameworkId }
  const updates = tasks.flatMap((task) =>
    task.updates.slice(task.spoken).map((status) => ({ ...status, acked: task.acked })),
  )
  return split(updates, maxBodyBytes, slave.settings.maxUpdatesPerMessage).map((some) =>
    say('status.update', to, { updates: some }),
  )
}
