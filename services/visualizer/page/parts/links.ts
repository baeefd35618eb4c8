/** Where each thing has its place. Every part of the page that names a thing links to it by these. */
import type { Living } from '../../../../shared/trace.ts'
import type { Thing } from '../../language.ts'
import { linkTo } from '../place.ts'

/** `key` is the framework's id, a space, the task's own id. */
export const linkToTask = (key: string): string => linkTo('task', { id: key })
export const linkToSlave = (slaveId: string): string => linkTo('slave', { id: slaveId })
export const linkToLife = (life: Living, id: string): string => linkTo('charts', { life, id })
/** `key` is the actor's role, a space, its id: `master m1`. */
export const linkToActor = (key: string): string => linkTo('charts', { actor: key })

export function linkToThing({ kind, key }: Pick<Thing, 'kind' | 'key'>): string {
  switch (kind) {
    case 'actor':
      return linkToActor(key)
    case 'task':
      return linkToTask(key)
    case 'slave':
      return linkToSlave(key)
    case 'offer':
    case 'framework':
      return linkToLife(kind, key)
  }
}

/** Of one framework, task, offer or slave. */
export const linkToConversation = (
  about: Readonly<Partial<Record<'frameworkId' | 'task' | 'offerId' | 'slaveId', string>>>,
): string => linkTo('conversation', about)
export const linkToWhy = (frameworkId: string): string => linkTo('why', { framework: frameworkId })
