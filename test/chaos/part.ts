/** One process of the cluster, of whatever kind: started, killed, stopped and started again in the same way. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { signal } from './marks.ts'

export type PartKind = 'nats' | 'master' | 'slave' | 'scheduler'

export interface PartPlan {
  readonly kind: PartKind
  readonly name: string
  readonly command: string
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** What ends by itself is started again after. */
const comeBackMs = 500

/** An end that nobody wanted. */
export interface Surprise {
  readonly part: string
  readonly how: string
}

export class Part {
  readonly kind: PartKind
  readonly name: string
  readonly logFile: string
  readonly #plan: PartPlan
  readonly #surprises: Surprise[]
  /** Whether it may end by itself with this code, to be started again. */
  readonly #mayEnd: (code: number | null) => boolean
  #child: ChildProcess | undefined
  #wantedEnd = false

  constructor(
    plan: PartPlan,
    folder: string,
    surprises: Surprise[],
    mayEnd: (code: number | null) => boolean,
  ) {
    this.kind = plan.kind
    this.name = plan.name
    this.logFile = join(folder, 'logs', `${plan.name}.log`)
    this.#plan = plan
    this.#surprises = surprises
    this.#mayEnd = mayEnd
  }

  get lives(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  start(): void {
    if (this.lives) return
    const log = openSync(this.logFile, 'a')
    writeSync(log, `--- started at ${new Date().toISOString()}\n`)
    const { command, words, env } = this.#plan
    const child = spawn(command, words, { env, stdio: ['ignore', log, log], detached: true })
    closeSync(log)
    this.#child = child
    this.#wantedEnd = false
    child.once('error', (error) => this.#surprises.push({ part: this.name, how: error.message }))
    child.once('exit', (code, signal) => this.#ended(code, signal))
  }

  signal(name: NodeJS.Signals): void {
    if (this.lives) signal(this.pid, name)
  }

  /** Resolves when it is gone; a SIGTERM that is not obeyed in time is a surprise of its own. */
  async end(name: NodeJS.Signals, withinMs = 30_000): Promise<void> {
    const child = this.#child
    this.#wantedEnd = true
    if (!child || !this.lives) return
    const gone = once(child, 'exit')
    this.signal(name)
    const patience = setTimeout(() => {
      this.#surprises.push({ part: this.name, how: `did not end within ${withinMs} ms of ${name}` })
      this.signal('SIGKILL')
    }, withinMs)
    await gone
    clearTimeout(patience)
  }

  /** Its end is its own affair from now on, if it is a good one. */
  letEnd(): Promise<unknown> {
    this.#wantedEnd = true
    if (!this.#child || !this.lives) return Promise.resolve()
    return once(this.#child, 'exit')
  }

  #ended(code: number | null, by: NodeJS.Signals | null): void {
    // A nats-server that was asked to end says 1.
    if (this.#wantedEnd && (by !== null || code === 0 || this.kind === 'nats')) return
    if (!this.#wantedEnd && by === null && this.#mayEnd(code)) {
      this.#comeBack()
      return
    }
    this.#surprises.push({ part: this.name, how: `ended by itself: ${by ?? `code ${code}`}` })
  }

  #comeBack(): void {
    setTimeout(() => {
      if (!this.#wantedEnd) this.start()
    }, comeBackMs)
  }
}
