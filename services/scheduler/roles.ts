/** The roles of a framework as its author gives them, and what is to be offered in each. */
import { type Filters, maxRoles } from '../../shared/messages.ts'
import { flawOfRole, roleOf } from '../../shared/roles.ts'
import type { OfferFilters } from './framework.ts'
import { toResources } from './task.ts'

export interface GivenRoles {
  /** What its share goes by; its name where none is given. */
  readonly role?: string
  /** Several roles, each with filters of its own where it has some. Either this or `role`. */
  readonly roles?: readonly (string | { readonly role: string; readonly filters?: OfferFilters })[]
  /** Only slaves like these are offered, in every role that has no filters of its own. */
  readonly filters?: OfferFilters
}

/** Filters by role, for each role of a framework. Throws RangeError for roles that cannot be. */
export function readRoles(name: string, given: GivenRoles): Map<string, Filters> {
  const { role, roles, filters = {} } = given
  if (role !== undefined && roles) throw new RangeError('a framework has either a role or roles, not both')
  const named = (roles ?? [role ?? roleOf(name)]).map((each) =>
    typeof each === 'string' ? { role: each } : each,
  )
  if (named.length < 1 || named.length > maxRoles)
    throw new RangeError(`a framework is in 1 to ${maxRoles} roles, not ${named.length}`)
  const read = new Map<string, Filters>()
  for (const { role, filters: own = filters } of named) {
    const flaw = flawOfRole(role)
    if (flaw) throw new RangeError(flaw)
    if (read.has(role)) throw new RangeError(`role ${role} is named twice`)
    read.set(role, toFilters(own))
  }
  return read
}

export function toFilters({ slaves, atLeast, attributes }: OfferFilters): Filters {
  const filters: Filters = {}
  if (slaves) filters.slaves = [...slaves]
  if (atLeast) filters.atLeast = toResources(atLeast)
  if (attributes) filters.attributes = { ...attributes }
  return filters
}
