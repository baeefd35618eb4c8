/** The weather on the simulated network, and the one source of chance: a seed decides all of it. */

export interface Weather {
  /** Every message takes between these, ms. */
  readonly delayMs: readonly [least: number, most: number]
  /** How many of a thousand messages are lost, and how many come twice. */
  readonly lostPerMille: number
  readonly doubledPerMille: number
  /** Whether messages may overtake one another between the same two. */
  readonly reorders: boolean
}

export const fair: Weather = { delayMs: [1, 1], lostPerMille: 0, doubledPerMille: 0, reorders: false }
export const foul: Weather = { delayMs: [0, 20], lostPerMille: 20, doubledPerMille: 20, reorders: true }

/** Chance from a seed: mulberry32 (Tommy Ettinger), 32 bits of state, the same everywhere. */
export class Chance {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** A fraction from 0 up to 1, without it. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  /** A whole number between both, which it may be. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  happens(perMille: number): boolean {
    return perMille > 0 && this.next() * 1000 < perMille
  }

  /** One of these; the list is not empty. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.between(0, items.length - 1)] as Item
  }
}
