/**
 * Process isolation, for development: runs are plain processes of the slave's own user, each in a process group and
 * a directory of its own. Nothing keeps them from one another's files, memory or CPU; Docker isolation does.
 */
import { strict as assert } from 'node:assert'
import { isAbsolute, join } from 'node:path'
import type { Isolation, LogPiece, Run, RunEvent, RunOutcome } from '../ports.ts'
import { type AdoptedEvent, AdoptedRuns, unwatched } from './adoptedRuns.ts'
import { findLauncher, type LaunchEvent, type Launcher, type LauncherKind, openLauncher } from './launcher.ts'
import { endRuns, sandboxesIn } from './leftovers.ts'
import { failureOf, outcomeOf, type ProcessEnd } from './processEnds.ts'
import { type ProcessBounds, type ProcessOptions, processBounds } from './processOptions.ts'
import { groupsAlive, isGroupOf, isProcess, signalGroup } from './processTable.ts'
import { argvOf, clipped, flawOf, messageOf } from './runs.ts'
import { isRunId, Logs, makeSandbox, removeSandbox } from './sandbox.ts'
import { Slots } from './slots.ts'
import { noteStop, provedUnbegun, readExit, readStop } from './traces.ts'
import { volumeFolder } from './volumes.ts'

export function processIsolation(options: ProcessOptions): Isolation {
  return new Processes(options)
}

