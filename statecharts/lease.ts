/**
 * A lease: of several that stand by for one another, at most one leads. It is taken with a create, or over a holder
 * whom the bus does not find any more with an update on the revision that was read; renewed with an update on its
 * own last revision; and held until a deadline that this process counts from the moment at which its last good
 * write was *sent*: nobody compares clocks. An answer that never came proves nothing: the value is read back,
 * and our nonce tells whether it was our write that stands.
 *
 * The epoch is the revision of the write that took the lease, so epochs only rise. A store that was lost counts from
 * the start again: then the value carries a floor, which is added, and the epoch is above every one that was heard.
 *
 * After ripienaar's nats-kv-leader-elect, and the lessons of those who renewed without a revision.
 */
import type { LeaseSettings } from '../shared/config.ts'
import type { Epoch } from '../shared/ids.ts'
import { type Effect, type LeaseEffect, note, wake } from './decision.ts'

export interface Lease {
  readonly nonce: string
  readonly ttlMs: number
  readonly marginMs: number
  readonly pollMs: number
  readonly pingMs: number
  /** So many pings in a row that nobody was there to hear, and the holder is gone. */
  readonly pings: number
  /** The revision that our next renewal must find; 0 when we hold nothing. */
  revision: number
  /** What epochs are counted from: 0 unless the store was lost. */
  floor: number
  /** The highest epoch that anybody was heard of. */
  highest: Epoch
  /** Whose it was when it was last read, by nonce. */
  holder: string
  /** Pings of that holder, in a row, that nobody was there to hear. */
  unheard: number
  /** Pings in a row that somebody heard and nobody answered. */
  unanswered: number
  /** When a ping was last answered; a vacant lease is left alone while somebody leads. */
  answeredAt: number
  /** When the first of our renewals was sent of which we do not know whether it landed; 0 when there is none. */
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
  /** As it was written, where it was. */
  readonly floor: number
  readonly result:
    | { readonly outcome: 'written'; readonly revision: number }
    | { readonly outcome: 'conflict' | 'unknown' | 'vacant' }
    | {
        readonly outcome: 'held'
        readonly nonce: string
        readonly revision: number
        readonly floor: number
      }
}

export const newLease = (nonce: string, settings: LeaseSettings): Lease => ({
  nonce,
  ttlMs: settings.leaseTtlSeconds * 1000,
  marginMs: settings.leaseMarginSeconds * 1000,
  pollMs: settings.standbyPollSeconds * 1000,
  pingMs: settings.leaderPingSeconds * 1000,
  pings: settings.leaderPings,
  revision: 0,
  floor: 0,
  highest: 0,
  holder: '',
  unheard: 0,
  unanswered: 0,
  answeredAt: Number.NEGATIVE_INFINITY,
  doubtSince: 0,
  deadline: 0,
})

/** A standby looks who leads. */
export const lookAtLease = (lease: Lease, at: number): Effect[] => [
  attempt(lease, 'read', at),
  wake('lease', at + lease.pollMs),
]

/** The holder has answered. */
export function noteFound(lease: Lease, at: number): void {
  lease.unheard = 0
  lease.unanswered = 0
  lease.answeredAt = at
}

/** So many pings that were heard and not answered are worth a word to people. */
const strangelySilent = 15

/**
 * Somebody hears the pings and does not answer: the holder is held up, or it is gone and another listens to all that
 * is said, which keeps the bus from saying that nobody does. The lease alone decides then.
 */
export function noteUnanswered(lease: Lease): Effect[] {
  lease.unanswered++
  if (lease.unanswered !== strangelySilent) return []
  const what =
    'whoever leads does not answer, and yet somebody listens there: it is held up, or it is gone and another listens to all that is said (`nats sub ">"`?)'
  return [
    note(
      'warn',
      `${what}; it is succeeded when its lease lapses, ${lease.ttlMs / 1000} s after it was last written`,
    ),
  ]
}

/** The bus found nobody where the holder should be: often enough, and the standby looks whose lease it is to take. */
export function noteMissed(lease: Lease, at: number): Effect[] {
  lease.unheard++
  lease.unanswered = 0
  return isGone(lease) ? [attempt(lease, 'read', at)] : []
}
/** When the next ping goes out: soon, when the last one found nobody. */
export const nextPing = (lease: Lease, at: number): number =>
  at + (lease.unheard > 0 && !isGone(lease) ? lease.pingMs / 4 : lease.pingMs)

