/**
 * Lottery: each offer is drawn, with a chance in proportion to the weight, that is to the intended share. With preferred
 * slots over-subscribed everybody gets his part of them without anybody's keeping count.
 * Hindman et al., NSDI 2011, section 4.3; Waldspurger and Weihl, OSDI 1994.
 */
import type { Claimant, Policy } from './allocator.ts'
import { drf } from './drf.ts'

export const lottery: Policy = {
  name: 'lottery',
  measure: drf.measure,

  /**
   * An order in which whoever comes first has come there with the chance of his weight, and so on among the rest: the
   * smallest of exponential times with the weights as rates (Efraimidis and Spirakis, 2006).
   */
  order(siblings, world) {
    const times = new Map<Claimant, number>()
    for (const each of siblings) times.set(each, -Math.log(1 - world.draw()) / each.weight)
    return siblings.sort((a, b) => (times.get(a) ?? 0) - (times.get(b) ?? 0))
  },
}
