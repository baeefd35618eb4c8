/** An offer in its author's hands: tasks are added while they fit; then it is sent, declined, or held. */

import type { Attributes } from '../../shared/attributes.ts'
import type { OfferId, SlaveId } from '../../shared/ids.ts'
import { add, fits, type Resources, subtract } from '../../shared/resources.ts'
import { maxBodyBytes, sizeOf } from '../../shared/split.ts'
import type { Task } from '../../shared/tasks.ts'
import type { HeldOffer } from '../../statecharts/decision.ts'
import { type Amounts, type TaskRequest, toResources, toTask } from './task.ts'

/** What became of an offer in the author's hands. */
export type Answer =
  | {
      readonly answer: 'accept'
      readonly offers: readonly HeldOffer[]
      readonly tasks: readonly Task[]
      readonly refuseSeconds: number
    }
  | {
      readonly answer: 'decline'
      readonly offer: HeldOffer
      readonly refuseSeconds: number
      readonly reason: string
    }

export class Offer {
  readonly id: OfferId
  readonly slaveId: SlaveId
  readonly slaveName: string
  readonly attributes: Attributes
  readonly isolation: string
  /** Executors of this framework that run there already, by name: they cost nothing more. */
  readonly executors: readonly string[]
  /** Until when it stands, ms since 1970; then the leader takes it back. */
  readonly standsUntil: number
  private readonly held: HeldOffer[]
  private readonly send_: (answer: Answer) => void
  private readonly tasks: Task[] = []
  private readonly started: Set<string>
  private left: Resources
  private bytes = sizeOf([])
  private state: 'open' | 'held' | 'answered' = 'open'

  constructor(offer: HeldOffer, send: (answer: Answer) => void) {
    this.id = offer.offerId
    this.slaveId = offer.slaveId
    this.slaveName = offer.slaveName
    this.attributes = offer.attributes
    this.isolation = offer.isolation
    this.executors = offer.executors
    this.standsUntil = offer.standsUntil
    this.held = [offer]
    this.send_ = send
    this.started = new Set(offer.executors)
    this.left = offer.resources
  }

  /** What is not taken yet. */
  get rest(): Resources {
    return this.left
  }

  /** Whether so much is left. */
  fits(amounts: Amounts): boolean {
    return fits(toResources(amounts), this.left)
  }

  /** Adds a task, if what it needs is left, its executor and its ports included. */
  add(request: TaskRequest): boolean {
    if (this.state === 'answered') return false
    const task = toTask(request, this.left.ports)
    if (!task) return false
    const { executor } = task
    const starts = executor !== undefined && !this.started.has(executor.name)
    const needed = starts ? add(task.resources, executor.resources) : task.resources
    if (!fits(needed, this.left)) return false
    // More than one message carries is left to the next offer of the same slave, which comes at once.
    const bytes = this.bytes + sizeOf(task)
    if (bytes > maxBodyBytes && this.tasks.length > 0) return false
    this.bytes = bytes
    if (starts) this.started.add(executor.name)
    this.left = subtract(this.left, needed)
    this.tasks.push(task)
    return true
  }

  /** Takes another offer of the same slave into this one: they are answered together. */
  join(other: Offer): void {
    if (other.slaveId !== this.slaveId)
      throw new RangeError(`offer ${other.id} is of another slave than ${this.id}`)
    if (other.state === 'answered' || other === this)
      throw new RangeError(`offer ${other.id} is answered already`)
    other.state = 'answered'
    this.held.push(...other.held)
    this.left = add(this.left, other.left)
  }

  /** Keeps the offer for later: the author sends or declines it himself, before its time is over. */
  hold(): void {
    if (this.state === 'open') this.state = 'held'
  }

  /** Launches what was added. What is left is declined for so many seconds. */
  send(refuseSeconds = 0): void {
    if (this.state === 'answered') return
    this.state = 'answered'
    this.send_({ answer: 'accept', offers: this.held, tasks: this.tasks, refuseSeconds })
  }

  /** Declines it; the reason is counted where operators can read it. */
  decline(reason: string, refuseSeconds = 5): void {
    if (this.state === 'answered') return
    this.state = 'answered'
    for (const offer of this.held) this.send_({ answer: 'decline', offer, refuseSeconds, reason })
  }

  /** When the author's callback is over, what he neither sent, declined nor held is answered for him. */
  settle(): void {
    if (this.state !== 'open') return
    if (this.tasks.length > 0) this.send()
    else this.decline('unused')
  }
}
