import type { BusBounds } from './busBounds.ts'

/** How long to wait before the next attempt to connect: doubling, and never in step with other clients. */
export class Pace {
  readonly #bounds: Pick<BusBounds, 'reconnectMinMs' | 'reconnectMaxMs'>
  #failures = 0

  constructor(bounds: Pick<BusBounds, 'reconnectMinMs' | 'reconnectMaxMs'>) {
    this.#bounds = bounds
  }

  tried(): void {
    this.#failures += 1
  }

  met(): void {
    this.#failures = 0
  }

  delayMs(): number {
    const doublings = Math.min(Math.max(this.#failures - 1, 0), 16)
    const wait = Math.min(this.#bounds.reconnectMaxMs, this.#bounds.reconnectMinMs * 2 ** doublings)
    return wait * (0.5 + Math.random() / 2)
  }
}
