/**
 * Who stands where and holds what at one moment. It walks the log of moves forward and back: what a move adds on its
 * way there, it takes away on its way back.
 */
import type { Living, Traits } from '../../../shared/trace.ts'
import { addTo, copyOfBooks, type Held, type HoldsByFramework, holdIn, isHolding, nothing } from './held.ts'
import type { MoveLog } from './moveLog.ts'
import type { Thing, Things } from './things.ts'

export class World {
  readonly #things: Things
  readonly #log: MoveLog
  /** How many moves of the log it has come by. */
  #at = 0
  #states: number[] = []
  /** What things were called and held at this moment, by their numbers. */
  #traits: (Traits | undefined)[] = []
  readonly #counts = new Map<Living, Map<number, number>>()
  /** By slave's id. */
  readonly slaves = new Map<string, HoldsByFramework>()
  readonly frameworks: HoldsByFramework = new Map()
  readonly total: Held = nothing()
  readonly booked: Held = nothing()
  readonly offered: Held = nothing()

  constructor(things: Things, log: MoveLog) {
    this.#things = things
    this.#log = log
  }

  /** Another one at the same moment. What was let go of the log nobody could walk through again. */
  copy(): World {
    const world = new World(this.#things, this.#log)
    world.#at = this.#at
    world.#states = [...this.#states]
    world.#traits = [...this.#traits]
    for (const [life, counts] of this.#counts) world.#counts.set(life, new Map(counts))
    for (const [id, books] of this.slaves) world.slaves.set(id, copyOfBooks(books))
    for (const [id, holds] of copyOfBooks(this.frameworks)) world.frameworks.set(id, holds)
    for (const sum of ['total', 'booked', 'offered'] as const) world[sum].splice(0, 4, ...this[sum])
    return world
  }

  /** To where all moves up to a position have happened, and none after it. */
  goTo(position: number): void {
    const wanted = this.#log.countUpTo(position)
    while (this.#at < wanted) this.#walk(this.#at++, 1)
    while (this.#at > wanted) this.#walk(--this.#at, -1)
  }

  state(thing: Thing): string {
    return this.#things.states.word(this.#states[thing.index] ?? 0)
  }

  traits(thing: Thing): Traits {
    return this.#traits[thing.index] ?? thing.traits
  }

  /** How many of a kind stand in each state. */
  counts(life: Living): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const [state, count] of this.#counts.get(life) ?? [])
      if (count > 0) counts[this.#things.states.word(state)] = count
    return counts
  }

  /** From here back in time, for whoever asks for shares alone. */
  past(): Past {
    return new Past(this.#things, this.#log, this.#at, this)
  }

  #walk(index: number, way: 1 | -1): void {
    const thing = this.#things.at(this.#log.thing(index))
    if (!thing || !this.#log.counts(index)) return
    const { from, to, traits } = wayOf(this.#log, index, way)
    this.#add(thing, from, -1)
    if (traits) this.#traits[thing.index] = traits
    this.#states[thing.index] = to
    this.#add(thing, to, 1)
  }

  /** What a thing in a state stands for, put into all sums, or taken out of them. */
  #add(thing: Thing, state: number, sign: 1 | -1): void {
    if (state === 0) return
    const counts = this.#counts.get(thing.life) ?? new Map<number, number>()
    this.#counts.set(thing.life, counts.set(state, (counts.get(state) ?? 0) + sign))
    const traits = this.traits(thing)
    if (!isHolding(thing.life, this.#things.states.word(state), traits) || !traits.resources) return
    if (thing.life === 'slave') addTo(this.total, traits.resources, sign)
    else this.#hold(thing.life, traits, sign)
  }

  #hold(life: Living, traits: Traits, sign: 1 | -1): void {
    if (traits.resources) addTo(life === 'task' ? this.booked : this.offered, traits.resources, sign)
    const { slaveId = '' } = traits
    const slave = this.slaves.get(slaveId) ?? new Map()
    this.slaves.set(slaveId, slave)
    holdIn(slave, life, traits, sign)
    holdIn(this.frameworks, life, traits, sign)
  }
}

/** What frameworks held before a moment, and what there was in all. It only goes back. */
export class Past {
  readonly #things: Things
  readonly #log: MoveLog
  #at: number
  readonly #retold = new Map<Thing, Traits>()
  readonly #world: World
  readonly frameworks: HoldsByFramework
  readonly total: Held

  constructor(things: Things, log: MoveLog, at: number, world: World) {
    this.#things = things
    this.#log = log
    this.#at = at
    this.#world = world
    this.frameworks = copyOfBooks(world.frameworks)
    this.total = [...world.total]
  }

  goBackTo(position: number): void {
    const wanted = this.#log.countUpTo(position)
    while (this.#at > wanted) this.#undo(--this.#at)
  }

  #undo(index: number): void {
    const thing = this.#things.at(this.#log.thing(index))
    if (!thing || !this.#log.counts(index)) return
    const { from, to, traits } = wayOf(this.#log, index, -1)
    this.#add(thing, from, -1)
    if (traits) this.#retold.set(thing, traits)
    this.#add(thing, to, 1)
  }

  #add(thing: Thing, state: number, sign: 1 | -1): void {
    const traits = this.#retold.get(thing) ?? this.#world.traits(thing)
    if (!isHolding(thing.life, this.#things.states.word(state), traits) || !traits.resources) return
    if (thing.life === 'slave') addTo(this.total, traits.resources, sign)
    else holdIn(this.frameworks, thing.life, traits, sign)
  }
}

/** A move as it is walked: from which state to which, and what the thing is then, where that changes. */
function wayOf(log: MoveLog, index: number, way: 1 | -1) {
  const retold = log.retold(index)
  return way > 0
    ? { from: log.before(index), to: log.after(index), traits: retold?.after }
    : { from: log.after(index), to: log.before(index), traits: retold?.before }
}
