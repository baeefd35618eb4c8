/** Runs as containers of an engine, one each. The engine is asked, never trusted to have heard. */
import { strict as assert } from 'node:assert'
import { isAbsolute, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Isolation, LogPiece, Run, RunEvent, RunOutcome } from '../../ports.ts'
import { clearSandboxes, sandboxesIn } from '../leftovers.ts'
import { argvOf, clip, clipped, flawOf, messageOf } from '../runs.ts'
import { isRunId, Logs, makeSandbox, removeSandbox } from '../sandbox.ts'
import { Slots } from '../slots.ts'
import { noteBegun, noteStop, readStop } from '../traces.ts'
import { seek } from './adoption.ts'
import { containerOutcome, NotStarted, startFailure } from './containerEnds.ts'
import {
  containerFlawOf,
  containerName,
  containerSpec,
  droppedLimit,
  runLabel,
  workDirLabel,
} from './containerSpec.ts'
import { ContainerWatch } from './containerWatch.ts'
import { type DockerBounds, type DockerOptions, dockerBounds } from './dockerOptions.ts'
import { type ContainerState, type Engine, isEngineError } from './engine.ts'
import { Images } from './images.ts'
import { LogFollower } from './logFollower.ts'

/** A run from its start until its end is told. */
interface Live {
  readonly run: Run
  readonly name: string
  /** Empty only where it is not wanted: for a run that is to be taken over, and has its container. */
  readonly image: string
  readonly sandbox: string
  /** `sought`: what there is of it is not known yet; `waiting`: for its turn or its image; nothing of it exists yet. */
  phase: 'sought' | 'waiting' | 'starting' | 'running'
  /** Whether its container exists. */
  made: boolean
  stop?: Stop
}

interface Stop {
  readonly deadline: number
  readonly timer: NodeJS.Timeout
  /** Whether a signal of ours reached it, so that its end may be put down to us. */
  signalled: Promise<boolean>
  /** An earlier process of the slave has sent it SIGTERM. */
  readonly isResumed?: boolean
}

