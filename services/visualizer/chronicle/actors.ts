/** Who acts, and which steps each has made. */

export interface TracedActor {
  /** Its number here. */
  readonly index: number
  /** `master m1`. */
  readonly key: string
  readonly role: string
  readonly id: string
  /** Its steps, by their positions. */
  readonly positions: number[]
  /** Its own count at its last step. */
  last: number
}

export class Actors {
  readonly #byKey = new Map<string, TracedActor>()
  readonly #all: TracedActor[] = []

  found(role: string, id: string): TracedActor {
    const key = `${role} ${id}`
    const known = this.#byKey.get(key)
    if (known) return known
    const actor: TracedActor = { index: this.#all.length, key, role, id, positions: [], last: 0 }
    this.#byKey.set(key, actor)
    this.#all.push(actor)
    return actor
  }

  get(key: string): TracedActor | undefined {
    return this.#byKey.get(key)
  }

  at(index: number): TracedActor | undefined {
    return this.#all[index]
  }

  all(): readonly TracedActor[] {
    return this.#all
  }

  /** Nobody is missed over a time in which nobody watched. */
  beginAnew(): void {
    for (const actor of this.#all) actor.last = 0
  }
}
