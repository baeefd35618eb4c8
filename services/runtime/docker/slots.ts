/** So many at once, the others in the order that they came, and no more than so many of them. */
export class Slots {
  #free: number
  readonly #maxWaiting: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number, maxWaiting: number) {
    this.#free = count
    this.#maxWaiting = maxWaiting
  }

  /** Whether one more would be turned away. */
  get full(): boolean {
    return this.#free === 0 && this.#waiting.length >= this.#maxWaiting
  }

  async with<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      // The slot goes from hand to hand: nobody who comes just now can take it from who has waited.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }
}
