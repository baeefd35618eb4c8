/**
 * A framework comes to a busy cluster, whose share is `slots` slots there that it must have and no others. What runs
 * in them is another framework's, and leaves task by task: nothing is revoked. The newcomer is offered each that falls
 * free, because until it has them all it holds less than its share.
 *
 * Times are in mean durations of the tasks that run there (the paper's T).
 */

import type { Framework, Offer } from '../../services/scheduler/index.ts'
import { Chance, type SimulatedCluster } from '../../services/simulator/index.ts'
import { type Durations, durationOf, openCluster, restOf, slot, slots } from './setUp.ts'

export interface Arrival {
  readonly seed: number
  readonly durations: Durations
  readonly slots: number
  /** The whole job takes so long in all of its slots at once (the paper's beta). */
  readonly work: number
  /** An elastic job is made of pieces that take so long, each in any slot; a rigid one starts when it has every slot. */
  readonly kind: { readonly piece: number } | 'rigid'
}
export interface Job {
  /** When it got each slot. */
  readonly gotAt: readonly number[]
  readonly completedAt: number
  /** What it worked, of all that it held. */
  readonly utilisation: number
}

/** Seconds of virtual time: so many that messages between the processes, a millisecond each, count for nothing. */
const taskSeconds = 1000
/** The other framework keeps a slot elsewhere, so that the newcomer has no more than its share before it has all. */
const elsewhere = 1
const slotsPerSlave = 8
const slavesOf = (count: number) => Math.ceil(count / slotsPerSlave)

/** Runs until the newcomer has every slot, and its job is done. */
export function arrive(arrival: Arrival): Job {
  const cluster = busyCluster(arrival)
  const cameAt = cluster.time.now()
  const clock = () => (cluster.time.now() - cameAt) / 1000 / taskSeconds
  const job = arrival.kind === 'rigid' ? new RigidJob(arrival, clock) : new ElasticJob(arrival, clock)
  cluster.addFramework('newcomer', job, { filters: { attributes: { wanted: 'yes' } } })
  cluster.until(() => job.completedAt !== undefined && job.gotAt.length === arrival.slots, 1e6)
  const completedAt = job.completedAt ?? Number.NaN
  const held = job.gotAt.reduce((sum, at) => sum + Math.max(0, completedAt - at), 0)
  return { gotAt: job.gotAt, completedAt, utilisation: (arrival.work * arrival.slots) / held }
}

/** All of it runs tasks of one framework, met somewhere within their lives. */
function busyCluster({ seed, durations, slots: count }: Arrival): SimulatedCluster {
  const cluster = openCluster({ seed, weights: { newcomer: count / elsewhere } })
  const chance = new Chance(seed)
  let launched = 0
  const seconds = (offer: Offer) => {
    if (offer.attributes.wanted !== 'yes') return 1e9
    return (launched <= count + elsewhere ? restOf : durationOf)(chance, durations, taskSeconds)
  }
  cluster.addFramework('busy', {
    onOffers: (offers) => {
      for (const offer of offers)
        while (offer.fits(slot))
          offer.add({ id: `${++launched}`, ...slot, command: ['sleep', `${seconds(offer)}`] })
    },
  })
  cluster.addSlave('elsewhere', { resources: slots(elsewhere) })
  for (let i = 0; i < slavesOf(count); i++) {
    const has = Math.min(slotsPerSlave, count - i * slotsPerSlave)
    cluster.addSlave(`wanted-${i}`, { resources: slots(has), attributes: { wanted: 'yes' } })
  }
  cluster.until(() => launched === count + elsewhere)
  return cluster
}

abstract class Newcomer implements Framework {
  readonly gotAt: number[] = []
  completedAt: number | undefined
  protected ended = 0
  protected added = 0
  protected readonly arrival: Arrival
  protected readonly clock: () => number

  constructor(arrival: Arrival, clock: () => number) {
    this.arrival = arrival
    this.clock = clock
  }

  abstract wants(): boolean
  abstract onOffers(offers: readonly Offer[]): void

  onStatus({ state }: { readonly state: string }): void {
    if (state === 'finished' && ++this.ended === this.tasks) this.completedAt = this.clock()
  }

  protected abstract readonly tasks: number

  protected launch(offer: Offer, duration: number): boolean {
    const command = ['sleep', `${duration * taskSeconds}`]
    return offer.fits(slot) && offer.add({ id: `${++this.added}`, ...slot, command })
  }

  protected noteHeld(held: number): void {
    while (this.gotAt.length < held) this.gotAt.push(this.clock())
  }
}

/** Works in each slot as soon as it has it, in pieces, until there are no more of them. */
class ElasticJob extends Newcomer {
  private readonly piece = this.arrival.kind === 'rigid' ? 0 : this.arrival.kind.piece
  protected readonly tasks = Math.round((this.arrival.work * this.arrival.slots) / this.piece)

  wants(): boolean {
    return this.added < this.tasks
  }

  onOffers(offers: readonly Offer[]): void {
    for (const offer of offers) while (this.wants() && this.launch(offer, this.piece));
    this.noteHeld(this.added - this.ended)
  }
}

/** Keeps what it is offered until that is every slot; then works in all of them at once. */
class RigidJob extends Newcomer {
  protected readonly tasks = this.arrival.slots
  private readonly kept: Offer[] = []

  wants(): boolean {
    return this.added === 0
  }

  onOffers(offers: readonly Offer[]): void {
    for (const offer of offers) offer.hold()
    this.kept.push(...offers)
    const held = this.kept.reduce((sum, { rest }) => sum + rest.cpuMilli / 1000, 0)
    this.noteHeld(held)
    if (held < this.arrival.slots) return
    for (const offer of this.kept) {
      while (this.launch(offer, this.arrival.work));
      offer.send()
    }
  }
}
