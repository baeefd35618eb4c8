/**
 * Process isolation, for development: runs are plain processes of the slave's own user, each in a process group and
 * a directory of its own. Nothing keeps them from one another's files, memory or CPU; Docker isolation does.
 */
import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Isolation, LogPiece, Run, RunEvent, RunOutcome } from '../ports.ts'
import { findLauncher, type LaunchEvent, type Launcher, type LauncherKind, openLauncher } from './launcher.ts'
import {
  failureOf,
  groupsAlive,
  isProcess,
  outcomeOf,
  type ProcessEnd,
  readExit,
  signalGroup,
} from './processEnds.ts'
import { type ProcessBounds, type ProcessOptions, processBounds } from './processOptions.ts'
import { argvOf, clipped, flawOf, messageOf } from './runs.ts'
import { isRunId, Logs, makeSandbox, removeSandbox } from './sandbox.ts'

export function processIsolation(options: ProcessOptions): Isolation {
  return new Processes(options)
}

/** A run from its start until its end is told. */
interface Live {
  readonly run: Run
  readonly startedAt: number
  sandbox?: string
  launcher?: Launcher
  pid?: number
  stop?: Stop
  /** Its leader has ended so, but others of its group are still using their grace. */
  lingering?: ProcessEnd
  /** At so many polls in a row its leader was gone without a word of how it ended. */
  missed: number
}

interface Stop {
  readonly deadline: number
  readonly timer: NodeJS.Timeout
  /** Whether a signal of ours reached it, so that its end may be put down to us. */
  signalled: boolean
}

