/** So many at once, the others in the order that they came. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
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
