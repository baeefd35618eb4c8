/** Tasks in an executor: begun, stopped, ended, and told of until the slave has heard. */
import { type FrameworkId, type TaskId, taskKey } from '../../shared/ids.ts'
import { listPorts, none } from '../../shared/resources.ts'
import type { Run, RunEvent, RunOutcome } from '../../shared/runs.ts'
import { split } from '../../shared/split.ts'
import {
  isTerminal,
  maxMessageLength,
  type Status,
  type Task as TaskSpec,
  type TaskState,
} from '../../shared/tasks.ts'
import {
  type Answered,
  ask,
  type Effect,
  type Heard,
  isUnanswered,
  note,
  say,
  tell,
  type Woken,
  wake,
} from '../decision.ts'
import { factOf, step, taskTable } from '../lives.ts'
import { remember } from '../remembered.ts'
import { type Executor, type Launch, ownAddress, type Task, toOwnSlave } from './ledger.ts'

type At = { readonly at: number }
type Told = Pick<Status, 'reason' | 'message' | 'exitCode' | 'signal' | 'payload'>

export const isCustom = (executor: Executor): boolean => executor.custom

/** A custom executor listens, and tells its slave that it is up. */
export function register(executor: Executor, heard: At): Effect[] {
  const { frameworkId, settings } = executor
  const timeoutMs = settings.registerRetrySeconds * 1000
  return [
    ask('executor.register', toOwnSlave(executor), { frameworkId }, '', timeoutMs),
    wake('register', heard.at + 2 * timeoutMs),
  ]
}
export const begin = (executor: Executor, heard: At): Effect[] => [
  { do: 'listen', address: ownAddress(executor) },
  ...register(executor, heard),
]

export const isAdmitted = (_executor: Executor, heard: Answered<'executor.register'>): boolean =>
  heard.answer.ok
/** Its slave does not know it: it has no business here any more. */
export const isBarred = (_executor: Executor, heard: Answered<'executor.register'>): boolean =>
  !heard.answer.ok && !isUnanswered(heard.answer)
export function takePlace(executor: Executor, heard: At): Effect[] {
  const { slaveId, frameworkId, name } = executor
  return [tell({ news: 'registered', slaveId, frameworkId, name }), ...noteSlave(executor, heard)]
}

/** Are you there? */
export const beat = (executor: Executor, heard: At): Effect[] => {
  const { frameworkId, settings } = executor
  const everyMs = settings.beatSeconds * 1000
  return [
    ask('executor.beat', toOwnSlave(executor), { frameworkId }, '', everyMs),
    wake('beat', heard.at + everyMs),
  ]
}
/** The slave is there. After a gap, whatever it did not acknowledge is said at once. */
export function noteSlave(executor: Executor, heard: At): Effect[] {
  const { beatSeconds } = executor.settings
  const gap = heard.at - executor.slaveAt > 2 * beatSeconds * 1000
  executor.slaveAt = heard.at
  return [wake('beat', heard.at + beatSeconds * 1000), ...(gap ? sayAgain(executor, heard.at) : [])]
}
export const isAnswered = (_executor: Executor, heard: Answered<'executor.beat'>): boolean => heard.answer.ok
/** Whether it has no slave any more: it says that it does not know us, or was away for longer than we wait. */
export const isOrphaned = (executor: Executor, heard: Answered<'executor.beat'>): boolean =>
  isUnanswered(heard.answer)
    ? heard.at - executor.slaveAt >= executor.settings.executorRecoverySeconds * 1000
    : !heard.answer.ok
/** Nobody wants to know what becomes of its tasks. */
export const abandon = (executor: Executor): Effect[] => [
  note('warn', `executor ${executor.name} has no slave any more, and ends`, executor),
  ...shutDown(executor, { graceSeconds: 0 }),
]
export const giveUp = (_executor: Executor, { answer }: Answered<'executor.register'>): Effect[] =>
  answer.ok ? [] : [{ do: 'end', code: answer.code, message: answer.message }]

/** Run these. One that it has already, or had, came twice. */
export function launchTasks(executor: Executor, heard: Heard<'task.launch'>): Effect[] {
  const { epoch, seq, launches } = heard.body
  const effects: Effect[] = []
  for (const { frameworkId, tasks, runs, resumed } of launches) {
    tasks.forEach((spec, i) => {
      const task = newTask(executor, frameworkId, spec, { epoch, seq }, runs?.[i])
      if (task) effects.push(beginTask(executor, task, resumed?.[i]))
      else effects.push(...tellOver(executor, frameworkId, spec.taskId))
    })
  }
  return effects
}

/** The slave has forgotten how it ended, if it asks again. */
function tellOver(executor: Executor, frameworkId: FrameworkId, taskId: TaskId): Effect[] {
  const over = executor.over.get(taskKey(frameworkId, taskId))
  return over ? [say('status.update', toOwnSlave(executor), { updates: [over.last] })] : []
}

