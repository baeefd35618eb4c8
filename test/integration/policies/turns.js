/** A policy as a stranger writes it, in a folder of his own: who was made the fewest offers is served next. */
import { drf } from 'proffer/policy'

export default {
  name: 'turns',
  measure: ({ allocations }) => allocations,
  order: (siblings, world) => [...drf.order(siblings, world)].sort((a, b) => a.allocations - b.allocations),
}
