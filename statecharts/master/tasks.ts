/** Tasks: launched, told of, killed. */
import { counted } from '../../shared/counted.ts'
import type { RefusalCode } from '../../shared/errors.ts'
import { executorIdOf } from '../../shared/ids.ts'
import { flawOfMounts } from '../../shared/mounts.ts'
import { add, flawOf, isNone, type Resources, sum } from '../../shared/resources.ts'
import { maxBodyBytes, sizeOf } from '../../shared/split.ts'
import type { ExecutorSpec, Status, Task as TaskSpec, TaskState } from '../../shared/tasks.ts'
import { isTerminal, type Reason } from '../../shared/tasks.ts'
import { type Effect, grant, type Heard, say } from '../decision.ts'
import { pushTo } from '../groups.ts'
import { factOf, step, taskTable } from '../lives.ts'
import { shareOf } from './allocator/order.ts'
import { enterExecutor, enterTask, forgetCompleted, leaveExecutor, moveTask } from './books.ts'
import { callerOf, deny } from './callers.ts'
import { adoptFramework } from './frameworks.ts'
import { noteFreed } from './freed.ts'
import { type Change, unusedVolumes } from './holdings.ts'
import {
  type Framework,
  type Master,
  type Offer,
  type Slave,
  type Task,
  toFramework,
  toSlave,
} from './ledger.ts'

interface Flaw {
  readonly code: RefusalCode
  readonly detail: string
}

/** A task as it runs on this kind of offer: the leader's word on whose share it is goes with it, wherever it goes. */
export function stamped({ settings }: Master, { claim, kind }: Offer, task: TaskSpec): TaskSpec {
  const { revocable: _revocable, ...asked } = task
  const own = { ...asked, role: claim.role.path, ...(kind === 'revocable' && { revocable: true }) }
  if (task.executor) own.executor = { ...task.executor, role: claim.role.path }
  if (kind !== 'short') return own
  return {
    ...own,
    maxSeconds: Math.min(task.maxSeconds ?? settings.shortTaskSeconds, settings.shortTaskSeconds),
  }
}

/** What is wrong with tasks that a framework wants on a slave; undefined when nothing is. */
export function flawOfTasks(
  master: Master,
  offer: Offer,
  tasks: readonly TaskSpec[],
  change: Change | undefined,
): Flaw | undefined {
  const { slave } = offer
  const { framework } = offer.claim
  if (framework.tasks.size + tasks.length > master.settings.maxFrameworkTasks) {
    return {
      code: 'too-many-tasks',
      detail: `a framework may have ${counted(master.settings.maxFrameworkTasks, 'task')} at a time`,
    }
  }
  if (sizeOf(tasks) > maxBodyBytes)
    return {
      code: 'too-large',
      detail: `${counted(tasks.length, 'task')} with more than ${maxBodyBytes} bytes in all`,
    }
  const seen = new Set<string>()
  for (const task of tasks) {
    if (seen.has(task.taskId) || framework.tasks.has(task.taskId))
      return { code: 'task-id-in-use', detail: `task ${task.taskId}` }
    seen.add(task.taskId)
    const flaw = flawOfTask(task, slave)
    if (flaw) return { code: 'bad-task', detail: `task ${task.taskId}: ${flaw}` }
  }
  return flawOfVolumes(offer, tasks, change) ?? flawOfExecutors(offer, tasks)
}

/** What these tasks take out of an offer: their own resources, and those of executors that do not run there yet. */
export function neededFor(offer: Offer, tasks: readonly TaskSpec[]): Resources {
  const own = sum(tasks.map((task) => task.resources))
  return newExecutors(offer, tasks).reduce((needed, executor) => add(needed, executor.resources), own)
}

/** Books the tasks and sends them to their slave. They were checked before. */
export function launchTasks(master: Master, offer: Offer, tasks: readonly TaskSpec[], at: number): Effect[] {
  if (tasks.length === 0) return []
  const { slave, claim } = offer
  const { framework } = claim
  const share = shareOf(master, claim)
  for (const { name, resources } of newExecutors(offer, tasks))
    enterExecutor(master, slave, { claim, name, resources })
  slave.launchSeq++
  for (const spec of tasks) {
    enterTask(master, {
      framework,
      claim,
      taskId: spec.taskId,
      slave,
      spec,
      launchSeq: slave.launchSeq,
      state: 'staging',
      since: at,
      launchedAt: at,
      share,
      latest: undefined,
    })
  }
  const { frameworkId, principal, name: frameworkName } = framework
  const launches = [{ frameworkId, principal, frameworkName, tasks: [...tasks] }]
  return [say('task.launch', toSlave(slave), { epoch: master.epoch, seq: slave.launchSeq, launches })]
}