/** Whether this answer makes us the leader: our write stands, and its epoch is above every one that was heard. */
export const winsLease = (lease: Lease, heard: LeaseAnswered): boolean =>
  heard.result.outcome === 'written' &&
  heard.op !== 'remove' &&
  heard.floor + heard.result.revision > lease.highest

/** A standby that has not won: it claims what is vacant, or its holder's no more, and reads back what it cannot know. */
export function seekLease(lease: Lease, heard: LeaseAnswered): Effect[] {
  const { op, result, at } = heard
  switch (result.outcome) {
    case 'vacant':
      return leadsSomewhere(lease, at) ? [] : [attempt(lease, 'create', at)]
    case 'held':
      return seekHeld(lease, result, at)
    case 'written':
      return op === 'remove' ? [] : [takeOver(lease, result.revision, at)]
    case 'conflict':
      return op === 'remove' ? [] : [attempt(lease, 'read', at)]
    case 'unknown':
      // A store that cannot be read may take a write, and one that finds something there is refused.
      return op === 'read' && !leadsSomewhere(lease, at) ? [attempt(lease, 'create', at)] : []
  }
}

/** Somebody holds it: our own write that we did not know of, one who is gone, or one who is to be left in peace. */
function seekHeld(
  lease: Lease,
  { nonce, revision, floor }: Extract<LeaseAnswered['result'], { outcome: 'held' }>,
  at: number,
): Effect[] {
  const isOver = nonce === lease.nonce || (nonce === lease.holder && isGone(lease))
  lease.floor = floor
  // Misses were another's, when the holder is new; and a takeover that fails is not tried again without new ones.
  if (isOver || nonce !== lease.holder) lease.unheard = 0
  lease.holder = nonce
  return isOver ? [takeOver(lease, revision, at)] : []
}

/** Somebody answers pings and the lease is nobody's: he leads by another lease, or has only just given it up. */
export const leadsSomewhere = (lease: Lease, at: number): boolean => at - lease.answeredAt < 2 * lease.pingMs

/** We have it: from when, until when, and at what revision. */
export function holdLease(lease: Lease, heard: LeaseAnswered): Effect[] {
  const { result } = heard
  if (result.outcome !== 'written' && result.outcome !== 'held') return []
  // None of the doubtful writes has landed: nothing is held for longer than it was.
  if (result.outcome === 'held' && result.revision === lease.revision) return []
  lease.revision = result.revision
  lease.floor = result.outcome === 'held' ? result.floor : heard.floor
  // Which of the doubtful writes stands nobody says: the earliest is the safe one to count from.
  const writtenFrom = heard.op === 'read' ? lease.doubtSince : heard.sentAt
  lease.deadline = Math.max(lease.deadline, writtenFrom + lease.ttlMs - lease.marginMs)
  lease.doubtSince = 0
  return [wake('lease', heard.at + lease.ttlMs / 3), wake('deadline', lease.deadline)]
}
/** The epoch of a lease that was just taken. */
export const epochOf = (lease: Lease): Epoch => lease.floor + lease.revision

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

/** The answer to a renewal: good, or to be read back at once, and tried again until the deadline. */
export function keepLease(lease: Lease, heard: LeaseAnswered): Effect[] {
  const { outcome } = heard.result
  if (outcome === 'written') return holdLease(lease, heard)
  if (outcome === 'held') return lease.doubtSince > 0 ? holdLease(lease, heard) : []
  const again = outcome === 'unknown' ? [wake('lease', heard.at + lease.pollMs)] : []
  return heard.op === 'read' ? again : [attempt(lease, 'read', heard.at), ...again]
}

export const isLapsed = (lease: Lease, at: number): boolean => at >= lease.deadline

/** Reads who holds it, when there is a doubt. */
export const doubtLease = (lease: Lease, at: number): Effect[] => [attempt(lease, 'read', at)]

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
  lease.unheard = 0
}

const isGone = (lease: Lease): boolean => lease.unheard >= lease.pings

/** Over a holder who is gone, or over a write of our own; with a floor that lifts us above whoever was heard. */
function takeOver(lease: Lease, revision: number, at: number): Effect {
  lease.floor = Math.max(lease.floor, lease.highest - revision)
  return attempt(lease, 'update', at, revision)
}

const attempt = (lease: Lease, op: LeaseEffect['op'], at: number, revision = lease.revision): Effect => ({
  do: 'lease',
  op,
  revision,
  nonce: lease.nonce,
  floor: lease.floor,
  sentAt: at,
})
