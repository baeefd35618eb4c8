/** A framework that holds an offer ready and launches one task at a time, at a steady pace. */
import { setTimeout as pause } from 'node:timers/promises'
import {
  type Offer,
  type RunningScheduler,
  runScheduler,
  type Status,
} from '../../services/scheduler/index.ts'
import { log, type Shape } from './submitter.ts'

/** Longer than any window of the leader: an offer that does not come by then never will. */
const patienceMs = 10_000

export class Pacer {
  readonly #shape: Shape
  readonly #began = new Map<string, number>()
  readonly #waiting = new Map<string, (tookMs: number) => void>()
  #scheduler: RunningScheduler | undefined
  #offer: Offer | undefined
  #offered: () => void = () => {}
  #named = 0

  static async start(url: string, shape: Shape): Promise<Pacer> {
    const pacer = new Pacer(shape)
    pacer.#scheduler = await runScheduler({
      name: 'bench',
      connection: { server: url },
      env: { HOME: '/nowhere' },
      log,
      onOffers: (offers) => pacer.#hold(offers),
      onStatus: (status) => pacer.#hear(status),
      onRescinded: () => {
        pacer.#offer = undefined
      },
    })
    return pacer
  }

  private constructor(shape: Shape) {
    this.#shape = shape
  }

  /** From each accept to `running`, ms. */
  async run(count: number, everyMs: number): Promise<number[]> {
    const took: Promise<number>[] = []
    const begin = performance.now()
    for (let i = 0; i < count; i++) {
      await pause(Math.max(0, begin + i * everyMs - performance.now()))
      took.push(this.#launch(await this.#ready()))
    }
    return Promise.all(took)
  }

  async stop(): Promise<void> {
    await this.#scheduler?.teardown()
  }

  #launch(offer: Offer): Promise<number> {
    const id = `t${this.#named++}`
    this.#offer = undefined
    offer.add({ id, ...this.#shape })
    this.#began.set(id, performance.now())
    const running = new Promise<number>((resolve) => this.#waiting.set(id, resolve))
    offer.send()
    return running
  }

  #hear({ taskId, state }: Status): void {
    if (state !== 'running') return
    const now = performance.now()
    this.#waiting.get(taskId)?.(now - (this.#began.get(taskId) ?? now))
    this.#waiting.delete(taskId)
    this.#began.delete(taskId)
  }

  #hold(offers: readonly Offer[]): void {
    for (const offer of offers) {
      offer.hold()
      if (this.#offer) this.#offer.join(offer)
      else this.#offer = offer
    }
    this.#offered()
  }

  async #ready(): Promise<Offer> {
    if (this.#offer) return this.#offer
    const late = AbortSignal.timeout(patienceMs)
    await new Promise<void>((resolve, reject) => {
      this.#offered = resolve
      late.addEventListener('abort', () => reject(new Error('no offer came')))
    })
    return this.#ready()
  }
}
