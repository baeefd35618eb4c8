/** Tasks as their framework sees them: told once for each update, killed until they are over, reconciled after every gap. */
import { hash, withItem, withoutItem } from '../../shared/digest.ts'
import { type SlaveId, type TaskId, taskKey } from '../../shared/ids.ts'
import {
  isTerminal,
  type Reason,
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
  refuse,
  say,
  tell,
  wake,
} from '../decision.ts'
import { pushTo } from '../groups.ts'
import { factOf, step, taskTable } from '../lives.ts'
import { remember } from '../remembered.ts'
import { idOf, nextRef, type Scheduler, type Task, timeoutMs, toLeader } from './ledger.ts'

type At = { readonly at: number }
/** An update that the author was told. */
export type Heeded = Pick<Status, 'frameworkId' | 'taskId' | 'slaveId' | 'seq'>

/** Ids in one question; the leader's answer to it stays well below what the bus carries. */
const askedAtOnce = 500

export function enterTasks(scheduler: Scheduler, specs: readonly TaskSpec[]): void {
  for (const { taskId } of specs) {
    scheduler.over.delete(taskId)
    enter(scheduler, { taskId, state: 'staging', slaveId: undefined, told: 0, killing: undefined })
  }
}

/** The leader has sent them to this slave. */
export function placeTasks(scheduler: Scheduler, taskIds: readonly TaskId[], slaveId: SlaveId): Effect[] {
  for (const taskId of taskIds) {
    const task = scheduler.tasks.get(taskId)
    if (task) task.slaveId ??= slaveId
  }
  return []
}

/** They were never launched, and never will be. */
export function dropTasks(
  scheduler: Scheduler,
  taskIds: readonly TaskId[],
  reason: Reason,
  message: string,
  at: number,
): Effect[] {
  return taskIds.flatMap((taskId) => {
    const task = scheduler.tasks.get(taskId)
    return task ? tellOwn(scheduler, task, 'dropped', reason, message, at) : []
  })
}

/** Updates came, from slaves or in the leader's own word. Each is told once, in order, and acknowledged when the author is done. */
export function hearUpdates(scheduler: Scheduler, heard: Heard<'status.update'>): Effect[] {
  // Only the leader's own words have an epoch: a slave's are told whoever leads.
  if ((heard.body.epoch ?? scheduler.epoch) < scheduler.epoch) return refuse(heard, 'stale-epoch')
  const effects: Effect[] = []
  for (const status of heard.body.updates)
    effects.push(...(status.seq === 0 ? hearWord(scheduler, status) : hearUpdate(scheduler, status)))
  effects.push(...acknowledgeSoon(scheduler, heard.at))
  return effects
}

function acknowledgeSoon(scheduler: Scheduler, at: number): Effect[] {
  if (scheduler.acks.size === 0 || scheduler.ackDue) return []
  scheduler.ackDue = true
  return [wake('ack', at)]
}

/** Acknowledges, after a burst of updates: one message for each slave. */
export function acknowledge(scheduler: Scheduler): Effect[] {
  scheduler.ackDue = false
  const said = [...scheduler.acks].map(([slaveId, acks]) =>
    say('status.ack', { role: 'slave', slaveId }, { acks }),
  )
  scheduler.acks.clear()
  return said
}

/** The author wants it killed. */
export function killTask(
  scheduler: Scheduler,
  heard: { readonly taskId: TaskId; readonly graceSeconds: number | undefined },
): Effect[] {
  const task = scheduler.tasks.get(heard.taskId)
  if (!task)
    return [
      tell({ news: 'refused', code: 'task-unknown', message: `task ${heard.taskId} is over, or never was` }),
    ]
  task.killing = { graceSeconds: heard.graceSeconds }
  return [askKill(scheduler, task)]
}

/** A kill that got no answer is repeated; one for a task that the leader does not know leads to reconciling it. */
export function hearKillAnswer(scheduler: Scheduler, heard: Answered<'task.kill'>): Effect[] {
  const task = scheduler.tasks.get(heard.ref.slice(heard.ref.indexOf(' ') + 1) as TaskId)
  if (!task?.killing || heard.answer.ok) return []
  if (isUnanswered(heard.answer)) return [wake('kills', heard.at + scheduler.settings.askRetrySeconds * 1000)]
  return askAbout(scheduler, [task.taskId])
}

/** Every kill that is not done yet, said again. */
export const repeatKills = (scheduler: Scheduler): Effect[] =>
  [...scheduler.tasks.values()]
    .filter((task) => task.killing && task.state !== 'killing')
    .map((task) => askKill(scheduler, task))

interface Remembered {
  readonly taskIds: readonly TaskId[]
}

