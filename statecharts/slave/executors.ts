/** Executors: a custom one is started with its first task, registers, serves, and goes when it is idle. */
import { type ExecutorId, executorIdOf, type FrameworkId } from '../../shared/ids.ts'
import type { Run, RunOutcome } from '../../shared/runs.ts'
import type { ExecutorSpec } from '../../shared/tasks.ts'
import { type Effect, grant, type Heard, note, refuse, say } from '../decision.ts'
import {
  type Executor,
  enterExecutor,
  idOf,
  leaveExecutor,
  type Slave,
  type Task,
  toExecutor,
  toLeader,
} from './ledger.ts'
import { executorRunPrefix, forgetRun } from './sandboxes.ts'
import { update } from './updates.ts'

/** Whom a framework's executors belong to. */
export interface Owner {
  readonly frameworkId: FrameworkId
  readonly principal: string
  readonly frameworkName: string
}

/** The executor of this name, started when it is not there. */
export function executorFor(
  slave: Slave,
  owner: Owner,
  spec: ExecutorSpec,
  at: number,
): { executor: Executor; effects: Effect[] } {
  const executorId = executorIdOf(owner.frameworkId, spec.name)
  const there = slave.executors.get(executorId)
  if (there) return { executor: there, effects: [] }
  const runId = `${executorRunPrefix}${slave.incarnation}-${++slave.counts.runs}`
  const executor: Executor = {
    ...owner,
    executorId,
    name: spec.name,
    runId,
    spec,
    state: 'starting',
    tasks: new Set(),
    startedAt: at,
    idleSince: at,
  }
  enterExecutor(slave, executor)
  return { executor, effects: [{ do: 'run', run: executorRun(slave, executor, spec) }] }
}

/** An executor's process is up: it gets what was launched meanwhile. */
export function registerExecutor(slave: Slave, heard: Heard<'executor.register'>): Effect[] {
  const executor = slave.executors.get(heard.from.id as ExecutorId)
  if (!executor?.spec || executor.frameworkId !== heard.body.frameworkId)
    return refuse(heard, 'executor-unknown', `executor ${heard.from.id}`)
  const { frameworkId, principal, name } = executor
  return [
    ...grant(heard, { slaveId: idOf(slave), frameworkId, principal, name }),
    ...welcome(slave, executor),
  ]
}

/** It is there, and so are we: had this slave been away, it goes on with what it was to run. */
export function noteExecutorBeat(slave: Slave, heard: Heard<'executor.beat'>): Effect[] {
  const executor = slave.executors.get(heard.from.id as ExecutorId)
  if (!executor?.spec || executor.frameworkId !== heard.body.frameworkId)
    return refuse(heard, 'executor-unknown', `executor ${heard.from.id}`)
  return [...grant(heard, {}), ...(executor.state === 'running' ? [] : welcome(slave, executor))]
}

/** Whatever it was told before may be lost, as may be what it said: it knows what it has, and how the rest ended. */
function welcome(slave: Slave, executor: Executor): Effect[] {
  const returns = executor.state === 'returning'
  executor.state = 'running'
  return [...executor.tasks].flatMap((task) => {
    const launch = returns || task.executorSeq === 0 ? launchOn(slave, executor, [task]) : []
    return returns && task.state === 'killing'
      ? [...launch, stopOn(slave, task, slave.settings.killGraceSeconds)]
      : launch
  })
}

/** Hands tasks to an executor; one that is not up yet gets all of them when it registers. */
export function launchOn(slave: Slave, executor: Executor, tasks: readonly Task[]): Effect[] {
  const [first] = tasks
  if (executor.state !== 'running' || !first) return []
  const launches = tasks.map(({ frameworkId, principal, frameworkName, spec, runId }) => ({
    frameworkId,
    principal,
    frameworkName,
    tasks: [spec],
    runs: [runId],
  }))
  return [say('task.launch', toExecutor(slave, executor), { ...first.launch, launches })]
}

/** Tells an executor to stop a task. */
export function stopOn(
  slave: Slave,
  { executor, frameworkId, spec, launch }: Task,
  graceSeconds: number,
): Effect {
  const tasks = [{ frameworkId, taskId: spec.taskId, graceSeconds, seq: launch.seq }]
  return say('task.stop', toExecutor(slave, executor), { epoch: launch.epoch, tasks })
}

