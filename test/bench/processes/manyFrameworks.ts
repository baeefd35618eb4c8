/** Many frameworks in one process, each with a connection of its own: they launch what they have, and may hold every further offer. */
import { isOver, type Offer, type RunningScheduler, runScheduler } from '../../../services/scheduler/index.ts'
import { wallClock } from '../figures.ts'
import { log } from '../submitter.ts'
import type { Place } from './place.ts'
import { given, serve } from './serve.ts'

export interface Given extends Place {
  readonly count: number
  /** Of each. */
  readonly tasks: number
  /** Launched from one offer at the most; one where it is absent, so that each slave has something to report. */
  readonly perOffer?: number
  /** Whether they want no more offers once all of that runs. */
  readonly sated?: boolean
}
export type Question =
  /** Answered when every task runs. */
  | { readonly do: 'launch' }
  /** What comes from now on counts; `after` is the epoch of whoever leads until then. */
  | { readonly do: 'arm'; readonly after: number }
  /** Answered when an offer of a later leader was heard, and all have subscribed with it. */
  | { readonly do: 'await' }
export interface Answer {
  readonly firstOfferAt: number
  readonly allAt: number
  readonly cpuMs: number
}

const { url, count, tasks, perOffer = 1, sated = false } = given<Given>()
const has = { cpus: 1, mem: 64, command: ['wait'] }

class Turn {
  readonly #after: number
  readonly #subscribed = new Set<number>()
  readonly #cpu = process.cpuUsage()
  readonly done: Promise<Answer>
  #finish: (answer: Answer) => void = () => {}
  #firstOfferAt = 0
  #allAt = 0

  constructor(after: number) {
    this.#after = after
    this.done = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  noteOffers([offer]: readonly Offer[]): void {
    if (this.#firstOfferAt > 0 || epochOf(offer) <= this.#after) return
    this.#firstOfferAt = wallClock()
    this.#check()
  }

  noteSubscribed(framework: number): void {
    this.#subscribed.add(framework)
    if (this.#subscribed.size < count || this.#allAt > 0) return
    this.#allAt = wallClock()
    this.#check()
  }

  #check(): void {
    if (this.#firstOfferAt === 0 || this.#allAt === 0) return
    const { user, system } = process.cpuUsage(this.#cpu)
    const cpuMs = (user + system) / 1000
    this.#finish({ firstOfferAt: this.#firstOfferAt, allAt: this.#allAt, cpuMs })
  }
}

/** Whoever holds offers before all have what they need would keep them from the others. */
async function allLaunched(): Promise<void> {
  await launched
  holds = !sated
  for (const scheduler of schedulers) scheduler.review()
}

let holds = false
let turn = new Turn(0)
let toRun = count * tasks
let allRun: () => void = () => {}
const launched = new Promise<void>((resolve) => {
  allRun = resolve
})
const schedulers = await Promise.all(Array.from({ length: count }, (_, i) => subscribe(i)))
serve(
  async (question: Question): Promise<Answer | 'ready'> => {
    if (question.do === 'await') return turn.done
    if (question.do === 'arm') turn = new Turn(question.after)
    else await allLaunched()
    return 'ready'
  },
  () => Promise.all(schedulers.map((scheduler) => scheduler.stop())),
)

function subscribe(number: number): Promise<RunningScheduler> {
  let left = tasks
  let named = 0
  return runScheduler({
    name: `f${number}`,
    connection: { server: url },
    env: { HOME: '/nowhere' },
    log,
    wants: () => left > 0 || holds,
    onSubscribed: () => turn.noteSubscribed(number),
    onOffers: (offers) => {
      turn.noteOffers(offers)
      for (const offer of offers) {
        const most = Math.min(left, perOffer)
        let some = 0
        while (some < most && offer.add({ ...has, id: `t${named++}` })) some++
        left -= some
        if (some === 0 && holds) offer.hold()
      }
    },
    onStatus: (status) => {
      // What was dropped with an offer that was gone is launched again.
      if (isOver(status)) left++
      if (status.state === 'running' && --toRun === 0) allRun()
    },
  })
}

/** Ids are minted by the leader's epoch: `7-O12`. */
function epochOf(offer: Offer | undefined): number {
  return Number(offer?.id.split('-')[0] ?? 0)
}
