/** One run of a command on a slave: what is to be run, and what became of it. */
import type { Resources } from './resources.ts'
import type { Command, Container, Mount, Reason } from './tasks.ts'

/** One thing to run: a task's command, or a custom executor's process. */
export interface Run {
  /** Unique on its slave and safe as a file and container name: `[A-Za-z0-9_.-]{1,128}`. */
  readonly runId: string
  readonly command: Command
  readonly container?: Container
  readonly resources: Resources
  /** The whole environment that the slave sets, on top of which `command.env` comes. */
  readonly env: Readonly<Record<string, string>>
  /** Persistent volumes of its slave, and where it finds them. */
  readonly volumes?: readonly Mount[]
  /** What an operator may search for: cluster, slave, framework, task. */
  readonly labels: Readonly<Record<string, string>>
}

/** What becomes of a run. Exactly one `run.ended` closes every start. */
export type RunEvent =
  | { readonly type: 'run.progress'; readonly runId: string; readonly message: string }
  | { readonly type: 'run.started'; readonly runId: string; readonly pid?: number }
  | { readonly type: 'run.ended'; readonly runId: string; readonly outcome: RunOutcome }

export interface RunOutcome {
  /** Absent when it ended by itself with code 0. */
  readonly reason?: Reason
  readonly message?: string
  readonly exitCode?: number
  readonly signal?: string
}