/** The longest that a timer of Node can wait; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1
const lastWordsBytes = 2048

export class Containers implements Isolation {
  readonly name = 'docker'
  readonly #engine: Engine
  readonly #options: DockerOptions
  readonly #bounds: DockerBounds
  readonly #starts: Slots
  readonly #images: Images
  readonly #logs: Logs
  readonly #live = new Map<string, Live>()
  /** All that we were asked to start or to take over, and not yet to forget. */
  readonly #known = new Set<string>()
  readonly #watches = new Set<ContainerWatch>()
  readonly #hearers: ((event: RunEvent) => void)[] = []
  #closed = false

  constructor(engine: Engine, options: DockerOptions) {
    assert(isAbsolute(options.workDir), `workDir must be absolute, it is "${options.workDir}"`)
    this.#engine = engine
    this.#options = options
    this.#bounds = { ...dockerBounds, ...options.bounds }
    this.#starts = new Slots(this.#bounds.maxConcurrentStarts)
    this.#images = new Images(engine, this.#bounds)
    this.#logs = new Logs(this.#bounds.logMaxBytes)
  }

  onEvent(hear: (event: RunEvent) => void): void {
    this.#hearers.push(hear)
  }

  start(run: Run): void {
    assert(!this.#live.has(run.runId), `the run ${run.runId} was started twice`)
    const refusal = this.#refusalOf(run) ?? this.#fullness()
    if (refusal) this.#refuse(run, refusal)
    else void this.#carryOut(this.#note(run, 'waiting'))
  }

  adopt(run: Run): void {
    if (this.#live.has(run.runId)) return
    const flaw = flawOf(run)
    if (flaw) this.#refuse(run, { reason: 'bad-task', message: flaw })
    else void this.#takeOver(this.#note(run, 'sought'))
  }

  async retain(runIds: ReadonlySet<string>): Promise<void> {
    const isKept = (runId: string) => runIds.has(runId) || this.#known.has(runId)
    const { workDir } = this.#options
    const ours = await this.#engine.list(workDirLabel, resolve(workDir)).catch((error: unknown) => {
      throw new Error(`the engine does not say what is left of earlier runs: ${messageOf(error)}`)
    })
    const left = ours.filter(({ labels }) => !isKept(labels[runLabel] ?? ''))
    const remove = (id: string) => this.#starts.with(() => this.#engine.remove(id).catch(() => {}))
    await Promise.all(left.map(({ id }) => remove(id)))
    await clearSandboxes(await sandboxesIn(workDir, isKept))
  }

  stop(runId: string, graceSeconds: number): void {
    const live = this.#live.get(runId)
    if (!live) return
    const graceMs = Math.min(Math.max(0, graceSeconds * 1000), maxTimerMs)
    const deadline = Date.now() + graceMs
    if (live.stop && live.stop.deadline <= deadline) return
    clearTimeout(live.stop?.timer)
    const timer = setTimeout(() => this.#signal(live, 'SIGKILL'), graceMs)
    const before = live.stop
    live.stop = { signalled: Promise.resolve(false), ...before, deadline, timer }
    if (live.phase === 'running') noteStop(live.sandbox, deadline)
    if (live.phase === 'waiting') this.#end(live, beforeItStarted)
    else if (!before) this.#signal(live, 'SIGTERM')
  }

  async readLog(
    runId: string,
    stream: 'stdout' | 'stderr',
    offset: number,
    limit: number,
  ): Promise<LogPiece> {
    if (!isRunId(runId)) return { bytes: new Uint8Array(), offset: 0, size: 0 }
    const sandbox = join(this.#options.workDir, runId)
    return this.#logs.read(sandbox, stream, offset, Math.min(limit, this.#bounds.logPieceBytes))
  }

  async forget(runId: string): Promise<void> {
    if (!isRunId(runId) || this.#live.has(runId)) return
    this.#known.delete(runId)
    await this.#engine.remove(containerName(runId))
    const sandbox = join(this.#options.workDir, runId)
    await this.#logs.settle(sandbox)
    await removeSandbox(sandbox)
  }

  async close({ kill }: { kill: boolean }): Promise<void> {
    if (kill && !this.#closed) await this.#killAll()
    this.#closed = true
    this.#hearers.length = 0
    for (const live of this.#live.values()) clearTimeout(live.stop?.timer)
    for (const watch of this.#watches) watch.close()
    this.#engine.close()
    await this.#logs.settle()
  }

  #refusalOf(run: Run): RunOutcome | undefined {
    const flaw = containerFlawOf(run, this.#imageOf(run))
    if (flaw) return { reason: 'bad-task', message: flaw }
    if (this.#closed) return { reason: 'isolation-failed', message: 'the slave is shutting down' }
    return undefined
  }

  #imageOf(run: Run): string | undefined {
    return run.container?.image ?? this.#options.defaultImage
  }

  #fullness(): RunOutcome | undefined {
    const { maxRuns, maxConcurrentStarts, maxQueuedStarts } = this.#bounds
    const notRunning = [...this.#live.values()].filter(({ phase }) => phase !== 'running').length
    const full = this.#live.size >= maxRuns || notRunning >= maxConcurrentStarts + maxQueuedStarts
    return full
      ? { reason: 'isolation-failed', message: 'too many containers run or wait already' }
      : undefined
  }

  #refuse({ runId }: Run, outcome: RunOutcome): void {
    queueMicrotask(() => this.#tell({ type: 'run.ended', runId, outcome }))
  }

  #note(run: Run, phase: Live['phase']): Live {
    const { runId } = run
    const sandbox = join(this.#options.workDir, runId)
    const live: Live = {
      run,
      name: containerName(runId),
      image: this.#imageOf(run) ?? '',
      sandbox,
      phase,
      made: false,
    }
    this.#live.set(runId, live)
    this.#known.add(runId)
    return live
  }

  async #takeOver(live: Live): Promise<void> {
    const deadline = readStop(live.sandbox)
    if (deadline !== undefined) this.#resumeStop(live, deadline)
    const sought = { ...this.#bounds, ...live, workDir: this.#options.workDir }
    const found = await seek(this.#engine, sought, () => !this.#closed)
    if (!found || this.#closed) return
    if (found.as === 'begun') return this.#seeToItsEnd(live, found.state.startedAt)
    const refusal = found.as === 'gone' ? removed : live.stop ? beforeItStarted : this.#refusalOf(live.run)
    if (refusal) return this.#end(live, refusal)
    live.phase = 'waiting'
    await this.#carryOut(live)
  }

  #resumeStop(live: Live, deadline: number): void {
    const graceMs = Math.min(Math.max(0, deadline - Date.now()), maxTimerMs)
    const timer = setTimeout(() => this.#signal(live, 'SIGKILL'), graceMs)
    live.stop = { deadline, timer, signalled: Promise.resolve(true), isResumed: true }
  }

  async #carryOut(live: Live): Promise<void> {
    try {
      await this.#begin(live)
    } catch (error) {
      // What was made of it does nobody any good; where even this fails, forget() tries again. But when the engine
      // refused to make it, for its name is taken, then what has that name is not ours to remove.
      const maybeMade = live.made || (live.phase === 'starting' && !isEngineError(error))
      if (maybeMade) await this.#engine.remove(live.name).catch(() => {})
      this.#end(live, startFailure(error, argvOf(live.run.command)[0] ?? ''))
      return
    }
    if (this.#isLive(live)) await this.#seeToItsEnd(live)
  }

  async #seeToItsEnd(live: Live, startedAt = Date.now()): Promise<void> {
    const follower = new LogFollower(live.sandbox, this.#logs)
    await follower.resume()
    if (this.#closed) return
    this.#noteStart(live)
    const watch = new ContainerWatch(this.#engine, live.name, startedAt, this.#bounds)
    this.#watches.add(watch)
    const logs = watch.fetchLogs(follower)
    const state = await watch.ended
    if (this.#closed) return
    await Promise.race([logs, delay(this.#bounds.logDrainMs, undefined, { ref: false })])
    this.#end(live, await this.#outcomeOf(live, watch, state))
    watch.close()
    this.#watches.delete(watch)
  }

  async #begin(live: Live): Promise<void> {
    await this.#makeSandbox(live)
    try {
      await this.#starts.with(() => this.#createAndStart(live))
    } catch (error) {
      if (!(error instanceof ImageMissing)) throw error
      await this.#images.pull(live.image, (message) => this.#progress(live, message))
      await this.#starts.with(() => this.#createAndStart(live))
    }
  }

  async #makeSandbox({ run }: Live): Promise<void> {
    await makeSandbox(this.#options.workDir, run.runId).catch((error: unknown) => {
      const message = `its sandbox cannot be made: ${messageOf(error)}`
      throw new NotStarted({ reason: 'isolation-failed', message })
    })
  }

  async #createAndStart(live: Live): Promise<void> {
    if (!this.#isLive(live)) return
    live.phase = 'starting'
    const network = this.#options.defaultNetwork ?? 'none'
    const spec = containerSpec(live.run, live.image, network, this.#options.workDir, this.#bounds)
    const warnings = await this.#engine.create(live.name, spec).catch((error: unknown) => {
      if (!isEngineError(error, 404)) throw error
      live.phase = 'waiting'
      if (live.stop) throw new NotStarted(beforeItStarted)
      throw new ImageMissing(error.message)
    })
    live.made = true
    const dropped = droppedLimit(warnings)
    if (dropped) throw new NotStarted(dropped)
    if (live.stop) throw new NotStarted(beforeItStarted)
    await noteBegun(live.sandbox).catch((error: unknown) => {
      const message = `its sandbox cannot be written: ${messageOf(error)}`
      throw new NotStarted({ reason: 'isolation-failed', message })
    })
    await this.#engine.start(live.name)
  }

  #noteStart(live: Live): void {
    live.phase = 'running'
    this.#tell({ type: 'run.started', runId: live.run.runId })
    if (!live.stop) return
    noteStop(live.sandbox, live.stop.deadline)
    if (live.stop.deadline <= Date.now()) this.#signal(live, 'SIGKILL')
    else if (!live.stop.isResumed) this.#signal(live, 'SIGTERM')
  }

  async #outcomeOf(
    live: Live,
    watch: ContainerWatch,
    state: ContainerState | undefined,
  ): Promise<RunOutcome> {
    const stopped = (await live.stop?.signalled) ?? false
    if (!state && stopped) return { reason: 'kill-requested', message: 'killed on request' }
    if (!state) return removed
    return containerOutcome({
      state,
      stopped,
      ranOutOfMemory: !stopped && (await watch.ranOutOfMemory(state)),
      memMb: live.run.resources.memMb,
      program: argvOf(live.run.command)[0] ?? '',
      lastWords: await this.#lastWords(live),
    })
  }

  async #lastWords({ sandbox }: Live): Promise<string> {
    const { size } = await this.#logs.read(sandbox, 'stderr', 0, 0)
    const { bytes } = await this.#logs.read(sandbox, 'stderr', size - lastWordsBytes, lastWordsBytes)
    return Buffer.from(bytes).toString()
  }

  #signal(live: Live, signal: 'SIGTERM' | 'SIGKILL'): void {
    const { stop } = live
    if (live.phase !== 'running' || !stop || !this.#isLive(live) || this.#closed) return
    const before = stop.signalled
    const reached = this.#engine.kill(live.name, signal).then(
      () => true,
      (error: unknown) => {
        // Not that it had ended already, but that nobody heard us.
        if (!isEngineError(error)) setTimeout(() => this.#signal(live, signal), this.#bounds.retryMs)
        return false
      },
    )
    stop.signalled = Promise.all([before, reached]).then((answers) => answers.includes(true))
  }

  async #killAll(): Promise<void> {
    const allEnded = new Promise<void>((resolve) => {
      this.onEvent(() => this.#live.size === 0 && resolve())
      setTimeout(resolve, this.#bounds.killTimeoutMs).unref()
    })
    for (const runId of [...this.#live.keys()]) this.stop(runId, 0)
    if (this.#live.size > 0) await allEnded
  }

  #isLive(live: Live): boolean {
    return this.#live.get(live.run.runId) === live
  }

  #progress(live: Live, message: string): void {
    if (this.#isLive(live))
      this.#tell({ type: 'run.progress', runId: live.run.runId, message: clip(message) })
  }

  #end(live: Live, outcome: RunOutcome): void {
    if (!this.#isLive(live)) return
    this.#live.delete(live.run.runId)
    clearTimeout(live.stop?.timer)
    this.#tell({ type: 'run.ended', runId: live.run.runId, outcome: clipped(outcome) })
  }

  #tell(event: RunEvent): void {
    for (const hear of this.#hearers) hear(event)
  }
}

const removed: RunOutcome = { reason: 'isolation-failed', message: 'somebody else removed its container' }
const beforeItStarted: RunOutcome = { reason: 'kill-requested', message: 'killed before it started' }

class ImageMissing extends Error {}
