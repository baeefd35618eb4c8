/** Office: sought by a standby, taken, kept by the lease, and left. */
import { type Effect, type Heard, note, say, type TurnedAway, type Woken, wake } from '../decision.ts'
import { checkFrameworks } from './frameworks.ts'
import { noteWanted } from './freed.ts'
import {
  dropLease,
  holdLease,
  isLapsed,
  keepLease,
  type LeaseAnswered,
  lookAtLease,
  losesLease,
  releaseLease,
  renewLease,
  seekLease,
  winsLease,
} from './lease.ts'
import { empty, type Master } from './ledger.ts'
import { checkSlaves } from './slaves.ts'

type At = { readonly at: number }

/** A standby looks who leads, and goes on looking. */
export const seekOffice = (master: Master, heard: At): Effect[] => lookAtLease(master.lease, heard.at)
export const weighLease = (master: Master, heard: LeaseAnswered): Effect[] => seekLease(master.lease, heard)
export const winsOffice = (master: Master, heard: LeaseAnswered): boolean => winsLease(master.lease, heard)

/** The lease is ours. Its revision is the epoch; everybody hears it and comes with what they have. */
export function takeOffice(master: Master, heard: LeaseAnswered): Effect[] {
  const held = holdLease(master.lease, heard)
  master.epoch = master.lease.revision
  master.electedAt = heard.at
  const { slaveBeatSeconds, sweepSeconds } = master.settings
  return [
    ...held,
    note('info', `${master.name} leads, epoch ${master.epoch}`),
    { do: 'listen', address: { role: 'master' } },
    say('master.elected', { role: 'all' }, { epoch: master.epoch, leader: master.name }),
    wake('silence', heard.at + slaveBeatSeconds * 1000),
    wake('sweep', heard.at + sweepSeconds * 1000),
  ]
}

export const renewOffice = (master: Master, heard: At): Effect[] => renewLease(master.lease, heard.at)
export const keepOffice = (master: Master, heard: LeaseAnswered): Effect[] => keepLease(master.lease, heard)
export const losesOffice = (master: Master, heard: LeaseAnswered): boolean => losesLease(master.lease, heard)
export const overstays = (master: Master, heard: At): boolean => isLapsed(master.lease, heard.at)

/** Somebody leads by a later lease than ours. */
export const isSucceeded = (master: Master, heard: Heard<'master.elected'>): boolean =>
  heard.body.epoch > master.epoch

/** The lease is lost: not a word more in its name, and nothing of the books is worth keeping. */
export function leaveOffice(master: Master, heard: At): Effect[] {
  const { epoch } = master
  dropLease(master.lease)
  empty(master)
  return [
    { do: 'unlisten', address: { role: 'master' } },
    note('warn', `${master.name} does not lead any more (epoch ${epoch})`),
    ...seekOffice(master, heard),
  ]
}

/** A leader that is stopped gives its lease up at once, so that nobody waits for it to lapse. */
export function resign(master: Master, heard: At): Effect[] {
  const released = releaseLease(master.lease, heard.at)
  empty(master)
  return [{ do: 'unlisten', address: { role: 'master' } }, ...released, endOf(master)]
}
export const standDown = (master: Master): Effect[] => [endOf(master)]

/** Looks for whoever has fallen silent, on both sides. */
export const checkSilence = (master: Master, heard: Woken<'silence'>): Effect[] => [
  ...(master.linked ? [...checkSlaves(master, heard.at), ...checkFrameworks(master, heard.at)] : []),
  wake('silence', heard.at + master.settings.slaveBeatSeconds * 1000),
]

/** Its own link is down: whoever is silent now is not to blame. */
export function loseLink(master: Master): Effect[] {
  master.linked = false
  return []
}

/** The link is back: everybody has his time again, counted from now. */
export function regainLink(master: Master, heard: At): Effect[] {
  master.linked = true
  for (const slave of master.slaves.values()) slave.heardAt = heard.at
  for (const framework of master.frameworks.values()) framework.heardAt = heard.at
  return []
}

/** The safety net: whatever event was missed, all that is free is looked at again. */
export const sweep = (master: Master, heard: Woken<'sweep'>): Effect[] => [
  ...noteWanted(master, heard.at),
  wake('sweep', heard.at + master.settings.sweepSeconds * 1000),
]

/** A stranger was turned away at the door; it is counted. */
export function countStranger(master: Master, heard: TurnedAway): Effect[] {
  master.refused.set(heard.code, (master.refused.get(heard.code) ?? 0) + 1)
  return [{ do: 'refused', heard: heard.type, code: heard.code, message: heard.message }]
}

const endOf = (master: Master): Effect => ({
  do: 'end',
  code: 'stopped',
  message: `${master.name} has stopped`,
})