/** The author remembers tasks of an earlier process of his: they are asked about with all others. */
export function reconcileThese(scheduler: Scheduler, heard: Remembered): Effect[] {
  enterRemembered(scheduler, heard)
  return scheduler.frameworkId ? reconcileAll(scheduler) : []
}
/** Whoever was not admitted yet, or does not lead, asks when he is. */
export function enterRemembered(scheduler: Scheduler, heard: Remembered): Effect[] {
  for (const taskId of heard.taskIds) {
    if (scheduler.tasks.has(taskId) || scheduler.over.has(taskId)) continue
    enter(scheduler, { taskId, slaveId: undefined, state: 'staging', told: undefined, killing: undefined })
  }
  return []
}

/** Compares books with the leader: what it holds of ours, and what it says of each that we hold. */
export function reconcileAll(scheduler: Scheduler): Effect[] {
  return [...askAbout(scheduler, [...scheduler.tasks.keys()]), askForAll(scheduler)]
}

/** A slave is gone for good: what was on it is asked about. */
export const askAboutSlave = (scheduler: Scheduler, slaveId: SlaveId): Effect[] =>
  askAboutThoseOn(scheduler, slaveId)

/** Whether these were launched nobody has said yet: the answer to their accept may be lost. */
export const askAboutUnplaced = (scheduler: Scheduler): Effect[] => askAboutThoseOn(scheduler, undefined)

function askAboutThoseOn(scheduler: Scheduler, slaveId: SlaveId | undefined): Effect[] {
  const there = [...scheduler.tasks.values()].filter((task) => task.slaveId === slaveId)
  return askAbout(
    scheduler,
    there.map(({ taskId }) => taskId),
  )
}

/** The leader's answer. A task of which nothing is known, nor will be, is over. */
export function hearReconciled(scheduler: Scheduler, heard: Answered<'tasks.reconcile'>): Effect[] {
  const { answer, ref } = heard
  if (!answer.ok) return []
  const effects = answer.statuses.flatMap((status) => hearWord(scheduler, status))
  if (answer.next !== undefined) effects.push(askForAll(scheduler, answer.next))
  const asked = scheduler.questions.get(ref) ?? []
  scheduler.questions.delete(ref)
  const inFlight = new Set([...scheduler.accepts.values()].flatMap(({ taskIds }) => taskIds))
  const given = (answer.unknown ?? []).filter((taskId) => asked.includes(taskId) && !inFlight.has(taskId))
  return [...effects, ...given.flatMap((taskId) => giveUpTask(scheduler, taskId, heard.at))]
}

/** An update of a slave: counted per task, so a gap waits for the repeat, and a repeat is only acknowledged. */
function hearUpdate(scheduler: Scheduler, status: Status): Effect[] {
  const { taskId, slaveId, seq, acked } = status
  const over = scheduler.over.get(taskId)
  if (over !== undefined) return ack(scheduler, status)
  const task = scheduler.tasks.get(taskId) ?? adopt(scheduler, taskId, slaveId)
  task.slaveId ??= slaveId
  const told = task.told ?? acked
  if (task.slaveId !== slaveId || seq <= told) return ack(scheduler, status)
  if (seq !== told + 1) return []
  task.told = seq
  pushTo(scheduler.hearing, taskId, seq)
  const state = step(taskTable, task.state, factOf[status.state])
  move(scheduler, task, state)
  return [tell({ news: 'status', status: { ...status, state } })]
}

/** The author has done with an update: only now may its slave forget it. */
export function noteHeard(scheduler: Scheduler, { status, at }: At & { readonly status: Heeded }): Effect[] {
  const { taskId, seq } = status
  const left = (scheduler.hearing.get(taskId) ?? []).filter((each) => each !== seq)
  if (left.length > 0) scheduler.hearing.set(taskId, left)
  else scheduler.hearing.delete(taskId)
  return [...ack(scheduler, status), ...acknowledgeSoon(scheduler, at)]
}

/** The leader's own word: news only when it changes what we believe. What was told over and lives must not. */
function hearWord(scheduler: Scheduler, status: Status): Effect[] {
  if (scheduler.over.has(status.taskId))
    return isTerminal(status.state) ? [] : [askKillOf(scheduler, status.taskId)]
  const known = scheduler.tasks.get(status.taskId)
  const task = known ?? adopt(scheduler, status.taskId, status.slaveId)
  task.slaveId ??= status.slaveId
  const state = step(taskTable, task.state, factOf[status.state])
  if (known && state === task.state) return []
  move(scheduler, task, state)
  return [tell({ news: 'status', status: { ...status, state } })]
}

/** A task that an earlier instance of this framework launched. */
function adopt(scheduler: Scheduler, taskId: TaskId, slaveId: SlaveId): Task {
  const task: Task = { taskId, slaveId, state: 'staging', told: undefined, killing: undefined }
  enter(scheduler, task)
  return task
}

