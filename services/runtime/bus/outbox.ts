import { BusError } from './busError.ts'

/**
 * Counts the bytes that were handed to the client and not yet confirmed by a pong. The client buffers without
 * any limit, so this is what keeps a stuck server from filling our memory.
 */
export class Outbox {
  readonly #max: number
  readonly #measureAt: number
  readonly #flush: () => Promise<void>
  #unconfirmed = 0
  #measuring = false
  #link = 0

  constructor(max: number, measureAt: number, flush: () => Promise<void>) {
    this.#max = max
    this.#measureAt = Math.min(measureAt, max)
    this.#flush = flush
  }

  /** Books what is about to be sent, or throws `outbox-full`. */
  book(bytes: number): void {
    if (this.#unconfirmed + bytes > this.#max) throw this.#full()
    this.#unconfirmed += bytes
    if (!this.#measuring && this.#unconfirmed >= this.#measureAt) void this.#measure()
  }

  /** The link dropped: what was on its way is gone and counts no more. */
  reset(): void {
    this.#link += 1
    this.#unconfirmed = 0
    this.#measuring = false
  }

  async #measure(): Promise<void> {
    const link = this.#link
    this.#measuring = true
    while (this.#unconfirmed >= this.#measureAt) {
      const counted = this.#unconfirmed
      const confirmed = await this.#confirmed()
      if (link !== this.#link) return
      if (!confirmed) break
      this.#unconfirmed -= counted
    }
    this.#measuring = false
  }

  #confirmed(): Promise<boolean> {
    return this.#flush().then(
      () => true,
      () => false,
    )
  }

  #full(): BusError {
    const waiting = `${this.#unconfirmed} bytes wait to be taken by the NATS server, of ${this.#max} allowed`
    return new BusError('outbox-full', `${waiting}: say less at once, or wait for flush()`)
  }
}