/** A task's work begins; or goes on, where its slave was started anew and had heard so much of it. */
function beginTask(executor: Executor, task: Task, resumed: number | undefined): Effect {
  if (executor.custom) return tell({ news: 'launch', task: task.spec })
  task.seq = resumed ?? 0
  return { do: resumed === undefined ? 'run' : 'adopt', run: runOf(executor, task) }
}

/** Stop these. One that never came here is over before it began; one that is over needs no stopping. */
export function stopTasks(executor: Executor, heard: Heard<'task.stop'>): Effect[] {
  const { epoch, tasks } = heard.body
  return tasks.flatMap(({ frameworkId, taskId, graceSeconds = 0, seq = 0 }) => {
    const task = executor.tasks.get(taskKey(frameworkId, taskId))
    if (!task)
      return [
        ...tellOver(executor, frameworkId, taskId),
        ...killUnheard(executor, { frameworkId, taskId }, { epoch, seq }, heard.at),
      ]
    if (isTerminal(task.state) || graceSeconds >= task.graceSeconds) return []
    task.graceSeconds = graceSeconds
    return [
      executor.custom
        ? tell({ news: 'kill', taskId, graceSeconds })
        : { do: 'stop', runId: task.runId, graceSeconds },
    ]
  })
}

/** A task whose launch was lost: killed all the same, and a launch that comes yet is not obeyed. */
function killUnheard(
  executor: Executor,
  { frameworkId, taskId }: Pick<Status, 'frameworkId' | 'taskId'>,
  launch: Launch,
  at: number,
): Effect[] {
  const task = newTask(executor, frameworkId, { taskId, resources: none }, launch)
  return task
    ? update(
        executor,
        task,
        'killed',
        { reason: 'kill-requested', message: 'killed before it was launched' },
        at,
      )
    : []
}

/** A task comes in; undefined when it is here already, or was. */
function newTask(
  executor: Executor,
  frameworkId: FrameworkId,
  spec: TaskSpec,
  launch: Launch,
  runId = '',
): Task | undefined {
  const key = taskKey(frameworkId, spec.taskId)
  const known = executor.tasks.get(key)?.launch ?? executor.over.get(key)?.launch
  if (known && (launch.epoch < known.epoch || (launch.epoch === known.epoch && launch.seq <= known.seq)))
    return undefined
  const task: Task = {
    frameworkId,
    spec,
    runId,
    launch,
    state: 'staging',
    graceSeconds: Number.POSITIVE_INFINITY,
    seq: 0,
    updates: [],
    spoken: 0,
  }
  executor.tasks.set(key, task)
  tellMove(executor, task, 'enter', '')
  return task
}

function tellMove({ moves }: Executor, task: Task, fact: string, before: string): void {
  if (moves.watched) moves.note('task', taskKey(task.frameworkId, task.spec.taskId), fact, before, task.state)
}

/** The author of a custom executor tells what became of a task. */
export function hearAuthor(
  executor: Executor,
  heard: At & { readonly taskId: TaskId; readonly state: TaskState; readonly why: Told },
): Effect[] {
  const task = executor.tasks.get(taskKey(executor.frameworkId, heard.taskId))
  return task ? update(executor, task, heard.state, heard.why, heard.at) : []
}

export function noteStarted(
  executor: Executor,
  heard: Extract<RunEvent, { type: 'run.started' }> & At,
): Effect[] {
  const task = executor.runs.get(heard.runId)
  return task ? update(executor, task, 'running', {}, heard.at) : []
}

/** Something takes its time, such as the pull of an image. */
export function noteProgress(
  executor: Executor,
  heard: Extract<RunEvent, { type: 'run.progress' }> & At,
): Effect[] {
  const task = executor.runs.get(heard.runId)
  return task ? update(executor, task, 'starting', { message: heard.message }, heard.at) : []
}

export function noteEnded(
  executor: Executor,
  heard: Extract<RunEvent, { type: 'run.ended' }> & At,
): Effect[] {
  const task = executor.runs.get(heard.runId)
  if (!task) return []
  executor.runs.delete(heard.runId)
  return update(executor, task, endState(heard.outcome), heard.outcome, heard.at)
}

/** Says what was not said yet, in one message. */
export function speak(executor: Executor, heard: Woken<'speak'>): Effect[] {
  executor.speakDue = false
  const updates = [...executor.speaking].flatMap((task) => task.updates.slice(task.spoken))
  for (const task of executor.speaking) task.spoken = task.updates.length
  executor.speaking.clear()
  const said = split(updates).map((some) => say('status.update', toOwnSlave(executor), { updates: some }))
  if (!executor.custom || executor.repeatDue || said.length === 0) return said
  executor.repeatDue = true
  return [...said, wake('repeat', heard.at + executor.settings.updateRetrySeconds * 1000)]
}

/** What the slave did not acknowledge is said again. */
export function repeat(executor: Executor, heard: Woken<'repeat'>): Effect[] {
  executor.repeatDue = false
  return sayAgain(executor, heard.at)
}

