/** Walks through all that can happen in a small world, each state once, and checks every one of them. */

/** One thing that may happen next. */
export interface Step<World> {
  readonly name: string
  readonly happen: (world: World) => void
}

export interface Explorable<World> {
  readonly start: () => World
  readonly copy: (world: World) => World
  /** The same for states that have the same future. */
  readonly digest: (world: World) => string
  readonly steps: (world: World) => readonly Step<World>[]
  /** Throws when a promise is broken. */
  readonly check: (world: World) => void
  /** Whether nothing is on its way. */
  readonly isQuiet: (world: World) => boolean
  /** Throws when the best that can follow does not end well; asked of quiet states. */
  readonly settle: (world: World) => void
}

export interface Explored {
  readonly states: number
  readonly transitions: number
  /** Quiet states, from each of which the world was let come to rest. */
  readonly settled: number
  /** Steps of the longest way that was walked. */
  readonly deepest: number
  /** Whether no way was left off: neither by the depth nor by the number of states. */
  readonly exhausted: boolean
  readonly broken?: { readonly how: string; readonly way: readonly string[] }
}

export interface Bounds {
  readonly depth?: number
  readonly states?: number
}

interface Frame<World> {
  readonly world: World
  readonly steps: readonly Step<World>[]
  next: number
}

export function explore<World>(of: Explorable<World>, bounds: Bounds = {}): Explored {
  return new Walk(of, bounds).walk()
}

class Walk<World> {
  private readonly of: Explorable<World>
  private readonly depth: number
  private readonly mostStates: number
  /** At how many steps from the start each state was met at the earliest. */
  private readonly met = new Map<string, number>()
  private readonly way: Frame<World>[] = []
  private transitions = 0
  private settled = 0
  private deepest = 0
  private cut = 0

  constructor(of: Explorable<World>, { depth = Number.POSITIVE_INFINITY, states }: Bounds) {
    this.of = of
    this.depth = depth
    this.mostStates = states ?? Number.POSITIVE_INFINITY
  }

  walk(): Explored {
    try {
      this.enter(this.of.start())
      for (let frame = this.way.at(-1); frame; frame = this.way.at(-1)) this.goOn(frame)
    } catch (error) {
      return { ...this.result(), broken: { how: (error as Error).message, way: this.names() } }
    }
    return this.result()
  }

  private goOn(frame: Frame<World>): void {
    const step = frame.steps[frame.next++]
    if (!step) {
      this.way.pop()
      return
    }
    // The last way out of a state needs no copy of it.
    const world = frame.next === frame.steps.length ? frame.world : this.of.copy(frame.world)
    this.transitions++
    step.happen(world)
    this.of.check(world)
    this.enter(world)
  }

  private enter(world: World): void {
    const { of, met, way } = this
    const name = of.digest(world)
    const known = met.get(name)
    if (known !== undefined && known <= way.length) return
    if (known === undefined && met.size >= this.mostStates) {
      this.cut++
      return
    }
    met.set(name, way.length)
    this.deepest = Math.max(this.deepest, way.length)
    if (known === undefined) this.settle(world)
    const steps = of.steps(world)
    if (way.length >= this.depth) this.cut += steps.length
    else way.push({ world, steps, next: 0 })
  }

  private settle(world: World): void {
    if (!this.of.isQuiet(world)) return
    this.settled++
    this.of.settle(this.of.copy(world))
  }

  private names(): string[] {
    return this.way.map(({ steps, next }) => steps[next - 1]?.name ?? '')
  }

  private result(): Explored {
    const { met, transitions, settled, deepest, cut } = this
    return { states: met.size, transitions, settled, deepest, exhausted: cut === 0 }
  }
}
