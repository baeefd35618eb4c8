/**
 * What a slave puts down, so that a process of it that is killed is not missed: a record for each thing that it must
 * not forget, appended before whoever depends on it hears of it. Restoring them is in recovery.ts.
 */
import {
  type Epoch,
  type ExecutorId,
  type FrameworkId,
  namedBy,
  type SlaveId,
  type TaskId,
} from '../../shared/ids.ts'
import type { ExecutorSpec, Status, Task as TaskSpec, TaskState } from '../../shared/tasks.ts'
import type { Effect } from '../decision.ts'
import type { Executor, KilledFor, Sandbox, Slave, Task } from './ledger.ts'

interface Owned {
  readonly frameworkId: FrameworkId
  readonly principal: string
  readonly frameworkName: string
}
interface OfTask {
  readonly frameworkId: FrameworkId
  readonly taskId: TaskId
}

export type Saved =
  | {
      readonly saved: 'self'
      readonly slaveId: SlaveId | undefined
      readonly epoch: Epoch
      readonly reign: string | undefined
    }
  | (Owned & {
      readonly saved: 'executor'
      readonly name: string
      readonly runId: string
      readonly spec: ExecutorSpec
    })
  | { readonly saved: 'executor.over'; readonly executorId: ExecutorId }
  | (Owned & {
      readonly saved: 'task'
      readonly spec: TaskSpec
      readonly executorId: ExecutorId
      readonly runId: string
      readonly launch: { readonly epoch: Epoch; readonly seq: number }
    })
  /** How far a task has come, where the updates that led there are not needed any more. */
  | (OfTask & {
      readonly saved: 'progress'
      readonly state: TaskState
      readonly seq: number
      readonly acked: number
      readonly executorSeq: number
      readonly audience: Task['audience']
      readonly runningSince?: number
      readonly killedFor?: KilledFor
    })
  | { readonly saved: 'update'; readonly status: Status; readonly executorSeq: number }
  | (OfTask & { readonly saved: 'ack'; readonly seq: number })
  /** A task is over and forgotten, and its sandbox kept for a while. */
  | (OfTask & Sandbox & { readonly saved: 'task.over' })
  | { readonly saved: 'sandbox.over'; readonly key: string }

/** Must be on disk before anybody hears of what was decided with it. */
export function put(slave: Slave, record: Saved): void {
  slave.unsaved.push(record)
  slave.mustSave = true
}
/** May come to the disk later: without it something is only done twice. */
export const putLater = (slave: Slave, record: Saved): void => void slave.unsaved.push(record)

export const putSelf = (slave: Slave): void => put(slave, self(slave))

/** A decision of a slave: what it put down is on disk before its wishes are carried out. */
export function durably<Event>(decision: (slave: Slave, heard: Event) => readonly Effect[]) {
  const durable = (slave: Slave, heard: Event): readonly Effect[] => {
    const effects = decision(slave, heard)
    return slave.unsaved.length === 0 ? effects : [...saves(slave), ...effects]
  }
  return Object.defineProperty(durable, 'name', { value: decision.name })
}

/** So many records wait at the most for one that must be saved at once. */
const mostUnsaved = 100

function saves(slave: Slave): Effect[] {
  if (!slave.mustSave && slave.unsaved.length < mostUnsaved) return []
  slave.mustSave = false
  const records = slave.unsaved.splice(0)
  slave.appended += records.length
  const needed = slave.tasks.size + slave.executors.size + slave.sandboxes.size
  const isLong = slave.appended > slave.settings.checkpointCompactRecords + 2 * needed
  return isLong ? [{ do: 'save', records }, compact(slave)] : [{ do: 'save', records }]
}

/** Writes the checkpoint anew, with all that is known at this moment. */
export function compact(slave: Slave): Effect {
  slave.appended = 0
  slave.mustSave = false
  slave.unsaved.length = 0
  return { do: 'compact', records: allOf(slave) }
}

export const executorRecord = (
  { frameworkId, principal, frameworkName, name, runId }: Executor,
  spec: ExecutorSpec,
): Saved => ({ saved: 'executor', frameworkId, principal, frameworkName, name, runId, spec })

export const taskRecord = (task: Task): Saved => {
  const { frameworkId, principal, frameworkName, spec, executor, runId, launch } = task
  const { executorId } = executor
  return { saved: 'task', frameworkId, principal, frameworkName, spec, executorId, runId, launch }
}

/** What is not told by its updates: for whom it is, above all. */
export const putProgress = (slave: Slave, task: Task): void => put(slave, progress(task))

/** The last state of all things, from which recovery comes to the same books. */
function allOf(slave: Slave): Saved[] {
  const executors = [...slave.executors.values()].flatMap((executor) =>
    executor.spec ? [executorRecord(executor, executor.spec)] : [],
  )
  const tasks = [...slave.tasks.values()].flatMap((task) => [
    taskRecord(task),
    progress(task),
    ...task.updates.map((status): Saved => ({ saved: 'update', status, executorSeq: task.executorSeq })),
  ])
  return [self(slave), ...executors, ...tasks, ...retired(slave)]
}

const self = ({ slaveId, epoch, reign }: Slave): Saved => ({ saved: 'self', slaveId, epoch, reign })

function progress(task: Task): Saved {
  const { frameworkId, spec, state, seq, acked, executorSeq, audience, runningSince, killedFor } = task
  return {
    saved: 'progress',
    frameworkId,
    taskId: spec.taskId,
    state,
    seq,
    acked,
    executorSeq,
    audience,
    ...(runningSince !== undefined && { runningSince }),
    ...(killedFor && { killedFor }),
  }
}

function retired({ sandboxes }: Slave): Saved[] {
  return [...sandboxes].flatMap(([key, sandbox]): Saved[] => {
    if (sandbox.forgetAt === undefined) return []
    return [{ saved: 'task.over', ...namedBy(key), ...sandbox }]
  })
}
