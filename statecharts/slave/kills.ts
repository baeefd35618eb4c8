/** Tasks that are to end: because somebody wants it, because they may run no longer, or because their slave must. */
import { taskKey } from '../../shared/ids.ts'
import { isTerminal, type Reason, reasonMeanings } from '../../shared/tasks.ts'
import type { Effect, Heard, Woken } from '../decision.ts'
import { putProgress } from './checkpoint.ts'
import { stopOn } from './executors.ts'
import type { KilledFor, Slave, Task } from './ledger.ts'
import { limitWake, overdueTasks, tooLong } from './limits.ts'
import { letGo, update } from './updates.ts'

/** Stop these; what is not here (any more) needs no stopping. */
export function stopTasks(slave: Slave, heard: Heard<'task.stop'>): Effect[] {
  const effects: Effect[] = []
  for (const { frameworkId, taskId, graceSeconds, reason } of heard.body.tasks) {
    const task = slave.tasks.get(taskKey(frameworkId, taskId))
    if (task) effects.push(...stopTask(slave, task, graceSeconds, heard.at, orderedFor(reason)))
  }
  return effects
}

/**
 * These have run for as long as they may. Neither a long grace of their own nor one that is running already makes
 * more of it than the slave's own.
 */
export function stopOverdue(slave: Slave, heard: Woken<'limits'>): Effect[] {
  const { killGraceSeconds } = slave.settings
  const stopped = overdueTasks(slave, heard.at).flatMap((task) => {
    const grace = Math.min(task.spec.killGraceSeconds ?? killGraceSeconds, killGraceSeconds)
    return stopTask(slave, task, grace, heard.at, tooLong(task))
  })
  return [...stopped, ...limitWake(slave)]
}

/** The slave stops, and everything with it. */
export const stopEverything = (slave: Slave, at: number): Effect[] =>
  stopAllRuns(slave, undefined, at, orderedFor('slave-stopped'))

/** The leader has told everybody that these are lost: all of it ends at once, and nothing more is said of it. */
export function giveUpTasks(slave: Slave, at: number): Effect[] {
  for (const task of [...slave.tasks.values()]) {
    task.audience = 'nobody'
    putProgress(slave, task)
    if (isTerminal(task.state)) letGo(slave, task, at)
  }
  return stopAllRuns(slave, 0, at)
}

/** What is being killed already goes on being killed for the reason that it was told first. */
export function stopTask(
  slave: Slave,
  task: Task,
  graceSeconds: number | undefined,
  at: number,
  killedFor?: KilledFor,
): Effect[] {
  if (isTerminal(task.state)) return []
  const grace = graceSeconds ?? task.spec.killGraceSeconds ?? slave.settings.killGraceSeconds
  const told = task.state === 'killing' ? undefined : killedFor
  if (task.state !== 'killing') task.killedFor = killedFor
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
  return [...update(slave, task, 'killing', told ?? {}, at), stopOn(slave, task, grace)]
}

/** Stops every task, and every custom executor with its own. */
function stopAllRuns(
  slave: Slave,
  graceSeconds: number | undefined,
  at: number,
  killedFor?: KilledFor,
): Effect[] {
  const tasks = [...slave.tasks.values()].flatMap((task) =>
    stopTask(slave, task, graceSeconds, at, killedFor),
  )
  const executors = [...slave.executors.values()].filter((executor) => executor.spec)
  const grace = graceSeconds ?? slave.settings.killGraceSeconds
  return [...tasks, ...executors.map(({ runId }): Effect => ({ do: 'stop', runId, graceSeconds: grace }))]
}

/** That its framework, or an operator, wants it needs no more words. */
function orderedFor(reason: Reason | undefined): KilledFor | undefined {
  if (reason === undefined || reason === 'kill-requested') return undefined
  const meaning = reasonMeanings[reason]
  return { reason, message: meaning.charAt(0).toLowerCase() + meaning.slice(1, -1) }
}
