/** An offer in its author's hands: tasks are added while they fit; then it is sent, declined, or held. */

import type { Attributes } from '../../shared/attributes.ts'
import type { OfferId, SlaveId } from '../../shared/ids.ts'
import type { Volume } from '../../shared/messages.ts'
import { add, fits, none, type Resources, subtract } from '../../shared/resources.ts'
import { maxBodyBytes, sizeOf } from '../../shared/split.ts'
import type { Task } from '../../shared/tasks.ts'
import type { HeldOffer } from '../../statecharts/decision.ts'
import type { Operations } from '../../statecharts/scheduler/offers.ts'
import { type Amounts, type TaskRequest, toResources, toTask } from './task.ts'

/** What became of an offer in the author's hands. */
export type Answer =
  | {
      readonly answer: 'accept'
      readonly offers: readonly HeldOffer[]
      readonly tasks: readonly Task[]
      /** Undefined where nothing is reserved or made, or undone. */
      readonly operations: Operations | undefined
      readonly refuseSeconds: number
    }
  | {
      readonly answer: 'decline'
      readonly offer: HeldOffer
      readonly refuseSeconds: number
      readonly reason: string
    }

/** One accept carries no more of either. */
const maxVolumes = 100

export class Offer {
  readonly id: OfferId
  readonly slaveId: SlaveId
  readonly slaveName: string
  /** Whose share it is taken from. */
  readonly role: string
  /** Others are owed it: what runs on it is the first to go. Made to those alone who take such offers. */
  readonly revocable: boolean
  /** A short offer: whatever runs on it is killed after so many seconds. Made to those alone who take such offers. */
  readonly maxSeconds: number | undefined
  readonly attributes: Attributes
  readonly isolation: string
  /** Executors of this framework that run there already, by name: they cost nothing more. */
  readonly executors: readonly string[]
  /** Until when it stands, ms since 1970; then the leader takes it back. */
  readonly standsUntil: number
  private readonly held: HeldOffer[]
  private readonly send_: (answer: Answer) => void
  private readonly tasks: Task[] = []
  private readonly operations: Operations = {}
  private readonly started: Set<string>
  /** Volumes that a task may still have. */
  private readonly usable: Set<string>
  private left: Resources
  private bytes = sizeOf([])
  private state: 'open' | 'held' | 'answered' = 'open'

  constructor(offer: HeldOffer, send: (answer: Answer) => void) {
    this.id = offer.offerId
    this.slaveId = offer.slaveId
    this.slaveName = offer.slaveName
    this.role = offer.role
    this.revocable = offer.revocable ?? false
    this.maxSeconds = offer.maxSeconds
    this.attributes = offer.attributes
    this.isolation = offer.isolation
    this.executors = offer.executors
    this.standsUntil = offer.standsUntil
    this.held = [offer]
    this.send_ = send
    this.started = new Set(offer.executors)
    this.usable = new Set(this.volumes.map(({ volumeId }) => volumeId))
    this.left = offer.resources
  }

  /** Persistent volumes of its role on this slave, which no task has. */
  get volumes(): readonly Volume[] {
    const all = this.held.flatMap(({ volumes = [] }) => volumes)
    // Each of two offers names them.
    return [...new Map(all.map((volume) => [volume.volumeId, volume])).values()]
  }

  /** What is not taken yet. */
  get rest(): Resources {
    return this.left
  }

  /** Whether so much is left. */
  fits(amounts: Amounts): boolean {
    return fits(toResources(amounts), this.left)
  }

  /**
   * Adds a task, if what it needs is left: its executor, its ports and its volumes included. A task that declares
   * `maxSeconds` must end before a short offer does; one that does not is killed then. What lasts only so long starts
   * no executor that would outlast it: on a short or revocable offer one must run already.
   */
  add(request: TaskRequest): boolean {
    if (this.state === 'answered') return false
    const task = toTask(request, this.left.ports)
    if (!task || !this.admits(task)) return false
    const { executor, volumes = [] } = task
    const starts = executor !== undefined && !this.started.has(executor.name)
    if (starts && !this.isLasting) return false
    const needed = starts ? add(task.resources, executor.resources) : task.resources
    if (!fits(needed, this.left)) return false
    // More than one message carries is left to the next offer of the same slave, which comes at once.
    const bytes = this.bytes + sizeOf(task)
    if (bytes > maxBodyBytes && this.tasks.length > 0) return false
    this.bytes = bytes
    if (starts) this.started.add(executor.name)
    for (const { volumeId } of volumes) this.usable.delete(volumeId)
    this.left = subtract(this.left, needed)
    this.tasks.push(task)
    return true
  }

