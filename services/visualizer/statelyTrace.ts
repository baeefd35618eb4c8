/** A trace for Stately's inspector, step by step: who said what is found out on the way. */
import type { Step } from '../../shared/trace.ts'
import { chunkSize } from './chronicle/column.ts'
import { Messages } from './chronicle/messages.ts'
import { Inspection, statelyText } from './stately.ts'

/** What was said so many steps ago was heard, or never will be. */
const keptSteps = 8 * chunkSize

export class StatelyTrace {
  readonly #inspection = new Inspection()
  readonly #messages = new Messages((slaveId) => slaveId)
  #count = 0

  /** What the inspector is told of the next step, each as a text of its own. */
  textsOf(step: Step): string[] {
    const position = this.#count++
    if (position % chunkSize === 0) this.#messages.dropBelow(position - keptSteps)
    this.#messages.note(position, step)
    return this.#inspection.eventsOf(step, this.#messages.speakerOf(position, step)).map(statelyText)
  }
}
