/**
 * Short tasks among long ones (Hindman et al., NSDI 2011, section 4.4). Where tasks come to slots at random and a
 * fraction phi of them is long, a node with S slots is full of long ones with probability phi^S; on every other a
 * job of short tasks has a slot before long. Some slots of each node kept for short tasks leave it one on all.
 *
 * Set-up: one framework fills the slots at random, a fraction phi of them with long tasks, each met somewhere within
 * its life. A job comes that wants one slot of every node. Whatever is short ends within one short duration: a node that
 * gave no slot by then was full of long tasks. Of j short ones the first ends after 1 / (j + 1) of that, on average.
 */
import type { Offer } from '../../services/scheduler/index.ts'
import { Chance, type SimulatedCluster } from '../../services/simulator/index.ts'
import { errorOf, mean, openCluster, seeds, slot, slots } from './setUp.ts'

export interface Mix {
  /** How many of the tasks are long: a fraction. */
  readonly phi: number
  /** Slots of each node, and how many of them are kept for short tasks. */
  readonly slots: number
  readonly kept?: number
}
export interface Waits extends Mix {
  /** Of all nodes, those that gave no slot within a short task's time. */
  readonly full: number
  /** How long the others let the job wait, in short tasks. */
  readonly wait: number
  /** How far chance takes either from what it should be: standard errors. */
  readonly fullError: number
  readonly waitError: number
}

export const mixes: readonly Mix[] = [
  { phi: 0.5, slots: 2 },
  { phi: 0.5, slots: 4 },
  { phi: 0.5, slots: 8 },
  { phi: 0.9, slots: 8 },
  { phi: 0.9, slots: 8, kept: 1 },
]

const shortSeconds = 100
/** So long that hardly any ends while the job waits. */
const longSeconds = 10_000 * shortSeconds
const nodesPerRun = 40
const runs = 16

/** What the paper says of the nodes that are full, and what follows for how long the others let a job wait. */
export const fullOf = ({ phi, slots: count, kept = 0 }: Mix): number => (kept > 0 ? 0 : phi ** count)
export function waitOf(mix: Mix): number {
  const { phi, slots: count, kept = 0 } = mix
  const mixed = count - kept
  let waited = 0
  let ways = 1
  for (let short = 0; short <= mixed; short++) {
    const first = short + kept > 0 ? 1 / (short + kept + 1) : 0
    waited += ways * (1 - phi) ** short * phi ** (mixed - short) * first
    ways = (ways * (mixed - short)) / (short + 1)
  }
  return waited / (1 - fullOf(mix))
}

/** `from` is the seed before the first that is used. */
export function measureWaits(mix: Mix, from: number): Waits {
  const waits = seeds(runs).flatMap((seed) => waitsOf(from + seed, mix))
  const served = waits.filter((wait) => wait !== undefined)
  const expected = fullOf(mix)
  return {
    ...mix,
    full: 1 - served.length / waits.length,
    wait: mean(served),
    fullError: Math.sqrt((expected * (1 - expected)) / waits.length),
    waitError: errorOf(served),
  }
}

/** How long each node lets the job wait; undefined where it gives none within a short task's time. */
function waitsOf(seed: number, mix: Mix): (number | undefined)[] {
  const cluster = mixedCluster(seed, mix)
  const cameAt = cluster.time.now()
  const waits = new Map<string, number>()
  const onOffers = (offers: readonly Offer[]) => {
    for (const offer of offers) {
      if (waits.has(offer.slaveName)) offer.decline('has one there', 1e6)
      else if (offer.add({ id: offer.slaveName, ...slot, command: ['sleep', `${shortSeconds}`] }))
        waits.set(offer.slaveName, (cluster.time.now() - cameAt) / 1000 / shortSeconds)
    }
  }
  cluster.addFramework('job', { onOffers }, { takes: ['short'] })
  cluster.pass(shortSeconds * 1.01)
  return [...cluster.slaves.keys()].map((name) => waits.get(name))
}

/** Full of short and long tasks; the job's share is one slot of each node. */
function mixedCluster(seed: number, mix: Mix): SimulatedCluster {
  const { phi, slots: count, kept = 0 } = mix
  const shortTaskPart = kept / count
  const weights = { busy: Math.max(count - 1, 1) }
  const cluster = openCluster({
    seed,
    weights,
    master: { shortTaskPart, shortTaskSeconds: 2 * shortSeconds },
  })
  const chance = new Chance(seed)
  const deck = shuffled(chance, nodesPerRun * (count - kept), phi)
  let launched = 0
  const add = (offer: Offer) => {
    const isMet = launched < nodesPerRun * count
    const isLong = offer.maxSeconds === undefined && (deck.pop() ?? chance.next() < phi)
    const whole = isLong ? longSeconds : shortSeconds
    const seconds = isMet ? chance.next() * whole : whole
    return offer.add({ id: `${++launched}`, ...slot, command: ['sleep', `${seconds}`] })
  }
  const onOffers = (offers: readonly Offer[]) => {
    for (const offer of offers) while (offer.fits(slot)) add(offer)
  }
  cluster.addFramework('busy', { onOffers }, { takes: ['short'] })
  for (let i = 0; i < nodesPerRun; i++) cluster.addSlave(`node-${i}`, { resources: slots(count) })
  cluster.until(() => launched === nodesPerRun * count)
  return cluster
}

/** So many tasks in random order, of which just this fraction is long. */
function shuffled(chance: Chance, count: number, phi: number): boolean[] {
  const deck = Array.from({ length: count }, (_, i) => i < Math.round(count * phi))
  for (let i = count - 1; i > 0; i--) {
    const j = chance.between(0, i)
    const swapped = deck[i] ?? false
    deck[i] = deck[j] ?? false
    deck[j] = swapped
  }
  return deck
}