/** A run from its start until its end is told. */
interface Live {
  readonly run: Run
  readonly startedAt: number
  sandbox?: string
  launcher?: Launcher
  /** A launcher of an earlier process of this slave started it. */
  isAdopted?: boolean
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
  readonly #adopted: AdoptedRuns
  /** All that we were asked to start or to take over, and not yet to forget. */
  readonly #known = new Set<string>()
  readonly #launchers = new Set<Launcher>()
  /** Sandboxes of runs that ended since the last poll: their logs may have outgrown their bounds at the last moment. */
  readonly #ended = new Set<string>()
  readonly #logs: Logs
  /** One after the other: hundreds at a time would keep all else that goes to the disk waiting, checkpoint included. */
  readonly #clearing = new Slots(1)
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
    this.#adopted = new AdoptedRuns(this.#bounds, (event) => this.#hear(event))
  }

  onEvent(hear: (event: RunEvent) => void): void {
    this.#hearers.push(hear)
  }

  start(run: Run): void {
    const { runId } = run
    assert(!this.#live.has(runId), `the run ${runId} was started twice`)
    const refusal = this.#refusalOf(run) ?? this.#fullness()
    if (refusal) this.#refuse(runId, refusal)
    else void this.#launch(this.#note(run))
  }

  adopt(run: Run): void {
    if (this.#live.has(run.runId)) return
    const refusal = this.#refusalOf(run)
    if (refusal) this.#refuse(run.runId, refusal)
    else void this.#takeOver(this.#note(run))
  }

  async retain(runIds: ReadonlySet<string>): Promise<void> {
    const isKept = (runId: string) => runIds.has(runId) || this.#known.has(runId)
    await endRuns(await sandboxesIn(this.#workDir, isKept), this.#bounds)
  }

  stop(runId: string, graceSeconds: number): void {
    const live = this.#live.get(runId)
    if (!live) return
    const graceMs = Math.min(Math.max(0, graceSeconds * 1000), maxTimerMs)
    const deadline = Date.now() + graceMs
    if (live.stop && live.stop.deadline <= deadline) return
    const first = live.stop === undefined
    clearTimeout(live.stop?.timer)
    live.stop = this.#stopAt(live, deadline, live.stop?.signalled ?? false)
    if (first) this.#askToEnd(live)
    else if (live.pid !== undefined && live.sandbox) noteStop(live.sandbox, deadline)
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
    this.#known.delete(runId)
    this.#ended.delete(sandbox)
    await this.#clearing.with(async () => {
      await this.#logs.settle(sandbox)
      await removeSandbox(sandbox)
    })
  }

  async close({ kill }: { kill: boolean }): Promise<void> {
    if (kill && !this.#closed) await this.#killAll()
    this.#closed = true
    clearTimeout(this.#poll)
    clearTimeout(this.#lingerPoll)
    for (const live of this.#live.values()) clearTimeout(live.stop?.timer)
    for (const launcher of this.#launchers) launcher.close()
    this.#adopted.close()
    this.#hearers.length = 0
    await this.#logs.settle()
  }

  #refusalOf(run: Run): RunOutcome | undefined {
    const flaw = run.container ? needsContainers : flawOf(run)
    if (flaw) return { reason: 'bad-task', message: flaw }
    if (this.#closed) return { reason: 'isolation-failed', message: 'the slave is shutting down' }
    return undefined
  }

  #fullness(): RunOutcome | undefined {
    if (this.#live.size < this.#bounds.maxRuns) return undefined
    return { reason: 'isolation-failed', message: `${this.#bounds.maxRuns} processes run already` }
  }

  #refuse(runId: string, outcome: RunOutcome): void {
    queueMicrotask(() => this.#tell({ type: 'run.ended', runId, outcome }))
  }

  #note(run: Run): Live {
    const live: Live = { run, startedAt: Date.now(), missed: 0 }
    this.#live.set(run.runId, live)
    this.#known.add(run.runId)
    return live
  }

  async #takeOver(live: Live): Promise<void> {
    const sandbox = join(this.#workDir, live.run.runId)
    const deadline = readStop(sandbox)
    if (deadline !== undefined) live.stop = this.#stopAt(live, deadline, true)
    const isUnbegun = await provedUnbegun(sandbox)
    if (isUnbegun) await this.#launch(live)
    else if (!this.#closed) this.#watch(live)
  }

  #watch(live: Live): void {
    const { runId } = live.run
    live.isAdopted = true
    delete live.launcher
    live.sandbox = join(this.#workDir, runId)
    this.#adopted.watch(runId, live.sandbox)
    this.#poll ??= setTimeout(() => this.#look(), this.#bounds.pollMs)
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
      links: (run.volumes ?? []).map(({ path, volumeId }) => [path, volumeFolder(this.#workDir, volumeId)]),
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

  #hear(event: Exclude<LaunchEvent, { type: 'lost' }> | AdoptedEvent): void {
    const live = this.#live.get(event.runId)
    if (!live) {
      // Its end was told already, since it had not started for too long: it must not go on unnoticed.
      if (event.type === 'started') signalGroup(event.pid, 'SIGKILL')
      return
    }
    if (event.type === 'started') this.#noteStart(live, event.pid)
    else if (event.type === 'ended') this.#noteEnd(live, event.end)
    else if (event.type === 'taken') this.#watch(live)
    else if (event.type === 'vanished') this.#fail(live, event.message)
    else this.#end(live, failureOf(event, argvOf(live.run.command)[0] ?? ''))
  }

  #noteStart(live: Live, pid: number): void {
    live.pid = pid
    this.#tell({ type: 'run.started', runId: live.run.runId, pid })
    if (!live.stop) return
    if (live.stop.deadline <= Date.now()) this.#signal(live, 'SIGKILL')
    // Of one that was taken over: whoever noted that it is to stop may have been killed before he told it so.
    else this.#askToEnd(live)
  }

  #noteEnd(live: Live, end: ProcessEnd): void {
    if (live.pid === undefined) {
      this.#fail(live, 'it could not be started')
    } else if (live.stop?.signalled && this.#hasGroup(live)) {
      live.lingering = end
      this.#linger()
    } else {
      if (this.#hasGroup(live)) signalGroup(live.pid, 'SIGKILL')
      this.#end(live, outcomeOf(end, live.stop?.signalled ?? false))
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

  #stopAt(live: Live, deadline: number, signalled: boolean): Stop {
    const graceMs = Math.min(Math.max(0, deadline - Date.now()), maxTimerMs)
    return { deadline, timer: setTimeout(() => this.#signal(live, 'SIGKILL'), graceMs), signalled }
  }

  #askToEnd(live: Live): void {
    if (live.pid === undefined || !live.sandbox || !live.stop) return
    noteStop(live.sandbox, live.stop.deadline)
    this.#signal(live, 'SIGTERM')
  }

  #signal(live: Live, signal: 'SIGTERM' | 'SIGKILL'): void {
    if (live.pid === undefined || !live.stop || !this.#hasGroup(live)) return
    if (signalGroup(live.pid, signal)) live.stop.signalled = true
  }

  /** Of what ended while nobody watched, the number of its group may be somebody else's by now. */
  #hasGroup({ isAdopted, pid, sandbox }: Live): boolean {
    return !isAdopted || (pid !== undefined && sandbox !== undefined && isGroupOf(pid, sandbox))
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
    } else if (!live.lingering && !live.isAdopted && !isProcess(live.pid)) {
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
      this.#fail(live, unwatched)
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
