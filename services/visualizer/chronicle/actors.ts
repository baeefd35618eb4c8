/** Who acts, and which steps each has made. */

/** Processes of one name that may be heard at the same time: one that was succeeded may not know it yet. */
const mostProcesses = 4

export interface TracedActor {
  /** Its number here. */
  readonly index: number
  /** `master m1`. */
  readonly key: string
  readonly role: string
  readonly id: string
  /** Its steps, by their positions. */
  readonly positions: number[]
  /** Its own counts at its last steps: one for each of its processes that may be alive, the newest last. */
  lasts: number[]
}

/** How many of its steps are missing before this one, by its process's own count; which begins anew with a process. */
export function missedBefore(actor: TracedActor, n: number): number {
  const { lasts } = actor
  const before = lasts.includes(n - 1) ? n - 1 : Math.max(0, ...lasts.filter((last) => last < n))
  actor.lasts = [...lasts.filter((last) => last !== before), n].slice(-mostProcesses)
  return before === 0 ? 0 : n - before - 1
}

export class Actors {
  readonly #byKey = new Map<string, TracedActor>()
  readonly #all: TracedActor[] = []

  found(role: string, id: string): TracedActor {
    const key = `${role} ${id}`
    const known = this.#byKey.get(key)
    if (known) return known
    const actor: TracedActor = { index: this.#all.length, key, role, id, positions: [], lasts: [] }
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
    for (const actor of this.#all) actor.lasts = []
  }
}
