/** Words that stand for states where their names cannot: each fit for its place, and no two alike. */
import { assert } from '../shared/assert.ts'
import type { State } from './tree.ts'

export class Words {
  private readonly taken: Set<string>
  private readonly words = new Map<State, string>()

  /**
   * A state goes by its own name; where another is called alike, by that of the state around it as well; with a number
   * where that tells no difference. `fit` makes one word of the names; what is `taken` already stands for none of them.
   */
  constructor(
    states: readonly State[],
    fit: (names: readonly string[]) => string,
    taken: readonly string[] = [],
  ) {
    this.taken = new Set(taken)
    for (const state of states) {
      const isAlone = states.every((other) => other === state || other.name !== state.name)
      const names = isAlone || !state.parent ? [state.name] : [state.parent.name, state.name]
      this.words.set(state, this.take(fit(names)))
    }
  }

  of(state: State): string {
    const word = this.words.get(state)
    assert(word, `there is no word for the state ${state.name}`)
    return word
  }

  /** The word, or the first like it that is free. */
  take(wanted: string): string {
    let word = wanted
    for (let n = 2; this.taken.has(word); n++) word = `${wanted}_${n}`
    this.taken.add(word)
    return word
  }
}
