/** Strict priority: the heavier framework is served first, whatever it holds already; equals by name. */

import type { Policy } from './allocator.ts'
import { drf } from './drf.ts'

export const priority: Policy = {
  name: 'priority',
  measure: drf.measure,
  before(a, b) {
    if (a.weight !== b.weight) return a.weight > b.weight
    return a.name === b.name ? a.frameworkId < b.frameworkId : a.name < b.name
  },
}
