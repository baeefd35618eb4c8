/** Several schedulers of one framework: one leads by a lease, the others stand by for it. */
import { assert } from '../../shared/assert.ts'
import {
  type Answered,
  ask,
  type Effect,
  grant,
  type Heard,
  note,
  tell,
  type Woken,
  wake,
} from '../decision.ts'
import {
  epochOf,
  holdLease,
  isLapsed,
  keepLease,
  type Lease,
  type LeaseAnswered,
  lookAtLease,
  losesLease,
  nextPing,
  noteFound,
  noteMissed,
  noteUnanswered,
  releaseLease,
  renewLease,
  seekLease,
  winsLease,
} from '../lease.ts'
import { leaderAddress, type Scheduler } from './ledger.ts'

type At = { readonly at: number }

export const standsBy = (scheduler: Scheduler): boolean => scheduler.lease !== undefined

export const seekLead = (scheduler: Scheduler, heard: At): Effect[] =>
  lookAtLease(leaseOf(scheduler), heard.at)
export const beginSeeking = (scheduler: Scheduler, heard: At): Effect[] => [
  ...seekLead(scheduler, heard),
  ...pingLeader(scheduler, heard),
]
export const winsLead = (scheduler: Scheduler, heard: LeaseAnswered): boolean =>
  winsLease(leaseOf(scheduler), heard)
export const weighLead = (scheduler: Scheduler, heard: LeaseAnswered): Effect[] =>
  seekLease(leaseOf(scheduler), heard)

export const pingLeader = (scheduler: Scheduler, heard: At): Effect[] => [
  ask('leader.ping', leaderAddress(scheduler), {}, '', scheduler.settings.leaderPingSeconds * 1000),
  wake('ping', nextPing(leaseOf(scheduler), heard.at)),
]
/** The one that leads says by which id, so that whoever follows goes on as the same framework. */
export function hearPing(scheduler: Scheduler, { answer, at }: Answered<'leader.ping'>): Effect[] {
  const lease = leaseOf(scheduler)
  if (answer.ok) {
    noteFound(lease, at)
    if (answer.frameworkId) scheduler.frameworkId = answer.frameworkId
    return []
  }
  if (answer.code === 'timeout') return noteUnanswered(lease)
  if (answer.code !== 'no-responders') return []
  return [...noteMissed(lease, at), wake('ping', nextPing(lease, at))]
}
export const answerPing = (scheduler: Scheduler, heard: Heard<'leader.ping'>): Effect[] => {
  const { name, frameworkId } = scheduler
  const answer = { epoch: epochOf(leaseOf(scheduler)), leader: name }
  return grant(heard, frameworkId ? { ...answer, frameworkId } : answer)
}

/** It leads: its author brings back what the framework must remember, and then it subscribes. */
export const takeLead = (scheduler: Scheduler, heard: LeaseAnswered): Effect[] => [
  ...holdLease(leaseOf(scheduler), heard),
  note('info', `this instance of framework ${scheduler.name} leads`, scheduler),
  { do: 'listen', address: leaderAddress(scheduler) },
  tell({ news: 'leads' }),
]

export const renewLead = (scheduler: Scheduler, heard: Woken<'lease'>): Effect[] =>
  renewLease(leaseOf(scheduler), heard.at)
export const losesLead = (scheduler: Scheduler, heard: LeaseAnswered): boolean =>
  losesLease(leaseOf(scheduler), heard)
export const keepLead = (scheduler: Scheduler, heard: LeaseAnswered): Effect[] =>
  keepLease(leaseOf(scheduler), heard)
export const overstays = (scheduler: Scheduler, heard: At): boolean => isLapsed(leaseOf(scheduler), heard.at)

/** Another instance leads, or may: what this one knows is worth nothing any more, and it ends. */
export function loseLead(scheduler: Scheduler): Effect[] {
  const message = `another instance of framework ${scheduler.name} leads`
  return [
    { do: 'unlisten', address: leaderAddress(scheduler) },
    tell({ news: 'refused', code: 'framework-superseded', message }),
    { do: 'end', code: 'framework-superseded', message },
  ]
}

/** Gives the lead up, so that another need not wait. */
export const releaseLead = (scheduler: Scheduler, at: number): Effect[] =>
  scheduler.lease && scheduler.lease.revision > 0
    ? [{ do: 'unlisten', address: leaderAddress(scheduler) }, ...releaseLease(scheduler.lease, at)]
    : []

function leaseOf(scheduler: Scheduler): Lease {
  assert(scheduler.lease, 'only who stands by has a lease')
  return scheduler.lease
}