/** Acknowledges up to what the author has done with: not beyond a gap, nor what he is yet busy with. */
function ack(scheduler: Scheduler, { frameworkId, taskId, slaveId, ...status }: Heeded): Effect[] {
  const seq = Math.min(status.seq, Math.min(...(scheduler.hearing.get(taskId) ?? [])) - 1)
  if (seq < 1) return []
  const acks = scheduler.acks.get(slaveId)
  const last = acks?.at(-1)
  if (!acks) scheduler.acks.set(slaveId, [{ frameworkId, taskId, seq }])
  else if (last?.taskId === taskId) last.seq = Math.max(last.seq, seq)
  else acks.push({ frameworkId, taskId, seq })
  return []
}

function giveUpTask(scheduler: Scheduler, taskId: TaskId, at: number): Effect[] {
  const task = scheduler.tasks.get(taskId)
  if (!task) return []
  // Never `dropped`: its launch may be on its way yet to a slave that is only slow, and nobody here knows better.
  const reason = task.state === 'staging' ? 'launch-lost' : 'slave-gone'
  return tellOwn(scheduler, task, 'lost', reason, 'the leader knows nothing of it', at)
}

/** Our own word to the author, where neither slave nor leader has one. */
function tellOwn(
  scheduler: Scheduler,
  task: Task,
  state: TaskState,
  reason: Reason,
  message: string,
  at: number,
): Effect[] {
  move(scheduler, task, state)
  const { taskId, slaveId } = task
  const status: Status = {
    frameworkId: idOf(scheduler),
    taskId,
    slaveId: slaveId ?? ('' as SlaveId),
    state,
    seq: 0,
    acked: 0,
    at,
    reason,
    message,
  }
  return [tell({ news: 'status', status })]
}

function enter(scheduler: Scheduler, task: Task): void {
  scheduler.tasks.set(task.taskId, task)
  scheduler.digest = withItem(scheduler.digest, hash(task.taskId))
  tellMove(scheduler, task, 'enter', '')
}

function move(scheduler: Scheduler, task: Task, state: TaskState): void {
  const before = task.state
  task.state = state
  tellMove(scheduler, task, factOf[state], before)
  if (!isTerminal(state) || !scheduler.tasks.delete(task.taskId)) return
  scheduler.digest = withoutItem(scheduler.digest, hash(task.taskId))
  remember(scheduler.over, task.taskId, task.told ?? 0, scheduler.settings.rememberedOver)
}

function tellMove(scheduler: Scheduler, { taskId, state }: Task, fact: string, before: string): void {
  const { moves } = scheduler
  if (moves.watched) moves.note('task', taskKey(idOf(scheduler), taskId), fact, before, state)
}

const askKill = (scheduler: Scheduler, { taskId, killing }: Task): Effect =>
  askKillOf(scheduler, taskId, killing?.graceSeconds)

function askKillOf(scheduler: Scheduler, taskId: TaskId, graceSeconds?: number): Effect {
  const body = { frameworkId: idOf(scheduler), taskId }
  return ask(
    'task.kill',
    toLeader,
    graceSeconds === undefined ? body : { ...body, graceSeconds },
    `${nextRef(scheduler)} ${taskId}`,
    timeoutMs(scheduler),
  )
}

function askAbout(scheduler: Scheduler, taskIds: readonly TaskId[]): Effect[] {
  const questions: Effect[] = []
  for (let from = 0; from < taskIds.length; from += askedAtOnce)
    questions.push(question(scheduler, taskIds.slice(from, from + askedAtOnce)))
  return questions
}

function question(scheduler: Scheduler, taskIds: readonly TaskId[]): Effect {
  const ref = nextRef(scheduler)
  scheduler.questions.set(ref, taskIds)
  const tasks = taskIds.map((taskId) => placed(scheduler, taskId))
  return ask('tasks.reconcile', toLeader, { frameworkId: idOf(scheduler), tasks }, ref, timeoutMs(scheduler))
}

/** A task with its slave, where that is known. */
function placed(scheduler: Scheduler, taskId: TaskId): { taskId: TaskId; slaveId?: SlaveId } {
  const slaveId = scheduler.tasks.get(taskId)?.slaveId
  return slaveId ? { taskId, slaveId } : { taskId }
}

const askForAll = (scheduler: Scheduler, after?: string): Effect => {
  const body = { frameworkId: idOf(scheduler), tasks: [] }
  return ask(
    'tasks.reconcile',
    toLeader,
    after === undefined ? body : { ...body, after },
    nextRef(scheduler),
    timeoutMs(scheduler),
  )
}
