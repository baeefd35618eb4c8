/** Tasks on a slave: launched to their executors, stopped, told of, and given up. */

import { type ExecutorId, taskKey } from '../../shared/ids.ts'
import type { Body } from '../../shared/messages.ts'
import { none } from '../../shared/resources.ts'
import type { RunEvent } from '../../shared/runs.ts'
import { isTerminal, type Task as TaskSpec } from '../../shared/tasks.ts'
import { type Effect, type Heard, refuse, say } from '../decision.ts'
import { pushTo } from '../groups.ts'
import { putProgress } from './checkpoint.ts'
import { endExecutor, executorFor, launchOn, type Owner, stopOn } from './executors.ts'
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
import { letGo, type Told, update } from './updates.ts'

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

/** Stop these; what is not here (any more) needs no stopping. */
export function stopTasks(slave: Slave, heard: Heard<'task.stop'>): Effect[] {
  const effects: Effect[] = []
  for (const { frameworkId, taskId, graceSeconds } of heard.body.tasks) {
    const task = slave.tasks.get(taskKey(frameworkId, taskId))
    if (task) effects.push(...stopTask(slave, task, graceSeconds, heard.at))
  }
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
  return specs.flatMap(({ owner, spec }) => drop(slave, owner, spec, why, at))
}

/** Of what the leader expects, all that we never heard of is dropped: a launch of it would now come too late. */
export function dropUnheard(slave: Slave, expected: Body<'slave.report'>['expected'], at: number): Effect[] {
  const unheard = expected.filter(({ frameworkId, taskId }) => !slave.tasks.has(taskKey(frameworkId, taskId)))
  const why: Told = { reason: 'launch-lost', message: 'the launch never reached the slave' }
  return unheard.flatMap(({ taskId, ...owner }) => drop(slave, owner, { taskId, resources: none }, why, at))
}

/** A framework is done for good: all of it stops, and its updates wait for nobody. */
export function shutDownFramework(slave: Slave, heard: Heard<'framework.shutdown'>): Effect[] {
  const { frameworkId } = heard.body
  const effects: Effect[] = []
  for (const task of [...slave.tasks.values()]) {
    if (task.frameworkId !== frameworkId) continue
    task.audience = 'bus'
    if (isTerminal(task.state)) letGo(slave, task, heard.at)
    else effects.push(...stopTask(slave, task, undefined, heard.at))
  }
  for (const executor of slave.executors.values()) {
    if (executor.frameworkId === frameworkId)
      effects.push({ do: 'stop', runId: executor.runId, graceSeconds: slave.settings.killGraceSeconds })
  }
  return effects
}

/** The slave stops, and everything with it. */
export const stopEverything = (slave: Slave, at: number): Effect[] => stopAllRuns(slave, undefined, at)

/** The leader has told everybody that these are lost: all of it ends at once, and nothing more is said of it. */
export function giveUpTasks(slave: Slave, at: number): Effect[] {
  for (const task of [...slave.tasks.values()]) {
    task.audience = 'nobody'
    putProgress(slave, task)
    if (isTerminal(task.state)) letGo(slave, task, at)
  }
  return stopAllRuns(slave, 0, at)
}

/** Stops every task, and every custom executor with its own. */
function stopAllRuns(slave: Slave, graceSeconds: number | undefined, at: number): Effect[] {
  const tasks = [...slave.tasks.values()].flatMap((task) => stopTask(slave, task, graceSeconds, at))
  const executors = [...slave.executors.values()].filter((executor) => executor.spec)
  const grace = graceSeconds ?? slave.settings.killGraceSeconds
  return [...tasks, ...executors.map(({ runId }): Effect => ({ do: 'stop', runId, graceSeconds: grace }))]
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
  const { executor, effects } = spec.executor
    ? executorFor(slave, owner, spec.executor, at)
    : { executor: commandExecutor(slave), effects: [] }
  const runId = executor.runId || `${taskRunPrefix}${slave.incarnation}-${++slave.counts.runs}`
  const task = newTask(slave, owner, spec, executor, runId, thisLaunch(slave), at)
  enterTask(slave, task)
  openSandbox(slave, task)
  if (slave.tasks.size > slave.settings.maxTasks) {
    return [
      ...effects,
      ...update(
        slave,
        task,
        'error',
        { reason: 'refused', message: `the slave holds ${slave.settings.maxTasks} tasks already` },
        at,
      ),
    ]
  }
  pushTo(launched, executor, task)
  return effects
}

function drop(slave: Slave, owner: Owner, spec: TaskSpec, why: Told, at: number): Effect[] {
  const task = newTask(slave, owner, spec, commandExecutor(slave), '', thisLaunch(slave), at)
  enterTask(slave, task)
  return update(slave, task, 'dropped', why, at)
}

const thisLaunch = ({ epoch, launchSeq: seq }: Slave) => ({ epoch, seq })

function stopTask(slave: Slave, task: Task, graceSeconds: number | undefined, at: number): Effect[] {
  if (isTerminal(task.state)) return []
  const grace = graceSeconds ?? task.spec.killGraceSeconds ?? slave.settings.killGraceSeconds
  if (task.executor.state === 'starting') {
    return update(
      slave,
      task,
      'killed',
      { reason: 'kill-requested', message: 'killed before its executor was up' },
      at,
    )
  }
  // The grace is the executor's to keep; only after it, and in doubt, the order is given again.
  task.orderAt = at + grace * 1000 + task.orderBackoffMs
  return [...update(slave, task, 'killing', {}, at), stopOn(slave, task, grace)]
}
