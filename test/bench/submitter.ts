/** A framework that is given so many tasks at a time, launches them as they fit, and says how long all of them took. */
import { openLog } from '../../services/runtime/log.ts'
import {
  isOver,
  type Offer,
  type RunningScheduler,
  runScheduler,
  type Status,
  type TaskRequest,
} from '../../services/scheduler/index.ts'

/** A run that is broken off loses its bus: nobody needs to hear of it. */
export const log = openLog({ level: 'error', pretty: false })

export type Shape = Omit<TaskRequest, 'id'>

export class Submitter {
  readonly #shape: Shape
  readonly #onStatus: (status: Status) => void
  #scheduler: RunningScheduler | undefined
  #named = 0
  #toLaunch = 0
  #toEnd = 0
  #ended: () => void = () => {}
  #failed: (error: Error) => void = () => {}

  static async start(url: string, shape: Shape, onStatus: (status: Status) => void = () => {}) {
    const submitter = new Submitter(shape, onStatus)
    submitter.#scheduler = await runScheduler({
      name: 'bench',
      connection: { server: url },
      env: { HOME: '/nowhere' },
      log,
      wants: () => submitter.#toLaunch > 0,
      onOffers: (offers) => submitter.#fill(offers),
      onStatus: (status) => submitter.#hear(status),
      onError: ({ message }) => submitter.#failed(new Error(message)),
    })
    return submitter
  }

  private constructor(shape: Shape, onStatus: (status: Status) => void) {
    this.#shape = shape
    this.#onStatus = onStatus
  }

  /** From submitting them to the last status, ms. */
  async run(count: number): Promise<number> {
    const begin = performance.now()
    const done = new Promise<void>((resolve, reject) => {
      this.#ended = resolve
      this.#failed = reject
    })
    this.#toLaunch = count
    this.#toEnd = count
    this.#scheduler?.review()
    await done
    return performance.now() - begin
  }

  async stop(): Promise<void> {
    await this.#scheduler?.teardown()
  }

  #fill(offers: readonly Offer[]): void {
    for (const offer of offers) {
      while (this.#toLaunch > 0 && offer.add({ id: `t${this.#named}`, ...this.#shape })) {
        this.#named++
        this.#toLaunch--
      }
    }
  }

  #launchAnother(): void {
    this.#toLaunch++
    this.#scheduler?.review()
  }

  #hear(status: Status): void {
    this.#onStatus(status)
    if (!isOver(status)) return
    const { taskId, state, message } = status
    // Its offer was gone, and it never ran: another is launched in its place.
    if (state === 'dropped') return void this.#launchAnother()
    if (state !== 'finished') this.#failed(new Error(`task ${taskId} is ${state}: ${message}`))
    this.#toEnd--
    if (this.#toEnd === 0) this.#ended()
  }
}
