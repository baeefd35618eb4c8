/** Watches the whole trace while it is to, and counts the steps. */
import { Operator } from '../../../services/operator/client.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'

/** Whether it is to watch from now on; answered with how many steps it has heard of so far. */
export interface Question {
  readonly watches: boolean
}
export interface Answer {
  readonly steps: number
}

const operator = await Operator.connect({ ...placeOf(given<Place>()), user: 'watcher', timeoutMs: 10_000 })
let steps = 0
let stop: (() => void) | undefined

serve(
  ({ watches }: Question): Answer => {
    stop?.()
    stop = watches ? operator.watch(() => steps++) : undefined
    return { steps }
  },
  async () => {
    stop?.()
    await operator.close()
  },
)