  /**
   * Reserves so much of this slave for the offer's role, until it is undone; it can be used at once, too. False for more
   * than is offered, and on short or revocable offers, which do not last.
   */
  reserve(amounts: Amounts): boolean {
    return this.change('reserve', amounts)
  }

  /** Undoes a reservation: so much of the slave is for everybody again, once this offer is answered. */
  unreserve(amounts: Amounts): boolean {
    return this.change('unreserve', amounts)
  }

  /**
   * Makes a persistent volume, on disk that is reserved for the offer's role, or is by this same answer. It outlives
   * tasks, comes back in offers, and may be used by a task that is added after it.
   */
  createVolume(volumeId: string, { disk }: { readonly disk: number }): boolean {
    const resources = toResources({ disk })
    if (resources.diskMb < 1) throw new RangeError(`volume ${volumeId} must have a disk of 1 MiB or more`)
    const { createVolumes = [] } = this.operations
    const isKnown = [...this.volumes, ...createVolumes].some((volume) => volume.volumeId === volumeId)
    if (this.state === 'answered' || !this.isLasting) return false
    if (isKnown || createVolumes.length >= maxVolumes || !fits(resources, this.left)) return false
    this.left = subtract(this.left, resources)
    this.operations.createVolumes = [...createVolumes, { volumeId, diskMb: resources.diskMb }]
    this.usable.add(volumeId)
    return true
  }

  /** Destroys a volume of this offer that no task uses, with all that is on it. Its disk stays reserved. */
  destroyVolume(volumeId: string): boolean {
    const { destroyVolumes = [] } = this.operations
    const isOffered = this.volumes.some((volume) => volume.volumeId === volumeId)
    if (this.state === 'answered' || !isOffered || destroyVolumes.length >= maxVolumes) return false
    if (!this.usable.delete(volumeId)) return false
    this.operations.destroyVolumes = [...destroyVolumes, volumeId]
    return true
  }

  /** Takes another offer of the same slave, role and kind into this one: they are answered together. */
  join(other: Offer): void {
    if (other.slaveId !== this.slaveId)
      throw new RangeError(`offer ${other.id} is of another slave than ${this.id}`)
    if (other.role !== this.role)
      throw new RangeError(`offer ${other.id} is for role ${other.role}, ${this.id} for ${this.role}`)
    if (other.revocable !== this.revocable || other.maxSeconds !== this.maxSeconds)
      throw new RangeError(`offer ${other.id} is of another kind than ${this.id}`)
    if (other.state === 'answered' || other === this)
      throw new RangeError(`offer ${other.id} is answered already`)
    if (other.isUsed) throw new RangeError(`offer ${other.id} has something added to it: join it before`)
    other.state = 'answered'
    this.held.push(...other.held)
    this.left = add(this.left, other.left)
    for (const volumeId of other.usable) this.usable.add(volumeId)
  }

  /** Keeps the offer for later: the author sends or declines it himself, before its time is over. */
  hold(): void {
    if (this.state === 'open') this.state = 'held'
  }

  /** Launches what was added, reserves and makes what was asked for. What is left is declined for so many seconds. */
  send(refuseSeconds = 0): void {
    if (this.state === 'answered') return
    this.state = 'answered'
    const operations = this.operates ? this.operations : undefined
    this.send_({ answer: 'accept', offers: this.held, tasks: this.tasks, operations, refuseSeconds })
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
    if (this.isUsed) this.send()
    else this.decline('unused')
  }

  private get operates(): boolean {
    return Object.keys(this.operations).length > 0
  }
  private get isUsed(): boolean {
    return this.tasks.length > 0 || this.operates
  }
  private get isLasting(): boolean {
    return !this.revocable && this.maxSeconds === undefined
  }

  /** Whether a task may run here at all, however much is left. */
  private admits({ maxSeconds = 0, volumes = [] }: Task): boolean {
    const wanted = new Set(volumes.map(({ volumeId }) => volumeId))
    const haveAll = wanted.size === volumes.length && [...wanted].every((each) => this.usable.has(each))
    return haveAll && maxSeconds <= (this.maxSeconds ?? Number.POSITIVE_INFINITY)
  }

  /** No more than is offered: how much of that is reserved already, and for whom, the leader knows. */
  private change(what: 'reserve' | 'unreserve', amounts: Amounts): boolean {
    if (this.state === 'answered' || !this.isLasting) return false
    const changed = add(this.operations[what] ?? none, toResources(amounts))
    const offered = this.held.reduce((whole, { resources }) => add(whole, resources), none)
    if (!fits(changed, offered)) return false
    this.operations[what] = changed
    return true
  }
}
