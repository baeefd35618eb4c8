/** What a picture is drawn from: all that is known, and the moment at which it is looked at. */

import type { Chronicle } from './chronicle/chronicle.ts'
import type { World } from './chronicle/world.ts'
import type { RoleRow } from './language.ts'

export interface Moment {
  readonly chronicle: Chronicle
  /** Stands at `position`. */
  readonly world: World
  readonly position: number
  readonly at: number
  /** What roles are owed, as the leader last said; empty in recordings. */
  readonly roles: readonly RoleRow[]
  readonly policy: string | undefined
}
