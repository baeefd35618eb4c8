/** Tasks on a slave: launched to their executors, or turned down, and told of. */

import { counted } from '../../shared/counted.ts'
import { type ExecutorId, taskKey } from '../../shared/ids.ts'
import type { Body } from '../../shared/messages.ts'
import { none } from '../../shared/resources.ts'
import type { RunEvent } from '../../shared/runs.ts'
import { isTerminal, type Task as TaskSpec } from '../../shared/tasks.ts'
import { type Effect, type Heard, refuse, say } from '../decision.ts'
import { pushTo } from '../groups.ts'
import { endExecutor, executorFor, launchOn, type Owner } from './executors.ts'
import { flawOfVolumes, missingVolume } from './holdings.ts'
import { stopTask } from './kills.ts'
import {
  commandExecutor,
  type Executor,
  enterTask,
  hearEpoch,
  newTask,
  type Slave,
  type Task,
  toExecutor,
} from './ledger.ts'
import { openSandbox, taskRunPrefix } from './sandboxes.ts'
import { sayOnceMore, type Told, update } from './updates.ts'

/** Run these. A launch that comes late, or twice, is not obeyed: the leader has settled what became of it. */
export function launchTasks(slave: Slave, heard: Heard<'task.launch'>): Effect[] {
  const { epoch, seq, launches } = heard.body
  hearEpoch(slave, epoch)
  if (seq <= slave.launchSeq) return refuse(heard, 'late-launch', `launch ${seq} after ${slave.launchSeq}`)
  slave.launchSeq = seq
  if (slave.closed !== undefined)
    return dropLaunches(slave, heard, { reason: 'disk-failed', message: slave.closed })
  const effects: Effect[] = []
  const launched = new Map<Executor, Task[]>()
  for (const { tasks, ...owner } of launches) {
    for (const spec of tasks) effects.push(...launchTask(slave, owner, spec, launched, heard.at))
  }
  for (const [executor, tasks] of launched) effects.push(...launchOn(slave, executor, tasks))
  return effects
}

/** An executor tells what became of its tasks. It hears at once that this was taken in. */
export function noteUpdates(slave: Slave, heard: Heard<'status.update'>): Effect[] {
  const executor = slave.executors.get(heard.from.id as ExecutorId)
  if (!executor) return refuse(heard, 'executor-unknown', `executor ${heard.from.id}`)
  const effects: Effect[] = []
  const acks: Body<'status.ack'>['acks'] = []
  for (const status of heard.body.updates) {
    const { frameworkId, taskId, seq, state, reason, message, exitCode, signal, payload } = status
    acks.push({ frameworkId, taskId, seq })
    const task = slave.tasks.get(taskKey(frameworkId, taskId))
    if (task?.executor !== executor || seq <= task.executorSeq) continue
    task.executorSeq = seq
    const why = {
      ...(reason && { reason }),
      ...(message !== undefined && { message }),
      ...(exitCode !== undefined && { exitCode }),
      ...(signal && { signal }),
      ...(payload && { payload }),
    }
    // When it was heard, by our own clock: an executor's may be another one.
    effects.push(...update(slave, task, state, why, heard.at))
  }
  return [say('status.ack', toExecutor(slave, executor), { acks }), ...effects]
}

/** The process of a custom executor has ended. Tasks' own runs are the command executor's affair. */
export function noteRunEnded(
  slave: Slave,
  heard: Extract<RunEvent, { type: 'run.ended' }> & { readonly at: number },
): Effect[] {
  const executor = [...slave.executors.values()].find(({ runId }) => runId === heard.runId)
  return executor ? endExecutor(slave, executor, heard.outcome, heard.at) : []
}

/** A slave that stops takes nothing on: what is launched now is dropped, and may be launched elsewhere. */
export const turnDownLaunches = (slave: Slave, heard: Heard<'task.launch'>): Effect[] =>
  dropLaunches(slave, heard, { reason: 'slave-stopped', message: 'the slave is stopping' })

function dropLaunches(slave: Slave, { body: { launches }, at }: Heard<'task.launch'>, why: Told): Effect[] {
  const specs = launches.flatMap(({ tasks, ...owner }) => tasks.map((spec) => ({ owner, spec })))
  return specs.flatMap(({ owner, spec }) => turnDown(slave, owner, spec, 'dropped', why, at))
}

/** Of what the leader expects, all that we never heard of is dropped: a launch of it would now come too late. */
export function dropUnheard(slave: Slave, expected: Body<'slave.report'>['expected'], at: number): Effect[] {
  const unheard = expected.filter(({ frameworkId, taskId }) => !slave.tasks.has(taskKey(frameworkId, taskId)))
  const why: Told = { reason: 'launch-lost', message: 'the launch never reached the slave' }
  return unheard.flatMap(({ taskId, ...owner }) =>
    turnDown(slave, owner, { taskId, resources: none }, 'dropped', why, at),
  )
}

/** A framework is done for good: all of it stops, and its updates wait for nobody. */
export function shutDownFramework(slave: Slave, heard: Heard<'framework.shutdown'>): Effect[] {
  const { frameworkId } = heard.body
  const effects: Effect[] = []
  for (const task of [...slave.tasks.values()]) {
    if (task.frameworkId !== frameworkId) continue
    task.audience = 'bus'
    const stopped = isTerminal(task.state)
      ? sayOnceMore(slave, task, heard.at)
      : stopTask(slave, task, undefined, heard.at)
    effects.push(...stopped)
  }
  for (const executor of slave.executors.values()) {
    if (executor.frameworkId === frameworkId)
      effects.push({ do: 'stop', runId: executor.runId, graceSeconds: slave.settings.killGraceSeconds })
  }
  return effects
}

function launchTask(
  slave: Slave,
  owner: Owner,
  spec: TaskSpec,
  launched: Map<Executor, Task[]>,
  at: number,
): Effect[] {
  const known = slave.tasks.get(taskKey(owner.frameworkId, spec.taskId))
  if (known && !isTerminal(known.state)) return []
  const flaw = flawOf(slave, spec)
  if (flaw) return turnDown(slave, owner, spec, 'error', flaw, at)
  const { executor, effects } = spec.executor
    ? executorFor(slave, owner, spec.executor, at)
    : { executor: commandExecutor(slave), effects: [] }
  const runId = executor.runId || `${taskRunPrefix}${slave.incarnation}-${++slave.counts.runs}`
  const task = newTask(slave, owner, spec, executor, runId, thisLaunch(slave), at)
  enterTask(slave, task)
  openSandbox(slave, task)
  if (slave.change && missingVolume(slave, spec)) slave.change.waiting.push(task)
  else pushTo(launched, executor, task)
  return effects
}

/** Why it cannot be run here as it is written; undefined when it can. */
function flawOf(slave: Slave, spec: TaskSpec): Told | undefined {
  const { maxTasks } = slave.settings
  if (slave.tasks.size >= maxTasks)
    return { reason: 'refused', message: `the slave holds ${counted(maxTasks, 'task')} already` }
  return flawOfVolumes(slave, spec)
}

/** It is over before it began, and its framework hears why. */
function turnDown(
  slave: Slave,
  owner: Owner,
  spec: TaskSpec,
  state: 'dropped' | 'error',
  why: Told,
  at: number,
): Effect[] {
  const task = newTask(slave, owner, spec, commandExecutor(slave), '', thisLaunch(slave), at)
  enterTask(slave, task)
  return update(slave, task, state, why, at)
}

const thisLaunch = ({ epoch, launchSeq: seq }: Slave) => ({ epoch, seq })
