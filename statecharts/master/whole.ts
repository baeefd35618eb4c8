import type { Claimant } from './allocator/allocator.ts'
import type { Framework } from './ledger.ts'

/** A framework in all of its roles together, for people: no policy compares it so. */
export const wholeOf = ({ frameworkId: id, name, booked, offered }: Framework): Claimant => ({
  id,
  name,
  weight: 1,
  booked,
  offered,
  share: 0,
  allocations: 0,
})
