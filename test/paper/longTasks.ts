/**
 * Short tasks among long ones (Hindman et al., NSDI 2011, section 4.4). Where tasks come to slots at random and a
 * fraction phi of them is long, a node with S slots is full of long ones with probability phi^S; on every other a
 * job of short tasks has a slot before long. Some slots of each node kept for short tasks leave it one on all.
 *
 * Set-up: one framework fills every slot, each with a long task by a coin that shows phi, met somewhere within its
 * life. A job comes that wants one slot of every node. Whatever is short ends within one short duration: a node that
 * gave no slot by then was full of long tasks. Of j short ones the first ends after 1 / (j + 1) of that, on average.
 */
import type { Offer } from '../../services/scheduler/index.ts'
import type { SimulatedCluster } from '../../services/simulator/index.ts'
import { errorOf, mean, openCluster, seeds, slot, slots } from './setUp.ts'

export interface Mix {
  /** How many of the tasks are long: a fraction. */
  readonly phi: number
  /** Slots of each node, and how many of them are kept for short tasks. */
  readonly slots: number
  readonly kept?: number
}
export interface Waits extends Mix {
  /** Of all nodes, those that gave no slot within a short task's time; with the standard error of that. */
  readonly full: number
  readonly error: number
  /** How long the others let the job wait, in short tasks. */
  readonly wait: number
}

export const mixes: readonly Mix[] = [
  { phi: 0.5, slots: 1 },
  { phi: 0.5, slots: 2 },
  { phi: 0.5, slots: 4 },
  { phi: 0.5, slots: 8 },
  { phi: 0.8, slots: 8 },
  { phi: 0.9, slots: 8 },
]

const shortSeconds = 100
/** So long that hardly any ends while the job waits. */
const longSeconds = 10_000 * shortSeconds
const nodesPerRun = 40
const runs = 12

/** What the paper says of the nodes that are full, and what follows for how long the others let a job wait. */
export const fullOf = ({ phi, slots: count }: Mix): number => phi ** count
export function waitOf(mix: Mix): number {
  const { phi, slots: count } = mix
  let waited = 0
  let ways = 1
  for (let short = 1; short <= count; short++) {
    ways = (ways * (count - short + 1)) / short
    waited += (ways * (1 - phi) ** short * phi ** (count - short)) / (short + 1)
  }
  return waited / (1 - fullOf(mix))
}

export function measureWaits(mix: Mix): Waits {
  const waits = seeds(runs).flatMap((seed) => waitsOf(seed, mix))
  const full = waits.map((wait) => (wait === undefined ? 1 : 0))
  const served = waits.filter((wait) => wait !== undefined)
  return { ...mix, full: mean(full), error: errorOf(full), wait: mean(served) }
}

/** How long each node lets the job wait; undefined where it gives none within a short task's time. */
function waitsOf(seed: number, mix: Mix): (number | undefined)[] {
  const cluster = mixedCluster(seed, mix)
  const cameAt = cluster.time.now()
  const waits = new Map<string, number>()
  cluster.addFramework('job', {
    onOffers: (offers) => {
      for (const offer of offers) {
        if (waits.has(offer.slaveName)) offer.decline('has one there', 1e6)
        else if (offer.add({ id: offer.slaveName, ...slot, command: ['forever'] }))
          waits.set(offer.slaveName, (cluster.time.now() - cameAt) / 1000 / shortSeconds)
      }
    },
  })
  cluster.pass(shortSeconds * 1.01)
  return [...cluster.slaves.keys()].map((name) => waits.get(name))
}

/** Full of short and long tasks; the job's share is one slot of each node. */
function mixedCluster(seed: number, mix: Mix): SimulatedCluster {
  const weights = { busy: Math.max(mix.slots - 1, 1) }
  const cluster = openCluster({ seed, weights })
  let launched = 0
  const fresh = () => launched <= nodesPerRun * mix.slots
  const add = (offer: Offer) => {
    const id = `${++launched}`
    const whole = cluster.chance.next() < mix.phi ? longSeconds : shortSeconds
    return offer.add({
      id,
      ...slot,
      command: ['sleep', `${fresh() ? cluster.chance.next() * whole : whole}`],
    })
  }
  cluster.addFramework('busy', {
    onOffers: (offers) => {
      for (const offer of offers) while (offer.fits(slot)) add(offer)
    },
  })
  for (let i = 0; i < nodesPerRun; i++) cluster.addSlave(`node-${i}`, { resources: slots(mix.slots) })
  cluster.until(() => launched === nodesPerRun * mix.slots)
  return cluster
}