/** A slave tells a framework what became of its tasks; the leader listens, and frees what is over. */
export function noteStatus(master: Master, heard: Heard<'status.update'>): Effect[] {
  const effects: Effect[] = shutDownLeftOvers(master, heard)
  adoptSpeaker(master, heard)
  for (const update of heard.body.updates) {
    const task = master.frameworks.get(update.frameworkId)?.tasks.get(update.taskId)
    // Over and forgotten, or told by a slave that does not have it: nothing to learn.
    if (!task || task.slave.slaveId !== update.slaveId) continue
    // An old word that was long on its way: until the slave itself is back, its tasks stay unreachable.
    if (task.slave.state === 'unreachable' && !isTerminal(update.state)) continue
    if (isTerminal(update.state) || update.seq >= (task.latest?.seq ?? 0))
      task.latest = withoutPayload(update)
    effects.push(...advance(master, task, update.state, heard.at))
  }
  return effects
}

/** What an executor sent is between it and its framework; the leader keeps none of it. */
function withoutPayload(update: Status): Status {
  if (update.payload === undefined) return update
  const { payload: _payload, ...status } = update
  return status
}

/** A slave waits for the acknowledgement of a framework of which nobody knows: it gets its time, and is given up then. */
function adoptSpeaker(master: Master, { at, framework, body: { updates } }: Heard<'status.update'>): void {
  const [first] = updates
  if (!first || !framework || first.seq === 0 || at < master.settledAt) return
  const { frameworkId, principal } = framework
  if (master.frameworks.has(frameworkId) || master.completedFrameworks.has(frameworkId)) return
  adoptFramework(master, { frameworkId, principal, frameworkName: principal }, at)
}

/** A slave waits for the acknowledgement of a framework that is done for good: it need not. */
function shutDownLeftOvers(master: Master, { body: { updates } }: Heard<'status.update'>): Effect[] {
  const [first] = updates
  if (!first || first.seq === 0 || !master.completedFrameworks.has(first.frameworkId)) return []
  const { slaveId, frameworkId } = first
  return [say('framework.shutdown', { role: 'slave', slaveId }, { epoch: master.epoch, frameworkId })]
}

/** Kill it: once more, if it was asked for before. */
export function killTask(master: Master, heard: Heard<'task.kill'>): Effect[] {
  const framework =
    heard.from.role === 'operator' ? master.frameworks.get(heard.body.frameworkId) : callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  const task = framework?.tasks.get(heard.body.taskId)
  if (!task)
    return deny(master, heard, 'task-unknown', `task ${heard.body.taskId} of ${heard.body.frameworkId}`)
  return [...grant(heard, {}), ...stopTask(master, task, heard.at, { graceSeconds: heard.body.graceSeconds })]
}

/** A task is to end; while it has not, the books say so, and a kill that is lost shows. */
export function stopTask(master: Master, task: Task, at: number, how: How = {}): Effect[] {
  const killing = step(taskTable, task.state, 'kill')
  if (killing !== task.state) moveTask(master, task, killing, at)
  return [sayStop(master, task, how)]
}
export function sayStop(master: Master, task: Task, { graceSeconds, reason }: How = {}): Effect {
  const key = { frameworkId: task.framework.frameworkId, taskId: task.taskId }
  const how = { ...(graceSeconds !== undefined && { graceSeconds }), ...(reason && { reason }) }
  return say('task.stop', toSlave(task.slave), { epoch: master.epoch, tasks: [{ ...key, ...how }] })
}
/** With which grace, and why, where it was not simply asked for. */
interface How {
  readonly graceSeconds?: number | undefined
  readonly reason?: Reason
}

/** An executor is to stop; its tasks are told of one by one. */
export function shutDownExecutor(master: Master, heard: Heard<'executor.shutdown'>): Effect[] {
  const framework = callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  const { slaveId, name, frameworkId } = heard.body
  const slave = master.slaves.get(slaveId)
  if (!slave?.executors.has(executorIdOf(frameworkId, name)))
    return deny(master, heard, 'executor-unknown', `executor ${name} on ${slaveId}`)
  const stop = say('executor.stop', toSlave(slave), {
    epoch: master.epoch,
    frameworkId,
    name,
    graceSeconds: master.settings.executorGraceSeconds,
  })
  return [...grant(heard, {}), stop]
}

/** A slave says that an executor is gone: what it held is free. */
export function noteExecutorEnded(master: Master, heard: Heard<'executor.ended'>): Effect[] {
  const { slaveId, frameworkId, name, message } = heard.body
  const slave = master.slaves.get(slaveId)
  const framework = master.frameworks.get(frameworkId)
  const executor = slave?.executors.get(executorIdOf(frameworkId, name))
  if (!slave || !framework || !executor) return []
  // A launch that crossed this word on its way starts the executor again: it stays booked for that.
  const crossed = [...slave.tasks.values()].some(
    (task) =>
      task.spec.executor?.name === name && task.framework === framework && task.launchSeq > heard.body.seq,
  )
  if (!crossed) leaveExecutor(master, slave, executor)
  forgetCompleted(master, framework)
  const told = say('executor.lost', toFramework(framework), { epoch: master.epoch, slaveId, name, message })
  return [told, ...noteFreed(master, slave, heard.at)]
}

/** A task comes into the state that a fact leads to; what that frees is offered again. */
export function advance(master: Master, task: Task, told: TaskState, at: number): Effect[] {
  const state = step(taskTable, task.state, factOf[told])
  if (state === task.state) return []
  moveTask(master, task, state, at)
  if (!isTerminal(state)) return []
  forgetCompleted(master, task.framework)
  return noteFreed(master, task.slave, at)
}

