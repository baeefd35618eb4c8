/** Between a custom executor's author and his executor's actor: callbacks out, events in. Knows nothing of any bus. */
import type { FrameworkId, SlaveId, TaskId } from '../../shared/ids.ts'
import type { Status, Task, TaskState } from '../../shared/tasks.ts'
import type { News } from '../../statecharts/decision.ts'

/** What the author of an executor answers. Only `onLaunch` must be there. */
export interface ExecutorWork {
  /** Run this task, one of many. What it returns when it resolves: nothing finishes the task; a throw fails it. */
  onLaunch(task: LaunchedTask): void | Promise<void>
  /** Stop this task within its grace: then say `killed`, or whatever became of it. */
  onKill?(task: LaunchedTask, graceSeconds: number): void
  onRegistered?(where: {
    readonly slaveId: SlaveId
    readonly frameworkId: FrameworkId
    readonly name: string
  }): void
  onMessage?(payload: Uint8Array, executor: ExecutorHandle): void
  /** The executor is to end; finish what can be finished. */
  onShutdown?(graceSeconds: number): void | Promise<void>
}

export interface ExecutorHandle {
  /** Bytes to the framework's scheduler; best effort, in order. */
  message(payload: Uint8Array): void
}

/** A task in its executor's hands. */
export interface LaunchedTask {
  readonly id: TaskId
  readonly spec: Task
  /** What the framework gave with it. */
  readonly payload: Uint8Array
  /** Aborted when the task is to be killed. */
  readonly signal: AbortSignal
  /** Tells that it runs, with a word or some bytes if wanted. Said once by itself when it is launched. */
  running(word?: { readonly message?: string; readonly payload?: Uint8Array }): void
  finished(word?: { readonly message?: string; readonly payload?: Uint8Array }): void
  failed(message: string): void
  killed(message?: string): void
}

type Send = (event: { readonly type: string; readonly [field: string]: unknown }) => void
type Why = Pick<Status, 'reason' | 'message' | 'payload'>

/** An AbortController for whoever asks for its signal: most tasks never do, and one costs more than a short task. */
class Abort {
  private controller: AbortController | undefined
  private aborted = false

  get signal(): AbortSignal {
    this.controller ??= new AbortController()
    if (this.aborted) this.controller.abort()
    return this.controller.signal
  }

  abort(): void {
    this.aborted = true
    this.controller?.abort()
  }
}

export class ExecutorAuthor implements ExecutorHandle {
  private readonly work: ExecutorWork
  private readonly send: Send
  private readonly tasks = new Map<TaskId, { task: LaunchedTask; abort: Abort }>()
  /** Said once before the work begins; a control plane that is measured leaves it out. */
  private readonly saysRunning: boolean

  constructor(work: ExecutorWork, send: Send, saysRunning = true) {
    this.work = work
    this.send = send
    this.saysRunning = saysRunning
  }

  message(payload: Uint8Array): void {
    this.send({ type: 'author.message', payload })
  }

  hear(news: News): void {
    switch (news.news) {
      case 'registered':
        this.work.onRegistered?.(news)
        break
      case 'launch':
        this.launch(news.task)
        break
      case 'kill':
        this.kill(news.taskId, news.graceSeconds)
        break
      case 'message':
        this.work.onMessage?.(news.payload, this)
        break
      case 'shutdown':
        void this.shutDown(news.graceSeconds)
        break
      default:
    }
  }

  private launch(spec: Task): void {
    const abort = new Abort()
    const task = this.launched(spec, abort)
    this.tasks.set(spec.taskId, { task, abort })
    if (this.saysRunning) task.running()
    const failed = (error: unknown) => task.failed(error instanceof Error ? error.message : String(error))
    try {
      const outcome = this.work.onLaunch(task)
      if (outcome instanceof Promise) outcome.then(() => task.finished(), failed)
    } catch (error) {
      failed(error)
    }
  }

  private kill(taskId: TaskId, graceSeconds: number): void {
    const known = this.tasks.get(taskId)
    if (!known) return
    known.abort.abort()
    if (this.work.onKill) this.work.onKill(known.task, graceSeconds)
    else known.task.killed()
  }

  private async shutDown(graceSeconds: number): Promise<void> {
    for (const { abort } of this.tasks.values()) abort.abort()
    await this.work.onShutdown?.(graceSeconds)
    for (const { task } of [...this.tasks.values()]) task.killed('its executor was shut down')
    this.send({ type: 'author.done' })
  }

  private launched(spec: Task, abort: Abort): LaunchedTask {
    const tell = (state: TaskState, why: Why) => {
      if (!this.tasks.has(spec.taskId)) return
      if (state !== 'running') this.tasks.delete(spec.taskId)
      this.send({ type: 'author.status', taskId: spec.taskId, state, why })
    }
    return {
      id: spec.taskId,
      spec,
      payload: spec.payload ?? new Uint8Array(),
      get signal() {
        return abort.signal
      },
      running: (word = {}) => tell('running', word),
      finished: (word = {}) => tell('finished', word),
      failed: (message) => tell('failed', { reason: 'executor-said', message }),
      killed: (message = 'killed on request') => tell('killed', { reason: 'kill-requested', message }),
    }
  }
}
