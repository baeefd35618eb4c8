/** The cluster in one row. */
import type { Summary } from '../language.ts'
import type { Moment } from '../moment.ts'
import { amounts } from './parts.ts'

export function summary(moment: Moment): Summary {
  const { chronicle, world, position, policy } = moment
  const reign = chronicle.reigns.findLast((each) => each.position <= position)
  return {
    ...(reign && { leader: reign.actor.id, epoch: reign.epoch }),
    ...(policy !== undefined && { policy }),
    slaves: world.counts('slave'),
    frameworks: world.counts('framework'),
    offers: world.counts('offer'),
    tasks: world.counts('task'),
    total: amounts(world.total),
    booked: amounts(world.booked),
    offered: amounts(world.offered),
  }
}
