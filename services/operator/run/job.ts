/** A job: so many instances of one task, each run to its end once. A framework like any other. */
import { type Framework, isOver, type Offer, type Scheduler, type Status } from '../../scheduler/index.ts'
import { exitCodeOf } from './ending.ts'
import { type JobPlan, taskIdOf } from './plan.ts'

/** Declined offers of slaves that cannot take the task come back only after so long. */
const refuseSeconds = 60

export interface JobHearer {
  /** It runs, or has ended without ever running, at the slave where it may have written something. */
  begun(status: Status): void
  /** Resolves when all that it wrote is told. */
  ended(status: Status): Promise<void>
  /** It was lost, or never started: it is launched again as this. */
  again(status: Status, taskId: string): void
  away(status: Status): void
  /** Something takes its time, such as the pull of an image. */
  starting(taskId: string, message: string): void
  refused(message: string): void
}

interface Instance {
  readonly index: number
  launches: number
  taskId: string
  over: boolean
}

export class Job implements Framework {
  /** When every instance has ended and is told: the first code that is not 0, in order of instances, else 0. */
  readonly finished: Promise<number>
  /** Launches that the cluster has taken; it grows as long as work is placed. */
  placed = 0
  readonly #plan: JobPlan
  readonly #hearer: JobHearer
  readonly #waiting: Instance[] = []
  readonly #byTask = new Map<string, Instance>()
  readonly #codes: number[] = []
  #left: number
  #stopping = false
  #finish: (code: number) => void = () => {}

  constructor(plan: JobPlan, hearer: JobHearer) {
    this.#plan = plan
    this.#hearer = hearer
    this.#left = plan.instances
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
    for (let index = 0; index < plan.instances; index++)
      this.#waiting.push({ index, launches: 0, taskId: '', over: false })
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  wants(): boolean {
    return this.isWaiting
  }

  onOffers(offers: readonly Offer[]): void {
    for (const offer of offers) this.#fill(offer)
  }

  onStatus(status: Status): void {
    const instance = this.#byTask.get(status.taskId)
    if (!instance || instance.over) return
    if (status.state === 'running') this.#hearer.begun(status)
    if (status.state === 'unreachable') this.#hearer.away(status)
    if (status.state === 'starting' && status.message) this.#hearer.starting(status.taskId, status.message)
    if (isOver(status)) this.#end(instance, status)
  }

  onError({ message }: { readonly message: string }): void {
    this.#hearer.refused(message)
  }

  /** Nothing more is launched, and what runs is killed. */
  stop(scheduler: Pick<Scheduler, 'kill' | 'review'>): void {
    this.#stopping = true
    for (const { index } of this.#waiting.splice(0)) this.#count(index, 0)
    scheduler.review()
    for (const { taskId, over } of this.#byTask.values()) if (!over) scheduler.kill(taskId)
  }

  #fill(offer: Offer): void {
    if (this.#plan.request.image !== undefined && offer.isolation !== 'docker') {
      offer.decline('no-containers', refuseSeconds)
      return
    }
    let added = 0
    for (let next = this.#waiting[0]; next && this.#add(offer, next); next = this.#waiting[0]) added++
    if (added === 0) offer.decline(this.isWaiting ? this.#flawOf(offer) : 'unused')
  }

  #flawOf({ maxSeconds = Number.POSITIVE_INFINITY }: Offer): string {
    return (this.#plan.request.maxSeconds ?? 0) > maxSeconds ? 'too-short' : 'too-small'
  }

  #add(offer: Offer, instance: Instance): boolean {
    const { request } = this.#plan
    const id = taskIdOf(this.#plan, instance.index, instance.launches + 1)
    if (!offer.add({ ...request, id, env: this.#envOf(instance) })) return false
    instance.launches++
    instance.taskId = id
    this.#byTask.set(id, instance)
    this.#waiting.shift()
    this.placed++
    return true
  }

  /** So that instances can divide work among themselves. */
  #envOf({ index }: Instance): Record<string, string> {
    const { request, instances } = this.#plan
    return { PROFFER_INSTANCE: `${index}`, PROFFER_INSTANCES: `${instances}`, ...request.env }
  }

  #end(instance: Instance, status: Status): void {
    if (isNoFault(status) && !this.#stopping && instance.launches <= this.#plan.retries) {
      this.#again(instance, status)
      return
    }
    instance.over = true
    void this.#hearer.ended(status).then(() => this.#count(instance.index, exitCodeOf(status)))
  }

  #again(instance: Instance, status: Status): void {
    this.#byTask.delete(instance.taskId)
    this.#waiting.push(instance)
    this.#hearer.again(status, taskIdOf(this.#plan, instance.index, instance.launches + 1))
  }

  #count(index: number, code: number): void {
    this.#codes[index] = code
    this.#left--
    if (this.#left === 0) this.#finish(this.#codes.find((code) => code !== 0) ?? 0)
  }
}

/** The task had no part in it, so another launch may go better; what was refused as it is written is refused again. */
const isNoFault = ({ state, reason }: Status): boolean =>
  state === 'lost' ||
  reason === 'revoked' ||
  reason === 'slave-drained' ||
  (state === 'dropped' && reason !== 'refused')
