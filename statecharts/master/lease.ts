/**
 * The lease: at most one master leads. It is taken with a create, renewed with an update on its last revision, and
 * held until a deadline that this process counts from the moment at which its last good write was *sent*; nobody
 * compares clocks. The epoch is the revision of the create, so epochs only rise. An answer that never came proves
 * nothing: the value is read back, and our nonce tells whether it was our write that stands.
 *
 * After ripienaar's nats-kv-leader-elect, and the lessons of those who renewed without a revision.
 */
import type { MasterSettings } from '../../shared/config.ts'
import { type Effect, type LeaseEffect, wake } from '../decision.ts'

export interface Lease {
  readonly nonce: string
  readonly ttlMs: number
  readonly marginMs: number
  readonly pollMs: number
  /** The revision that our next write must find; 0 when we hold nothing. */
  revision: number
  /** When the first of our writes was sent of which we do not know whether it landed; 0 when there is none. */
  doubtSince: number
  /** When we must have stopped; 0 when we hold nothing. */
  deadline: number
}

/** What became of one attempt. */
export interface LeaseAnswered {
  readonly type: 'lease.answered'
  readonly at: number
  readonly op: LeaseEffect['op']
  readonly sentAt: number
  readonly result:
    | { readonly outcome: 'written'; readonly revision: number }
    | { readonly outcome: 'conflict' | 'unknown' | 'vacant' }
    | { readonly outcome: 'held'; readonly nonce: string; readonly revision: number }
}

export const newLease = (nonce: string, settings: MasterSettings): Lease => ({
  nonce,
  ttlMs: settings.leaseTtlSeconds * 1000,
  marginMs: settings.leaseMarginSeconds * 1000,
  pollMs: settings.standbyPollSeconds * 1000,
  revision: 0,
  doubtSince: 0,
  deadline: 0,
})

/** A standby looks who leads. */
export const lookAtLease = (lease: Lease, at: number): Effect[] => [
  attempt(lease, 'read', at),
  wake('lease', at + lease.pollMs),
]

/** Whether this answer makes us the leader: our create was written, or it turns out to have been. */
export const winsLease = (lease: Lease, heard: LeaseAnswered): boolean =>
  (heard.op === 'create' && heard.result.outcome === 'written') || isOurs(lease, heard)

/** A standby that has not won: it claims what is vacant, and reads back what it cannot know. */
export function seekLease(lease: Lease, heard: LeaseAnswered): Effect[] {
  if (heard.op === 'read') return heard.result.outcome === 'vacant' ? [claim(lease, heard.at)] : []
  return [attempt(lease, 'read', heard.at)]
}

/** We have it: from when, until when, and at what revision. */
export function holdLease(lease: Lease, heard: LeaseAnswered): Effect[] {
  if (heard.result.outcome !== 'written' && heard.result.outcome !== 'held') return []
  lease.revision = heard.result.revision
  // Which of the doubtful writes stands nobody says: the earliest is the safe one to count from.
  const writtenFrom = heard.op === 'read' ? lease.doubtSince : heard.sentAt
  lease.deadline = writtenFrom + lease.ttlMs - lease.marginMs
  lease.doubtSince = 0
  return [wake('lease', heard.at + lease.ttlMs / 3), wake('deadline', lease.deadline)]
}

/** A leader writes its lease anew, over the revision that it knows. */
export function renewLease(lease: Lease, at: number): Effect[] {
  lease.doubtSince ||= at
  return [attempt(lease, 'update', at), wake('lease', at + lease.ttlMs / 3)]
}

/** Whether somebody else's write stands where ours should. */
export const losesLease = (lease: Lease, heard: LeaseAnswered): boolean =>
  heard.op === 'read' &&
  (heard.result.outcome === 'vacant' ||
    (heard.result.outcome === 'held' && heard.result.nonce !== lease.nonce))

/** The answer to a renewal: good, or to be read back. An unknown one is tried again until the deadline. */
export function keepLease(lease: Lease, heard: LeaseAnswered): Effect[] {
  const { outcome } = heard.result
  if (outcome === 'written' || isOurs(lease, heard)) return holdLease(lease, heard)
  return outcome === 'conflict'
    ? [attempt(lease, 'read', heard.at)]
    : [wake('lease', heard.at + lease.pollMs)]
}

export const isLapsed = (lease: Lease, at: number): boolean => at >= lease.deadline

/** Gives it up, so that a standby need not wait for it to lapse. */
export function releaseLease(lease: Lease, at: number): Effect[] {
  const released = attempt(lease, 'remove', at)
  dropLease(lease)
  return [released]
}

export function dropLease(lease: Lease): void {
  lease.revision = 0
  lease.deadline = 0
  lease.doubtSince = 0
}

const isOurs = (lease: Lease, heard: LeaseAnswered): boolean =>
  heard.op === 'read' && heard.result.outcome === 'held' && heard.result.nonce === lease.nonce

function claim(lease: Lease, at: number): Effect {
  lease.doubtSince ||= at
  return attempt(lease, 'create', at)
}

const attempt = (lease: Lease, op: LeaseEffect['op'], at: number): Effect => ({
  do: 'lease',
  op,
  revision: lease.revision,
  nonce: lease.nonce,
  sentAt: at,
})
