/** One actor: where it stands, and what it has heard and done, the newest first. */
import { countUpTo } from '../chronicle/column.ts'
import type { ActorAsked, ActorPicture } from '../language.ts'
import type { Moment } from '../moment.ts'
import { NotThere } from '../notThere.ts'
import { stepLine } from './parts.ts'

const usualLimit = 100
const mostLimit = 1000

export function actor(
  { chronicle, position }: Moment,
  { role, id, limit = usualLimit }: ActorAsked,
): ActorPicture {
  const actor = chronicle.actors.get(`${role} ${id}`)
  if (!actor)
    throw new NotThere(`No step of ${role} ${id} was heard: it is not there, or nobody has told of it yet.`)
  const steps = countUpTo(actor.positions, position)
  const latest = actor.positions.slice(Math.max(0, steps - Math.min(limit, mostLimit)), steps).reverse()
  const [last] = latest
  return {
    chart: role,
    state: last === undefined ? '' : chronicle.after(last),
    history: latest.map((each) => stepLine(chronicle, each, chronicle.steps.read(each))),
    steps,
  }
}
