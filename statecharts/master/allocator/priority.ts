/** Strict priority: the heavier claimant is served first, whatever it holds already; equals by name. */
import type { Claimant, Policy } from './allocator.ts'
import { compareNames, drf } from './drf.ts'

export const priority: Policy = {
  name: 'priority',
  measure: drf.measure,
  order: (siblings) => siblings.sort(compare),
  compare,
}

function compare(a: Claimant, b: Claimant): number {
  return b.weight - a.weight || compareNames(a, b)
}