function sayAgain(executor: Executor, at: number): Effect[] {
  for (const task of executor.tasks.values()) {
    if (task.updates.length === 0) continue
    task.spoken = 0
    executor.speaking.add(task)
  }
  return executor.speaking.size > 0 ? speak(executor, { type: 'wake.speak', at }) : []
}

/** The slave has heard: what is over is forgotten. */
export function hearAcks(executor: Executor, heard: Heard<'status.ack'>): Effect[] {
  for (const { frameworkId, taskId, seq } of heard.body.acks) {
    const key = taskKey(frameworkId, taskId)
    const task = executor.tasks.get(key)
    if (!task) continue
    const heardOf = task.updates.filter((status) => status.seq <= seq)
    const last = heardOf.at(-1)
    task.updates.splice(0, heardOf.length)
    task.spoken = Math.max(0, task.spoken - heardOf.length)
    if (last && isTerminal(task.state) && task.updates.length === 0) forget(executor, key, task, last)
  }
  return []
}

/** Bytes from the scheduler, for the author. */
export const hearMessage = (executor: Executor, heard: Heard<'framework.message'>): Effect[] => [
  tell({ news: 'message', slaveId: executor.slaveId, executor: executor.name, payload: heard.body.payload }),
]

/** Bytes from the author, for the scheduler. */
export function sendMessage(executor: Executor, heard: { readonly payload: Uint8Array }): Effect[] {
  const { slaveId, frameworkId, name, principal } = executor
  return [
    say(
      'framework.message',
      { role: 'scheduler', principal, frameworkId },
      { slaveId, executor: name, payload: heard.payload },
    ),
  ]
}

/** Its process is to end: the author stops his work; what is still running ends with the process. */
export const shutDown = (executor: Executor, heard: { readonly graceSeconds: number }): Effect[] => [
  ...(executor.custom ? [tell({ news: 'shutdown', graceSeconds: heard.graceSeconds })] : []),
]
export const end = (executor: Executor): Effect[] => [
  { do: 'end', code: 'stopped', message: `executor ${executor.name} has stopped` },
]

function update(executor: Executor, task: Task, told: TaskState, why: Told, at: number): Effect[] {
  const state = step(taskTable, task.state, factOf[told])
  if (state === task.state && !isNews(executor, task, why)) return []
  const before = task.state
  task.state = state
  tellMove(executor, task, factOf[told], before)
  task.seq++
  const { frameworkId, spec } = task
  const { reason, message, exitCode, signal, payload } = why
  task.updates.push({
    frameworkId,
    taskId: spec.taskId,
    slaveId: executor.slaveId,
    state,
    seq: task.seq,
    acked: 0,
    at,
    ...(reason && { reason }),
    ...(message !== undefined && { message: message.slice(0, maxMessageLength) }),
    ...(exitCode !== undefined && { exitCode }),
    ...(signal && { signal }),
    ...(payload && { payload }),
  })
  executor.speaking.add(task)
  return speakSoon(executor, at)
}

/**
 * After this burst of events, so that what ends together is told together. A command executor has its slave in its own
 * process: no bus is spared by waiting, and nothing is lost that would have to be said again.
 */
function speakSoon(executor: Executor, at: number): Effect[] {
  if (!executor.custom) return speak(executor, { type: 'wake.speak', at })
  if (executor.speakDue) return []
  executor.speakDue = true
  return [wake('speak', at)]
}

/** A second word on the same state is news when it says something, and while there is room for it. */
const isNews = (executor: Executor, task: Task, { message, payload }: Told) =>
  !isTerminal(task.state) &&
  (message !== undefined || payload !== undefined) &&
  task.updates.length < executor.settings.maxUpdatesPerTask

/** Over, and heard: only its launch and its end are remembered, of the latest so many. */
function forget(executor: Executor, key: string, { launch }: Task, last: Status): void {
  executor.tasks.delete(key)
  remember(executor.over, key, { launch, last }, executor.settings.rememberedOver)
}

function endState({ reason }: RunOutcome): TaskState {
  if (reason === undefined) return 'finished'
  if (reason === 'kill-requested') return 'killed'
  return reason === 'bad-task' ? 'error' : 'failed'
}

function runOf(executor: Executor, task: Task): Run {
  executor.runs.set(task.runId, task)
  const { spec, frameworkId, runId } = task
  const ports = listPorts(spec.resources.ports)
  const env: Record<string, string> = {
    PROFFER_TASK_ID: spec.taskId,
    PROFFER_FRAMEWORK_ID: frameworkId,
    PROFFER_SLAVE: executor.slaveName,
  }
  ports.forEach((port, i) => {
    env[`PORT${i}`] = `${port}`
    if (i === 0) env.PORT = `${port}`
  })
  const labels = {
    'proffer.slave': executor.slaveName,
    'proffer.framework': frameworkId,
    'proffer.task': spec.taskId,
  }
  return {
    runId,
    command: spec.command ?? {},
    resources: spec.resources,
    env,
    labels,
    ...(spec.container && { container: spec.container }),
    ...(spec.volumes && { volumes: spec.volumes }),
  }
}
