/** A master that stands by: it looks whose the lease is, and whether whoever has it is there. */
import { type Answered, ask, type Effect, type Heard, note, wake } from '../decision.ts'
import {
  type LeaseAnswered,
  leadsSomewhere,
  lookAtLease,
  nextPing,
  noteFound,
  noteMissed,
  noteUnanswered,
  seekLease,
  winsLease,
} from '../lease.ts'
import type { Master } from './ledger.ts'

type At = { readonly at: number }

/** A standby looks who leads, and goes on looking. */
export function beginSeeking(master: Master, heard: At): Effect[] {
  master.vacantSince = heard.at
  return [...seekOffice(master, heard), ...pingLeader(master, heard)]
}
export const seekOffice = (master: Master, heard: At): Effect[] => lookAtLease(master.lease, heard.at)
export const winsOffice = (master: Master, heard: LeaseAnswered): boolean => winsLease(master.lease, heard)

export function weighLease(master: Master, heard: LeaseAnswered): Effect[] {
  const effects = seekLease(master.lease, heard)
  const elsewhere = heard.result.outcome === 'vacant' && leadsSomewhere(master.lease, heard.at)
  if (!elsewhere || heard.at - master.vacantSince < settleMs(master)) {
    if (!elsewhere) master.vacantSince = heard.at
    return effects
  }
  master.vacantSince = heard.at
  return [...effects, note('error', `${master.name}: ${anotherCluster}`)]
}

/** Whether the leader is there: the bus says at once when nobody is. */
export const pingLeader = (master: Master, heard: At): Effect[] => [
  ask('leader.ping', { role: 'master' }, {}, '', master.settings.leaderPingSeconds * 1000),
  wake('ping', nextPing(master.lease, heard.at)),
]
export function hearPing(master: Master, heard: Answered<'leader.ping'>): Effect[] {
  const { answer, at } = heard
  if (answer.ok) {
    hearEpoch(master, answer.epoch)
    noteFound(master.lease, at)
    return []
  }
  if (!master.linked) return []
  if (answer.code === 'timeout') return noteUnanswered(master.lease)
  if (answer.code !== 'no-responders') return []
  const effects = noteMissed(master.lease, at)
  return [...effects, wake('ping', nextPing(master.lease, at))]
}
export const noteElection = (master: Master, heard: Heard<'master.elected'>): Effect[] => {
  hearEpoch(master, heard.body.epoch)
  return []
}

export function hearEpoch({ lease }: Master, epoch: number): void {
  lease.highest = Math.max(lease.highest, epoch)
}

/** So long whoever was admitted has to come, where nobody knows who was. */
export const settleMs = ({ settings }: Master): number => settings.settleSeconds * 1000

export const anotherCluster =
  'somebody leads on these subjects without holding this lease, so two clusters share them; give one of them another --cluster'
