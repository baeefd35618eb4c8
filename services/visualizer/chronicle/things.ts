/** All that has a life: what each is, and where in the log its moves stand. */
import type { Living, Move, Traits } from '../../../shared/trace.ts'
import { Words } from './column.ts'

export interface Thing {
  /** Its number here. */
  readonly index: number
  readonly life: Living
  readonly id: string
  /** As they were last told. */
  traits: Traits
  /** Its moves, by their places in the log. */
  readonly moves: number[]
  /** Where it stands after all that is known; see `Things.states`. */
  state: number
}

export class Things {
  readonly #byKey = new Map<string, Thing>()
  readonly #all: (Thing | undefined)[] = []
  /** The names of states by number; 0 is that of what was not there yet. */
  readonly states = new Words()
  readonly facts = new Words()
  readonly #tasksOn = new Map<string, Set<Thing>>()
  /** Offers that stand: a new leader knows nothing of them. */
  readonly pending = new Set<Thing>()

  constructor() {
    this.states.code('')
  }

  get(life: Living, id: string): Thing | undefined {
    return this.#byKey.get(`${life} ${id}`)
  }

  at(index: number): Thing | undefined {
    return this.#all[index]
  }

  all(): IterableIterator<Thing> {
    return this.#byKey.values()
  }

  *of(life: Living): Generator<Thing> {
    for (const thing of this.#byKey.values()) if (thing.life === life) yield thing
  }

  /** The thing that a move is about. */
  found({ life, id }: Pick<Move, 'life' | 'id'>): Thing {
    const key = `${life} ${id}`
    const known = this.#byKey.get(key)
    if (known) return known
    const thing: Thing = { index: this.#all.length, life, id, traits: {}, moves: [], state: 0 }
    this.#byKey.set(key, thing)
    this.#all.push(thing)
    return thing
  }

  /** Tasks that are, or were, on a slave. */
  tasksOn(slaveId: string): Iterable<Thing> {
    return this.#tasksOn.get(slaveId) ?? []
  }

  /** It is told what a thing is. */
  describe(thing: Thing, traits: Traits): void {
    thing.traits = traits
    if (thing.life !== 'task' || traits.slaveId === undefined) return
    const there = this.#tasksOn.get(traits.slaveId)
    if (there) there.add(thing)
    else this.#tasksOn.set(traits.slaveId, new Set([thing]))
  }

  forget(thing: Thing): void {
    this.#tasksOn.get(thing.traits.slaveId ?? '')?.delete(thing)
    this.#byKey.delete(`${thing.life} ${thing.id}`)
    this.#all[thing.index] = undefined
  }

  /** What people call it. */
  nameOf(life: Living, id: string | undefined): string {
    if (id === undefined) return ''
    return this.get(life, id)?.traits.name ?? id
  }
}

/** States in which a thing holds nothing any more, and stays. */
const over = new Set(['finished', 'failed', 'killed', 'error', 'dropped', 'lost'])
const overOffer = new Set(['accepted', 'declined', 'rescinded', 'filtered', 'lapsed'])
export function isOver(life: Living, state: string): boolean {
  if (life === 'task') return over.has(state)
  if (life === 'offer') return overOffer.has(state)
  return life === 'slave' ? state === 'gone' : state === 'completed'
}
