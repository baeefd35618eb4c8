/** What an executor knows: the tasks that it runs, and the updates that its slave has not acknowledged. */
import type { ExecutorSettings } from '../../shared/config.ts'
import type { ExecutorId, FrameworkId, SlaveId } from '../../shared/ids.ts'
import type { Address } from '../../shared/subjects.ts'
import type { Status, Task as TaskSpec, TaskState } from '../../shared/tasks.ts'
import { Moves } from '../moves.ts'

/** Which launch of its slave a task came with. */
export interface Launch {
  readonly epoch: number
  readonly seq: number
}

export interface Over {
  readonly launch: Launch
  readonly last: Status
}

export interface Task {
  readonly frameworkId: FrameworkId
  readonly spec: TaskSpec
  /** The name of its run, where the executor runs commands. */
  readonly runId: string
  readonly launch: Launch
  state: TaskState
  /** The shortest grace with which its end was asked for. */
  graceSeconds: number
  seq: number
  /** Updates that the slave has not acknowledged, in order; the first `spoken` of them were said. */
  updates: Status[]
  spoken: number
}

/** Who this executor is: given to it, and the same for all of its life. */
export interface ExecutorIdentity {
  readonly slaveId: SlaveId
  readonly slaveName: string
  readonly executorId: ExecutorId
  readonly name: string
  /** Whose it is; empty for the command executor, which runs everybody's commands. */
  readonly frameworkId: FrameworkId
  /** Who its scheduler speaks as. */
  readonly principal: string
  /** Whether an author does the work; else commands are run. */
  readonly custom: boolean
}

export interface Executor extends ExecutorIdentity {
  readonly settings: ExecutorSettings
  readonly moves: Moves
  readonly tasks: Map<string, Task>
  /** Tasks that are over and forgotten: the same launch that comes again is not obeyed, but told how it ended. */
  readonly over: Map<string, Over>
  /** Tasks by the name of their run. */
  readonly runs: Map<string, Task>
  /** Tasks with updates that were not said yet. */
  readonly speaking: Set<Task>
  speakDue: boolean
  repeatDue: boolean
  /** When its slave was last heard to be there. */
  slaveAt: number
}

export const newExecutor = (identity: ExecutorIdentity, settings: ExecutorSettings): Executor => ({
  ...identity,
  settings,
  moves: new Moves(),
  tasks: new Map(),
  over: new Map(),
  runs: new Map(),
  speaking: new Set(),
  speakDue: false,
  repeatDue: false,
  slaveAt: 0,
})

export const toOwnSlave = (executor: Executor): Address => ({ role: 'slave', slaveId: executor.slaveId })
export const ownAddress = ({ slaveId, executorId }: Executor): Address => ({
  role: 'executor',
  slaveId,
  executorId,
})
