/**
 * The pluggable part of the master: who is served next. A policy orders frameworks; everything else (what is free,
 * who wants it, who refused it) is the same for all of them. A new policy is a file here and a line in `policies`.
 */
import type { Resources } from '../../../shared/resources.ts'
import { drf } from './drf.ts'
import { priority } from './priority.ts'

/** A framework, as far as a policy may look at it. */
export interface Claimant {
  readonly name: string
  readonly frameworkId: string
  readonly weight: number
  /** What it holds: booked by its tasks, and offered to it. */
  readonly booked: Resources
  readonly offered: Resources
  /** The policy's own figure for it, from `measure`. */
  readonly share: number
}

export interface Policy {
  readonly name: string
  /** A framework's share of the cluster, by which people and `before` compare frameworks; 0..inf. */
  measure(claimant: Claimant, total: Resources): number
  /** Whether `a` is served before `b`: a strict order without ties, exact for whatever `measure` may have rounded. */
  before(a: Claimant, b: Claimant, total: Resources): boolean
}

export const policies: Readonly<Record<string, Policy>> = { drf, priority }
