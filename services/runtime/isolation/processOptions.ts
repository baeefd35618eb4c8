import type { LauncherKind } from './launcher.ts'

export interface ProcessOptions {
  /** Absolute. A run's sandbox is `workDir/<runId>/`. */
  readonly workDir: string
  /** Where commands are looked for; the slave's own PATH when absent. */
  readonly path?: string
  /** Which launcher; the better one that this machine has when absent. */
  readonly launcher?: LauncherKind
  readonly bounds?: Partial<ProcessBounds>
}

export interface ProcessBounds {
  /** Of each of stdout and stderr so much is kept, bytes; between two polls it may be more. */
  readonly logMaxBytes: number
  /** One answer of readLog holds at the most so much, bytes. */
  readonly logPieceBytes: number
  /** While anything runs, logs are measured and processes looked for every so often, ms. */
  readonly pollMs: number
  /** A run that its launcher has not started after so long has failed, ms. */
  readonly startTimeoutMs: number
  /** What is left of a group whose leader has ended within its grace is looked at every so often, ms. */
  readonly lingerPollMs: number
  /** Runs that an earlier process of the slave had started are looked at every so often, ms. */
  readonly adoptedPollMs: number
  /** The launcher of an earlier process that had set about a start has noted it after so long, or never will, ms. */
  readonly beginTimeoutMs: number
  /** It notes how a run ended so long after the end, or never will, ms. */
  readonly exitTimeoutMs: number
  /** A group that is still there so long after SIGKILL is given up: its processes are zombies or hang, ms. */
  readonly killTimeoutMs: number
  /** At most so many runs at a time: each is a process. */
  readonly maxRuns: number
}

export const processBounds: ProcessBounds = {
  logMaxBytes: 16 * 1024 * 1024,
  logPieceBytes: 1024 * 1024,
  pollMs: 500,
  startTimeoutMs: 30_000,
  lingerPollMs: 50,
  adoptedPollMs: 100,
  beginTimeoutMs: 5000,
  exitTimeoutMs: 2000,
  killTimeoutMs: 5000,
  maxRuns: 10_000,
}