/** An executor's process has ended: so have its tasks, and what it held is free. */
export function endExecutor(slave: Slave, executor: Executor, outcome: RunOutcome, at: number): Effect[] {
  const message = `executor ${executor.name} ended: ${outcome.message ?? 'exit code 0'}`
  const effects = [...executor.tasks].flatMap((task) =>
    update(
      slave,
      task,
      task.state === 'killing' ? 'killed' : 'failed',
      { reason: 'executor-lost', message },
      at,
    ),
  )
  leaveExecutor(slave, executor)
  const { frameworkId, name } = executor
  const ended = say('executor.ended', toLeader, {
    slaveId: idOf(slave),
    frameworkId,
    name,
    message,
    seq: slave.launchSeq,
  })
  return [...effects, ended, ...forgetRun(slave, executor.runId)]
}

/** The leader, or its framework, wants an executor gone. */
export function stopExecutor(slave: Slave, heard: Heard<'executor.stop'>): Effect[] {
  const executor = slave.executors.get(executorIdOf(heard.body.frameworkId, heard.body.name))
  return executor ? [{ do: 'stop', runId: executor.runId, graceSeconds: heard.body.graceSeconds }] : []
}

/** Executors that never came up, those that have been idle for long enough, and orders that got lost on their way. */
export function watchExecutors(slave: Slave, at: number): Effect[] {
  const custom = [...slave.executors.values()].filter((executor) => executor.spec)
  return custom.flatMap((executor) => [
    ...stopUseless(slave, executor, at),
    ...repeatOrders(slave, executor, at),
  ])
}

function stopUseless(
  slave: Slave,
  { state, name, frameworkId, spec, runId, tasks, startedAt, idleSince }: Executor,
  at: number,
): Effect[] {
  const { executorRegisterSeconds, killGraceSeconds } = slave.settings
  if (state !== 'running' && at - startedAt >= executorRegisterSeconds * 1000) {
    return [
      note('warn', `executor ${name} did not register in time`, { frameworkId, slaveId: slave.slaveId }),
      { do: 'stop', runId, graceSeconds: 0 },
    ]
  }
  const idleSeconds = spec?.idleSeconds
  const isIdle = idleSeconds !== undefined && tasks.size === 0 && at - idleSince >= idleSeconds * 1000
  return isIdle ? [{ do: 'stop', runId, graceSeconds: killGraceSeconds }] : []
}

/** A launch to which no word has come back, or a kill that has not ended: given again, with growing patience. */
function repeatOrders(slave: Slave, executor: Executor, at: number): Effect[] {
  if (executor.state !== 'running') return []
  const effects: Effect[] = []
  for (const task of executor.tasks) {
    const dying = task.state === 'killing'
    if (at < task.orderAt || !(dying || task.executorSeq === 0)) continue
    task.orderAt = at + task.orderBackoffMs
    task.orderBackoffMs = Math.min(2 * task.orderBackoffMs, slave.settings.updateRetryMaxSeconds * 1000)
    effects.push(
      ...(dying ? [stopOn(slave, task, slave.settings.killGraceSeconds)] : launchOn(slave, executor, [task])),
    )
  }
  return effects
}

/** The process of a custom executor, with all that it needs to find its way. */
export function executorRun(slave: Slave, executor: Executor, spec: ExecutorSpec): Run {
  const { frameworkId, principal, executorId, runId } = executor
  const identity = {
    PROFFER_SLAVE: slave.name,
    PROFFER_SLAVE_ID: idOf(slave),
    PROFFER_EXECUTOR_ID: executorId,
    PROFFER_EXECUTOR_NAME: spec.name,
    PROFFER_FRAMEWORK_ID: frameworkId,
    PROFFER_PRINCIPAL: principal,
  }
  const labels = {
    'proffer.slave': slave.name,
    'proffer.framework': frameworkId,
    'proffer.executor': spec.name,
  }
  const run = {
    runId,
    command: spec.command,
    resources: spec.resources,
    env: { ...slave.executorEnv, ...identity },
    labels,
  }
  return spec.container ? { ...run, container: spec.container } : run
}