/** The longest that a timer of Node can wait; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1

const needsContainers = 'this slave runs plain processes; containers need --isolation docker'

class Processes implements Isolation {
  readonly name = 'process'
  readonly #workDir: string
  readonly #path: string
  readonly #launcherKind: LauncherKind
  readonly #bounds: ProcessBounds
  readonly #live = new Map<string, Live>()
  readonly #launchers = new Set<Launcher>()
  /** Sandboxes of runs that ended since the last poll: their logs may have outgrown their bounds at the last moment. */
  readonly #ended = new Set<string>()
  readonly #logs: Logs
  readonly #hearers: ((event: RunEvent) => void)[] = []
  #launcher: Launcher | undefined
  #poll: NodeJS.Timeout | undefined
  #lingerPoll: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: ProcessOptions) {
    assert(isAbsolute(options.workDir), `workDir must be absolute, it is "${options.workDir}"`)
    this.#workDir = options.workDir
    this.#path = options.path ?? process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'
    this.#launcherKind = options.launcher ?? findLauncher(this.#path)
    this.#bounds = { ...processBounds, ...options.bounds }
    this.#logs = new Logs(this.#bounds.logMaxBytes)
  }

  onEvent(hear: (event: RunEvent) => void): void {
    this.#hearers.push(hear)
  }

  start(run: Run): void {
    const { runId } = run
    const refusal = this.#refusalOf(run)
    if (refusal) {
      queueMicrotask(() => this.#tell({ type: 'run.ended', runId, outcome: refusal }))
      return
    }
    assert(!this.#live.has(runId), `the run ${runId} was started twice`)
    const live: Live = { run, startedAt: Date.now(), missed: 0 }
    this.#live.set(runId, live)
    void this.#launch(live)
  }

  stop(runId: string, graceSeconds: number): void {
    const live = this.#live.get(runId)
    if (!live) return
    const graceMs = Math.min(Math.max(0, graceSeconds * 1000), maxTimerMs)
    const deadline = Date.now() + graceMs
    if (live.stop && live.stop.deadline <= deadline) return
    const first = live.stop === undefined
    clearTimeout(live.stop?.timer)
    const timer = setTimeout(() => this.#signal(live, 'SIGKILL'), graceMs)
    live.stop = { deadline, timer, signalled: live.stop?.signalled ?? false }
    if (first) this.#askToEnd(live)
  }

  async readLog(
    runId: string,
    stream: 'stdout' | 'stderr',
    offset: number,
    limit: number,
  ): Promise<LogPiece> {
    if (!isRunId(runId)) return { bytes: new Uint8Array(), offset: 0, size: 0 }
    return this.#logs.read(
      join(this.#workDir, runId),
      stream,
      offset,
      Math.min(limit, this.#bounds.logPieceBytes),
    )
  }

  async forget(runId: string): Promise<void> {
    if (!isRunId(runId) || this.#live.has(runId)) return
    const sandbox = join(this.#workDir, runId)
    this.#ended.delete(sandbox)
    await this.#logs.settle(sandbox)
    await removeSandbox(sandbox)
  }

  async close({ kill }: { kill: boolean }): Promise<void> {
    if (kill && !this.#closed) await this.#killAll()
    this.#closed = true
    clearTimeout(this.#poll)
    clearTimeout(this.#lingerPoll)
    for (const live of this.#live.values()) clearTimeout(live.stop?.timer)
    for (const launcher of this.#launchers) launcher.close()
    this.#hearers.length = 0
    await this.#logs.settle()
  }

  #refusalOf(run: Run): RunOutcome | undefined {
    const flaw = run.container ? needsContainers : flawOf(run)
    if (flaw) return { reason: 'bad-task', message: flaw }
    if (this.#closed) return { reason: 'isolation-failed', message: 'the slave is shutting down' }
    if (this.#live.size < this.#bounds.maxRuns) return undefined
    return { reason: 'isolation-failed', message: `${this.#bounds.maxRuns} processes run already` }
  }

  async #launch(live: Live): Promise<void> {
    const { run } = live
    try {
      live.sandbox = await makeSandbox(this.#workDir, run.runId)
    } catch (error) {
      return this.#fail(live, `its sandbox cannot be made: ${messageOf(error)}`)
    }
    if (this.#closed) return
    if (live.stop) return this.#end(live, { reason: 'kill-requested', message: 'killed before it started' })
    live.launcher = this.#launcher ??= this.#openLauncher()
    const { sandbox } = live
    live.launcher.start({
      runId: run.runId,
      sandbox,
      env: environmentOf(run, sandbox, this.#path),
      argv: argvOf(run.command),
    })
    this.#poll ??= setTimeout(() => this.#look(), this.#bounds.pollMs)
  }

  #openLauncher(): Launcher {
    const launcher = openLauncher(this.#launcherKind, this.#path, (event) => {
      if (event.type === 'lost') this.#loseLauncher(launcher, event.message)
      else this.#hear(event)
    })
    this.#launchers.add(launcher)
    return launcher
  }

  /** What it had started goes on, and is looked for at each poll; the next start opens another. */
  #loseLauncher(lost: Launcher, message: string): void {
    if (this.#launcher === lost) this.#launcher = undefined
    for (const live of this.#live.values()) {
      if (live.launcher === lost && live.pid === undefined) this.#fail(live, message)
    }
  }

  #hear(event: Exclude<LaunchEvent, { type: 'lost' }>): void {
    const live = this.#live.get(event.runId)
    if (!live) {
      // Its end was told already, since it had not started for too long: it must not go on unnoticed.
      if (event.type === 'started') signalGroup(event.pid, 'SIGKILL')
      return
    }
    if (event.type === 'started') this.#noteStart(live, event.pid)
    else if (event.type === 'ended') this.#noteEnd(live, event.end)
    else this.#end(live, failureOf(event, argvOf(live.run.command)[0] ?? ''))
  }

  #noteStart(live: Live, pid: number): void {
    live.pid = pid
    this.#tell({ type: 'run.started', runId: live.run.runId, pid })
    if (!live.stop) return
    if (live.stop.deadline <= Date.now()) this.#signal(live, 'SIGKILL')
    else this.#askToEnd(live)
  }

  #noteEnd(live: Live, end: ProcessEnd): void {
    if (live.pid === undefined) {
      this.#fail(live, 'it could not be started')
    } else if (live.stop?.signalled) {
      live.lingering = end
      this.#linger()
    } else {
      signalGroup(live.pid, 'SIGKILL')
      this.#end(live, outcomeOf(end, false))
    }
  }

  /** A run has ended when all of its group have: the rest may use the grace that its leader did not. */
  #linger(): void {
    const lingering = [...this.#live.values()].filter((live) => live.lingering)
    const alive = groupsAlive(lingering.map((live) => live.pid ?? 0))
    for (const live of lingering) {
      const givenUp = Date.now() > (live.stop?.deadline ?? 0) + this.#bounds.killTimeoutMs
      const isOver = givenUp || !alive.has(live.pid ?? 0)
      if (isOver && live.lingering) this.#end(live, outcomeOf(live.lingering, true))
    }
    clearTimeout(this.#lingerPoll)
    if (alive.size > 0 && !this.#closed)
      this.#lingerPoll = setTimeout(() => this.#linger(), this.#bounds.lingerPollMs)
  }

  /** The file tells the launcher that the group has its grace, even when we are gone by then. */
  #askToEnd(live: Live): void {
    if (live.pid === undefined || !live.sandbox || !live.stop) return
    try {
      writeFileSync(join(live.sandbox, 'stop'), `${live.stop.deadline}\n`)
    } catch {
      // A full disk costs the rest of the group its grace, no more.
    }
    this.#signal(live, 'SIGTERM')
  }

  #signal(live: Live, signal: 'SIGTERM' | 'SIGKILL'): void {
    if (live.pid === undefined || !live.stop) return
    if (signalGroup(live.pid, signal)) live.stop.signalled = true
  }

  /** The regular look at all that runs: bounds of logs, starts that hang, ends that nobody told. */
  #look(): void {
    for (const live of this.#live.values()) this.#lookAt(live)
    for (const sandbox of this.#ended) this.#logs.bound(sandbox)
    this.#ended.clear()
    this.#poll = this.#live.size > 0 ? setTimeout(() => this.#look(), this.#bounds.pollMs) : undefined
  }

  #lookAt(live: Live): void {
    if (live.sandbox) this.#logs.bound(live.sandbox)
    if (live.pid === undefined) {
      const hangs = live.launcher && Date.now() - live.startedAt > this.#bounds.startTimeoutMs
      if (hangs) this.#fail(live, `its launcher did not start it within ${this.#bounds.startTimeoutMs} ms`)
    } else if (!live.lingering && !isProcess(live.pid)) {
      // Once may be chance: its end may be on its way to us.
      live.missed += 1
      if (live.missed > 1) this.#noteUntoldEnd(live)
    }
  }

  #noteUntoldEnd(live: Live): void {
    const end = live.sandbox && readExit(live.sandbox)
    if (end) {
      this.#noteEnd(live, end)
    } else {
      if (live.pid !== undefined) signalGroup(live.pid, 'SIGKILL')
      this.#fail(live, 'it ended, but the launcher that waited for it had ended before: nobody knows how')
    }
  }

  async #killAll(): Promise<void> {
    if (this.#live.size === 0) return
    const allEnded = new Promise<void>((resolve) => {
      this.onEvent(() => this.#live.size === 0 && resolve())
      setTimeout(resolve, this.#bounds.killTimeoutMs).unref()
    })
    for (const runId of [...this.#live.keys()]) this.stop(runId, 0)
    await allEnded
  }

  #fail(live: Live, message: string): void {
    this.#end(live, { reason: 'isolation-failed', message })
  }

  #end(live: Live, outcome: RunOutcome): void {
    const { runId } = live.run
    if (!this.#live.delete(runId)) return
    clearTimeout(live.stop?.timer)
    if (live.sandbox) this.#ended.add(live.sandbox)
    this.#tell({ type: 'run.ended', runId, outcome: clipped(outcome) })
  }

  #tell(event: RunEvent): void {
    for (const hear of this.#hearers) hear(event)
  }
}

/** Nothing of the slave's own environment but its PATH: the rest may hold the keys to the bus. */
function environmentOf(run: Run, sandbox: string, path: string): Record<string, string> {
  const basics = { PATH: path, HOME: sandbox, TMPDIR: sandbox, LANG: 'C.UTF-8', PROFFER_SANDBOX: sandbox }
  return { ...basics, ...run.env, ...run.command.env }
}
