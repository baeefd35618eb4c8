/**
 * The pluggable part of the master: who is served next. A policy puts siblings of the tree of roles in order; everything
 * else (what is free, who wants it, who refused it, what is held back for whom) is the same for all policies. A new
 * policy is a file here and a line in `policies`, or a module of yours that the master is started with.
 */
import type { Tally } from '../../../shared/tally.ts'
import { drf } from './drf.ts'
import { lottery } from './lottery.ts'
import { priority } from './priority.ts'

/** Whoever stands among siblings: a role with all below it, or a framework in one role; as far as a policy may look. */
export interface Claimant {
  /** The last part of the role's path, or the framework's name. */
  readonly name: string
  /** The role's whole path, or the framework's id. */
  readonly id: string
  readonly weight: number
  /** What it holds: booked by its tasks, and offered to it. Fixed-point amounts; see `Resources`. */
  readonly booked: Tally
  readonly offered: Tally
  /** The policy's own figure for it, from `measure`, as of now. */
  readonly share: number
  /** Offers that it was made since the leader took office. */
  readonly allocations: number
}

/** What a policy may know beside the claimants. */
export interface World {
  /** All that the cluster has. */
  readonly total: Tally
  /** The next random number, 0 <= x < 1, out of the leader's seed: the same world draws the same. */
  draw(): number
}

export interface Policy {
  readonly name: string
  /** A claimant's share of the cluster, by which people compare; 0..inf. */
  measure(claimant: Claimant, total: Tally): number
  /**
   * The same siblings, each once, in the order in which they are served. Asked again whenever any of them has been
   * served or holds something else. They come in the order that it gave last, so sorting costs little. May change the
   * array that it is given.
   */
  order(siblings: Claimant[], world: World): readonly Claimant[]
  /**
   * Negative when `a` is served before `b`, for policies whose order depends on nothing but such pairs, and has no ties:
   * then only those who have changed need be put in order anew. Only our own policies are trusted with it.
   */
  compare?(a: Claimant, b: Claimant, total: Tally): number
}

export type Policies = Readonly<Record<string, Policy>>
export const policies: Policies = { drf, priority, lottery }

/** What is wrong with a policy that came from outside; undefined when nothing is. */
export function flawOfPolicy(policy: unknown): string | undefined {
  if (typeof policy !== 'object' || policy === null) return 'it is no object'
  const { name, measure, order } = policy as Partial<Policy>
  if (typeof name !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(name))
    return 'its name must be 1 to 64 letters, digits, - and _'
  if (typeof measure !== 'function') return 'it has no measure(claimant, total)'
  if (typeof order !== 'function') return 'it has no order(siblings, world)'
  return undefined
}
