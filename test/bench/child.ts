/** A process of the bench: started from what was compiled, asked by messages, stopped by hanging up. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { profiling } from './profile.ts'

const living = new Set<Child>()
let brokenOff = false

export class Child {
  /** Rejects when it ends without being told to. */
  readonly failed: Promise<never>
  readonly #process: ChildProcess
  readonly #ended: Promise<unknown>
  #stopping = false

  /** Resolves when it is ready. `script` is a file of `processes/`, `flags` are Node's own. */
  static async start(script: string, given: object = {}, flags: readonly string[] = []): Promise<Child> {
    if (brokenOff) throw new Error('the run was broken off')
    const child = new Child(script, given, flags)
    await child.#next()
    return child
  }

  private constructor(script: string, given: object, flags: readonly string[]) {
    this.#process = fork(new URL(`./processes/${script}.js`, import.meta.url), [JSON.stringify(given)], {
      execArgv: [...flags, ...profiling(process.argv, script)],
    })
    this.#ended = once(this.#process, 'exit')
    this.failed = this.#ended.then(() => {
      living.delete(this)
      if (this.#stopping) return new Promise<never>(() => {})
      throw new Error(`the ${script} process has ended by itself`)
    }) as Promise<never>
    this.failed.catch(() => {})
    living.add(this)
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** One question at a time. */
  ask<Answer>(question: object): Promise<Answer> {
    this.#process.send(question)
    return this.#next()
  }

  /** Nothing that it could answer: `SIGSTOP` and `SIGCONT`. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process.kill(signal)
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#stopping = true
    this.#process.kill('SIGKILL')
    await this.#ended
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.hangUp()
    await this.#ended
  }

  hangUp(): void {
    if (this.#process.connected) this.#process.disconnect()
  }

  #next<Answer>(): Promise<Answer> {
    const answer = once(this.#process, 'message').then(([said]) => said as Answer)
    return Promise.race([answer, this.failed])
  }
}

/** All of them end, and so does whatever waits for them. */
export function breakOff(): void {
  brokenOff = true
  for (const child of living) child.hangUp()
}
