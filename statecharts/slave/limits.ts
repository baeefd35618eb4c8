/** How long tasks may run: counted from the moment at which they are told running, whoever restarts meanwhile. */
import { isTerminal } from '../../shared/tasks.ts'
import { type Effect, wake } from '../decision.ts'
import type { KilledFor, Slave, Task } from './ledger.ts'

/** It runs, or is being stopped before anybody said so: from now on its time counts, if it may run only for so long. */
export function countTime(slave: Slave, task: Task, at: number): Effect[] {
  const { maxSeconds } = task.spec
  if (maxSeconds === undefined || task.runningSince !== undefined) return []
  task.runningSince = at
  // Those of tasks that ended in time would lie there until theirs is over.
  if (slave.limits.size > 2 * slave.tasks.size) slave.limits.keep((limit) => !isTerminal(limit.task.state))
  slave.limits.push({ at: at + maxSeconds * 1000, task })
  return limitWake(slave)
}

/** After a restart: the time that it ran before counts, and the time for which its slave was away. */
export function recallTimes(slave: Slave, at: number): void {
  for (const task of slave.tasks.values()) {
    const { state, spec, runningSince = at } = task
    const isTimed = state === 'running' || state === 'killing'
    if (spec.maxSeconds === undefined || !isTimed) continue
    // Of a clock that was set back meanwhile no task has anything.
    task.runningSince = Math.min(runningSince, at)
    slave.limits.push({ at: task.runningSince + spec.maxSeconds * 1000, task })
  }
}

/** Those that have run for as long as they may. */
export function overdueTasks(slave: Slave, at: number): Task[] {
  slave.limitWakeAt = Number.POSITIVE_INFINITY
  const overdue: Task[] = []
  for (let due = slave.limits.popDue(at); due; due = slave.limits.popDue(at)) {
    if (!isTerminal(due.task.state)) overdue.push(due.task)
  }
  return overdue
}

export function limitWake(slave: Slave): Effect[] {
  const earliest = slave.limits.peek()?.at ?? Number.POSITIVE_INFINITY
  if (earliest >= slave.limitWakeAt) return []
  slave.limitWakeAt = earliest
  return [wake('limits', earliest)]
}

export const tooLong = ({ spec }: Task): KilledFor => ({
  reason: 'too-long',
  message: `it ran for longer than the ${spec.maxSeconds} s for which it may`,
})
