/**
 * One step of one actor: what it heard, the state that it was in, the state that it came to, and what it asked
 * of the world. Stories, logs, the simulator and every visualizer read this one shape.
 */
import type { Role } from './messages.ts'

export interface Step {
  /** Counts the steps of this actor. */
  readonly n: number
  /** ms by the actor's own clock. */
  readonly at: number
  readonly role: Role
  readonly id: string
  readonly heard: { readonly type: string; readonly [field: string]: unknown }
  readonly before: string
  readonly after: string
  readonly effects: readonly { readonly do: string }[]
}
