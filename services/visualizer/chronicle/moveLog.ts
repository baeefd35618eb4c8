/** The moves of all things in the order in which they were told, each with what was before: so time runs both ways. */
import type { Traits } from '../../../shared/trace.ts'
import { Column } from './column.ts'
import type { Thing } from './things.ts'

/** What a thing was called or held before and after a move. */
interface Retold {
  readonly before: Traits
  readonly after: Traits
}

export interface LoggedMove {
  readonly thing: Thing
  readonly fact: number
  readonly before: number
  readonly after: number
  /** Who has seen it so: an actor's number, or -1 for what was asked. */
  readonly by: number
  /** Whether it is the leader's word, or as good: only such move the world. */
  readonly counts: boolean
  readonly retold?: Retold
}

export class MoveLog {
  readonly #positions = new Column('int32')
  readonly #things = new Column('int32')
  readonly #facts = new Column('uint8')
  readonly #befores = new Column('uint8')
  readonly #afters = new Column('uint8')
  readonly #bys = new Column('int32')
  readonly #counts = new Column('uint8')
  readonly #retold = new Map<number, Retold>()

  get length(): number {
    return this.#positions.length
  }

  push(position: number, { thing, fact, before, after, by, counts, retold }: LoggedMove): number {
    const index = this.length
    this.#positions.push(position)
    this.#things.push(thing.index)
    this.#facts.push(fact)
    this.#befores.push(before)
    this.#afters.push(after)
    this.#bys.push(by)
    this.#counts.push(counts ? 1 : 0)
    if (retold) this.#retold.set(index, retold)
    return index
  }

  position(index: number): number {
    return this.#positions.at(index)
  }
  thing(index: number): number {
    return this.#things.at(index)
  }
  fact(index: number): number {
    return this.#facts.at(index)
  }
  before(index: number): number {
    return this.#befores.at(index)
  }
  after(index: number): number {
    return this.#afters.at(index)
  }
  by(index: number): number {
    return this.#bys.at(index)
  }
  counts(index: number): boolean {
    return this.#counts.at(index) === 1
  }
  retold(index: number): Retold | undefined {
    return this.#retold.get(index)
  }

  /** How many moves there are up to a position, that included. */
  countUpTo(position: number): number {
    return this.#positions.firstAbove(position)
  }

  /** Lets go of all below this index. */
  dropBelow(index: number): void {
    const columns = [this.#positions, this.#things, this.#facts, this.#befores, this.#afters, this.#bys]
    for (const column of [...columns, this.#counts]) column.dropBelow(index)
    for (const key of this.#retold.keys()) {
      if (key >= index) return
      this.#retold.delete(key)
    }
  }
}
