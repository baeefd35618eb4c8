/** The life of one thing, as everybody who has to do with it saw it. */
import { inWords } from '../../../shared/resources.ts'
import type { Thing } from '../chronicle/things.ts'
import type { LifeAsked, LifePicture } from '../language.ts'
import type { Moment } from '../moment.ts'
import { NotThere } from '../notThere.ts'
import { lifeLines } from './parts.ts'

const mostLines = 500

export function life(moment: Moment, { life, id }: LifeAsked): LifePicture {
  const { chronicle, world, position } = moment
  const thing = chronicle.things.get(life, id)
  if (!thing) throw new NotThere(`There is no ${life} ${id} in what was heard so far.`)
  return {
    name: world.traits(thing).name ?? id,
    state: world.state(thing),
    history: lifeLines(chronicle, thing, position, mostLines),
    about: aboutOf(moment, thing),
  }
}

function aboutOf({ chronicle, world }: Moment, thing: Thing): Record<string, string> {
  const { frameworkId, slaveId, role, roles, resources, revocable } = world.traits(thing)
  const { things } = chronicle
  return {
    ...(frameworkId !== undefined && {
      framework: `${things.nameOf('framework', frameworkId)} (${frameworkId})`,
    }),
    ...(slaveId !== undefined && { slave: `${things.nameOf('slave', slaveId)} (${slaveId})` }),
    ...(role !== undefined && { role }),
    ...(roles && roles.length > 0 && { roles: roles.join(', ') }),
    ...(resources && { resources: inWords(resources) }),
    ...(revocable && { revocable: 'yes' }),
  }
}
