/**
 * Preferred slots that are wanted more than there are (Hindman et al., NSDI 2011, section 4.3). Frameworks of intended
 * shares s_i all prefer the same m slots. By lottery, each that falls free being offered with chances in proportion
 * to s_i, framework i comes to hold m s_i / (s_1 + ... + s_n) of them.
 *
 * Set-up: shares 1, 2 and 3, all of whose tasks take the same time and who always have more; each takes one slot of
 * an offer at a time, so that every slot is drawn. The first of them has slots elsewhere too, which nobody else
 * wants: fairness by all that somebody holds would leave it no preferred ones.
 */
import type { Framework, Offer } from '../../services/scheduler/index.ts'
import { openCluster, slot, slots } from './setUp.ts'

export interface Part {
  readonly share: number
  /** m s_i / (s_1 + ... + s_n). */
  readonly paper: number
  /** Preferred slots that it held, on average over time. */
  readonly lottery: number
  readonly drf: number
}

const preferred = 24
const elsewhere = 12
const shares = [1, 2, 3]
const taskSeconds = 100
/** Chance evens out slowly; fairness by shares is always the same. */
const rounds = { lottery: 150, drf: 10 }

export function lotteryParts(): Part[] {
  const all = shares.reduce((a, b) => a + b)
  const [lottery, drf] = [heldBy('lottery'), heldBy('drf')]
  return shares.map((share, i) => ({
    share,
    paper: (preferred * share) / all,
    lottery: lottery[i] ?? Number.NaN,
    drf: drf[i] ?? Number.NaN,
  }))
}

/** Preferred slots that each framework holds on average: its tasks there times how long each takes, in all that time. */
function heldBy(policy: keyof typeof rounds): number[] {
  const weights = Object.fromEntries(shares.map((share, i) => [`F${i}`, share]))
  const cluster = openCluster({ policy, weights })
  cluster.addSlave('elsewhere', { resources: slots(elsewhere) })
  const frameworks = shares.map((_, i) => new Greedy(i === 0))
  for (const [i, framework] of frameworks.entries()) cluster.addFramework(`F${i}`, framework)
  cluster.until(() => frameworks[0]?.elsewhere === elsewhere)
  cluster.addSlave('preferred', { resources: slots(preferred) })
  cluster.pass(taskSeconds * rounds[policy])
  return frameworks.map(({ preferred }) => preferred / rounds[policy])
}

/** Takes one preferred slot of each offer; and all that are elsewhere, if they are for it. */
class Greedy implements Framework {
  preferred = 0
  elsewhere = 0
  private readonly takesElsewhere: boolean

  constructor(takesElsewhere: boolean) {
    this.takesElsewhere = takesElsewhere
  }

  onOffers(offers: readonly Offer[]): void {
    for (const offer of offers) {
      if (offer.slaveName === 'preferred') this.takeOne(offer)
      else if (this.takesElsewhere) this.takeAll(offer)
      else offer.decline('not preferred', 1e6)
    }
  }

  private takeOne(offer: Offer): void {
    if (offer.add({ id: `${++this.preferred}`, ...slot, command: ['sleep', `${taskSeconds}`] })) offer.send()
  }

  private takeAll(offer: Offer): void {
    while (offer.add({ id: `elsewhere-${this.elsewhere}`, ...slot, command: ['forever'] })) this.elsewhere++
  }
}
