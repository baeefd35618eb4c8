/** Sandboxes: what tasks wrote stays readable for a while after they ended, and not for ever. */
import { taskKey } from '../../shared/ids.ts'
import { type Effect, type Heard, refuse } from '../decision.ts'
import { put, putLater } from './checkpoint.ts'
import type { Slave, Task } from './ledger.ts'

/** A task begins: where it will write. */
export function openSandbox(slave: Slave, { frameworkId, spec, runId, principal }: Task): void {
  slave.sandboxes.set(taskKey(frameworkId, spec.taskId), { runId, principal, forgetAt: undefined })
}

/** Its task is over: the oldest of these go first, so it moves to the end. */
export function retireSandbox(slave: Slave, { frameworkId, spec, runId, principal }: Task, at: number): void {
  const key = taskKey(frameworkId, spec.taskId)
  const retired = { runId, principal, forgetAt: at + slave.settings.sandboxKeepSeconds * 1000 }
  slave.sandboxes.delete(key)
  slave.sandboxes.set(key, retired)
  putLater(slave, { saved: 'task.over', frameworkId, taskId: spec.taskId, ...retired })
}

/** Forgets what was kept long enough, and what is too much. A custom executor's sandbox goes with the executor. */
export function forgetSandboxes(slave: Slave, at: number): Effect[] {
  if (slave.closed !== undefined) return []
  const forgotten: Effect[] = []
  let excess = slave.sandboxes.size - slave.tasks.size - slave.settings.sandboxKeepCount
  for (const [key, { runId, forgetAt }] of slave.sandboxes) {
    if (forgetAt === undefined) continue
    if (forgetAt > at && excess <= 0) break
    excess--
    slave.sandboxes.delete(key)
    put(slave, { saved: 'sandbox.over', key })
    if (!isExecutors(runId)) forgotten.push(...forgetRun(slave, runId))
  }
  return forgotten
}

/**
 * What is cleared away would be begun again by whoever finds it in the checkpoint: that knows first, or, while its disk
 * is not well, it stays.
 */
export const forgetRun = (slave: Slave, runId: string): Effect[] =>
  slave.closed === undefined ? [{ do: 'forget', runId }] : []

/** A piece of what a task wrote: for operators, and for the framework whose task it is. */
export function readLog(slave: Slave, heard: Heard<'log.read'>): Effect[] {
  const { frameworkId, taskId, stream, offset, limit } = heard.body
  const sandbox = slave.sandboxes.get(taskKey(frameworkId, taskId))
  if (!sandbox) return refuse(heard, 'log-gone', `task ${taskId}`)
  if (heard.from.role === 'scheduler' && heard.from.id !== sandbox.principal)
    return refuse(heard, 'framework-foreign')
  if (heard.reply === undefined) return []
  const { runId, forgetAt } = sandbox
  return [{ do: 'readLog', to: heard.reply, runId, stream, offset, limit, over: forgetAt !== undefined }]
}

const isExecutors = (runId: string) => runId.startsWith(executorRunPrefix)
/** The runs of custom executors; tasks of such an executor write where it writes. */
export const executorRunPrefix = 'executor-'
export const taskRunPrefix = 'task-'
