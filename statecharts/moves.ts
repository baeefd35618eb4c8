/**
 * What becomes of the things that a role keeps in its ledger, step by step, for whoever watches. With nobody watching
 * nothing is put down: a ledger's states are the truth, and this only tells of them.
 */
import type { Living, Move, Traits } from '../shared/trace.ts'

export class Moves {
  /** Set by whoever runs the actor, before each step. */
  watched = false
  private list: Move[] = []

  /** It has come from one state to another. That it stayed is no move, unless it is told anew what it is. */
  note(life: Living, id: string, fact: string, before: string, after: string, of?: Traits): void {
    if (before === after && !of) return
    this.list.push(of ? { life, id, fact, before, after, of } : { life, id, fact, before, after })
  }

  /** All since it was asked last. */
  take(): readonly Move[] {
    const taken = this.list
    if (taken.length > 0) this.list = []
    return taken
  }
}
