/**
 * Runs that a launcher of an earlier process of this slave was told to start. Its pipe to us is gone, but it goes on
 * noting in their sandboxes what becomes of them: they are looked at every so often, and what is found is told
 * as a launcher of our own would tell it.
 */
import type { LaunchEvent } from './launcher.ts'
import type { ProcessBounds } from './processOptions.ts'
import { isAlive, killRuns, type Leader, leaderOf } from './processTable.ts'
import { readExit, readFailure, readPid } from './traces.ts'

export type AdoptedEvent =
  | Extract<LaunchEvent, { type: 'started' | 'failed' | 'ended' }>
  /** Nobody will ever say what became of it; nothing of it is left. */
  | { readonly type: 'vanished'; readonly runId: string; readonly message: string }

interface Adopted {
  readonly runId: string
  readonly sandbox: string
  /** It was told as started. */
  isBegun: boolean
  leader?: Leader
  /** Since when there is nobody to be seen of it, and no word of it either. */
  silentSince?: number
}

/** Looks take at the most so much of our time, as a share of it. */
const lookShare = 0.05

export class AdoptedRuns {
  readonly #bounds: ProcessBounds
  readonly #hear: (event: AdoptedEvent) => void
  readonly #runs = new Map<string, Adopted>()
  #timer: NodeJS.Timeout | undefined

  constructor(bounds: ProcessBounds, hear: (event: AdoptedEvent) => void) {
    this.#bounds = bounds
    this.#hear = hear
  }

  watch(runId: string, sandbox: string): void {
    this.#runs.set(runId, { runId, sandbox, isBegun: false })
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(), 0)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#runs.clear()
  }

  #look(): void {
    const from = performance.now()
    this.#timer = undefined
    for (const adopted of [...this.#runs.values()]) this.#lookAt(adopted)
    if (this.#runs.size === 0 || this.#timer) return
    const pause = Math.max(this.#bounds.adoptedPollMs, (performance.now() - from) / lookShare)
    this.#timer = setTimeout(() => this.#look(), pause)
  }

  #lookAt(adopted: Adopted): void {
    const { runId, sandbox } = adopted
    if (this.#isRunning(adopted)) return
    const failure = readFailure(sandbox)
    const end = readExit(sandbox)
    const pid = readPid(sandbox)
    if (failure) this.#finish(adopted, { type: 'failed', runId, ...failure })
    else if (pid === undefined) this.#await(adopted, this.#bounds.beginTimeoutMs, unbegun)
    else if (end) {
      this.#begin(adopted, pid)
      this.#finish(adopted, { type: 'ended', runId, end })
    } else {
      this.#begin(adopted, pid)
      this.#await(adopted, this.#bounds.exitTimeoutMs, unwatched)
    }
  }

  #isRunning(adopted: Adopted): boolean {
    const leader = adopted.leader ?? leaderOf(adopted.sandbox)
    if (!leader || !isAlive(leader)) return false
    adopted.leader = leader
    this.#begin(adopted, leader.pid)
    return true
  }

  #begin(adopted: Adopted, pid: number): void {
    if (adopted.isBegun) return
    adopted.isBegun = true
    delete adopted.silentSince
    this.#hear({ type: 'started', runId: adopted.runId, pid })
  }

  #await(adopted: Adopted, ms: number, message: string): void {
    adopted.silentSince ??= performance.now()
    if (performance.now() - adopted.silentSince < ms) return
    killRuns([adopted.sandbox])
    this.#finish(adopted, { type: 'vanished', runId: adopted.runId, message })
  }

  #finish(adopted: Adopted, event: AdoptedEvent): void {
    this.#runs.delete(adopted.runId)
    this.#hear(event)
  }
}

export const unwatched = 'it ended, but the launcher that waited for it had ended before: nobody knows how'
const unbegun = 'its launcher ended when it was about to start it: nobody knows whether it did'
