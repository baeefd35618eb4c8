/** What a cluster was made of, to be stopped in the opposite order; and what ended without being told to. */
import type { Ending, Running } from '../../runtime/member.ts'

export class Parts {
  /** Resolves with a sentence when something has ended by itself. */
  readonly failed: Promise<string>
  hasFailed = false
  readonly #stops: (() => Promise<void>)[] = []
  #fail: (sentence: string) => void = () => {}
  #stopping: Promise<void> | undefined

  constructor() {
    this.failed = new Promise((resolve) => {
      this.#fail = resolve
    })
  }

  add(stop: () => Promise<void>): void {
    this.#stops.push(stop)
  }

  /** A process of the cluster that lives in this one, and should not end by itself; `heeds`: whether such an end is dealt with. */
  watch(part: Running, heeds: (ending: Ending) => boolean = () => false): void {
    this.add(() => part.stop())
    part.ended.then(
      (ending) => {
        if (!heeds(ending)) this.fail(`${part.name} has ended: ${ending.message}`)
      },
      (error: Error) => this.fail(`${part.name} is broken: ${error.message}`),
    )
  }

  fail(sentence: string): void {
    if (this.#stopping) return
    this.hasFailed = true
    this.#fail(sentence)
  }

  /** What cannot be stopped must not keep the rest from being stopped. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    for (const stop of this.#stops.reverse()) await stop().catch(() => {})
  }
}