/** The leader's own word on a task, where no slave can speak: it wants no acknowledgement. */
export function ownWord(task: Task, reason: Reason, message: string, at: number): Status {
  const { framework, taskId, slave, state } = task
  return {
    frameworkId: framework.frameworkId,
    taskId,
    slaveId: slave.slaveId,
    state,
    seq: 0,
    acked: 0,
    at,
    reason,
    message,
  }
}

/** Says the leader's own words to the frameworks that they are about. */
export function tellFrameworks(master: Master, words: readonly Status[]): Effect[] {
  const byFramework = new Map<Framework, Status[]>()
  for (const word of words) {
    const framework = master.frameworks.get(word.frameworkId)
    if (framework) pushTo(byFramework, framework, word)
  }
  return [...byFramework].map(([framework, updates]) =>
    say('status.update', toFramework(framework), { updates, epoch: master.epoch }),
  )
}

function flawOfTask(task: TaskSpec, slave: Slave): string | undefined {
  const { command, executor, resources, container } = task
  if (!command === !executor) return 'give either a command or an executor'
  const flawed = command && flawOfCommand(command)
  if (flawed) return flawed
  if (executor && flawOfCommand(executor.command)) return `its executor: ${flawOfCommand(executor.command)}`
  if (isNone(resources)) return 'it asks for no resources at all'
  if ((container || executor?.container) && slave.isolation !== 'docker')
    return `slave ${slave.name} has ${slave.isolation} isolation and runs no containers`
  if (task.volumes && executor) return 'a running executor is given no volumes: give it to a command'
  return flawOf(resources) ?? (executor && flawOf(executor.resources))
}

/** A volume is of the task's role, and of one task at a time. */
function flawOfVolumes(
  { slave, claim, kind }: Offer,
  tasks: readonly TaskSpec[],
  change: Change | undefined,
): Flaw | undefined {
  const mounts = tasks.flatMap(({ volumes = [] }) => volumes.map(({ volumeId }) => volumeId))
  if (mounts.length === 0) return undefined
  const flawed = tasks.map(({ volumes = [] }) => flawOfMounts(volumes)).find(Boolean)
  if (flawed) return { code: 'bad-task', detail: flawed }
  if (kind !== 'regular')
    return { code: 'bad-task', detail: `volumes come with ordinary offers, not with ${kind} ones` }
  const there = [
    ...unusedVolumes(slave, claim).filter(({ volumeId }) => !change?.destroy.includes(volumeId)),
    ...(change?.create ?? []),
  ].map(({ volumeId }) => volumeId)
  const strange = mounts.find((volumeId) => !there.includes(volumeId))
  if (strange !== undefined)
    return { code: 'volume-unknown', detail: `volume ${strange}, or another task uses it` }
  const twice = mounts.find((volumeId, i) => mounts.indexOf(volumeId) !== i)
  return twice === undefined ? undefined : { code: 'volume-in-use', detail: `volume ${twice}` }
}

function flawOfCommand(command: NonNullable<TaskSpec['command']>): string | undefined {
  if (!command.argv === !command.shell) return 'a command is either argv or shell'
  return command.argv?.[0] === '' ? 'the command is empty' : undefined
}

/** One name is one executor: on one slave, its resources and its command are the same for all of its tasks. */
function flawOfExecutors(offer: Offer, tasks: readonly TaskSpec[]): Flaw | undefined {
  if (!tasks.some(({ executor }) => executor)) return undefined
  const { slave, claim, kind } = offer
  const { framework } = claim
  const [started] = kind === 'regular' ? [] : newExecutors(offer, tasks)
  if (started)
    return {
      code: 'bad-task',
      detail: `executor ${started.name} would outlive what is offered as ${kind}: start it on an ordinary offer`,
    }
  const byName = new Map<string, Resources>()
  for (const { executor, taskId } of tasks) {
    if (!executor) continue
    const known =
      byName.get(executor.name) ??
      slave.executors.get(executorIdOf(framework.frameworkId, executor.name))?.resources
    if (known && !isSame(known, executor.resources)) {
      return {
        code: 'bad-task',
        detail: `task ${taskId}: executor ${executor.name} is there with other resources`,
      }
    }
    byName.set(executor.name, executor.resources)
  }
  return undefined
}

const isSame = (a: Resources, b: Resources) =>
  a.cpuMilli === b.cpuMilli && a.memMb === b.memMb && a.diskMb === b.diskMb && a.gpus === b.gpus

function newExecutors({ slave, claim }: Offer, tasks: readonly TaskSpec[]): ExecutorSpec[] {
  if (!tasks.some(({ executor }) => executor)) return []
  const { framework } = claim
  const byName = new Map<string, ExecutorSpec>()
  for (const { executor } of tasks) {
    if (executor && !slave.executors.has(executorIdOf(framework.frameworkId, executor.name)))
      byName.set(executor.name, executor)
  }
  return [...byName.values()]
}
