/** Office: taken, kept by the lease, and left. */
import type { Sharing } from '../../shared/roles.ts'
import {
  type Effect,
  grant,
  type Heard,
  note,
  refuse,
  say,
  type TurnedAway,
  type Woken,
  wake,
} from '../decision.ts'
import {
  doubtLease,
  dropLease,
  epochOf,
  holdLease,
  isLapsed,
  keepLease,
  type LeaseAnswered,
  losesLease,
  releaseLease,
  renewLease,
} from '../lease.ts'
import { checkDrains } from './drains.ts'
import { checkFrameworks, recallFramework } from './frameworks.ts'
import { lookAtAll } from './freed.ts'
import { empty, type Master } from './ledger.ts'
import { checkSlaves } from './losses.ts'
import { returnSeconds } from './pace.ts'
import {
  asOf,
  type Entered,
  type FrameworkEntry,
  keepSettled,
  namedBy,
  type RegistryLoaded,
  type SlaveEntry,
  settledKey,
  sharingKey,
} from './registry.ts'
import { checkRevocations } from './revocation.ts'
import { recallSharing } from './sharing.ts'
import { recallSlave } from './slaves.ts'
import { anotherCluster, beginSeeking, hearEpoch, settleMs } from './standby.ts'

type At = { readonly at: number }

export const answerPing = (master: Master, heard: Heard<'leader.ping'>): Effect[] =>
  grant(heard, { epoch: master.epoch, leader: master.name })

/** The lease is ours, and its revision is the epoch: what outlives leaders is read before anybody is asked to come. */
export function enterOffice(master: Master, heard: LeaseAnswered): Effect[] {
  const held = holdLease(master.lease, heard)
  master.epoch = epochOf(master.lease)
  master.lease.highest = master.epoch
  return [...held, { do: 'listen', address: { role: 'master' } }, { do: 'load', epoch: master.epoch }]
}

/** Whether this is the registry as our own reign began with it. */
export const isOfReign = (master: Master, heard: RegistryLoaded): boolean => heard.epoch === master.epoch

/** Whoever was admitted is known; everybody hears of us, and comes with what they have. */
export function takeOffice(master: Master, heard: RegistryLoaded): Effect[] {
  master.electedAt = heard.at
  master.lookedAt = heard.at
  master.fresh = !heard.entries.some(({ key }) => key === settledKey)
  master.settledAt = master.fresh ? heard.at + settleMs(master) : heard.at
  const mended = heard.entries.flatMap((entered) => recall(master, entered, heard.at))
  const { slaveBeatSeconds, sweepSeconds } = master.settings
  const elected = { epoch: master.epoch, leader: master.name, reign: master.lease.nonce }
  const withinSeconds = returnSeconds(master)
  return [
    note('info', `${master.name} leads, epoch ${master.epoch}`),
    ...mended,
    say(
      'master.elected',
      { role: 'all' },
      withinSeconds === undefined ? elected : { ...elected, withinSeconds },
    ),
    wake('silence', heard.at + slaveBeatSeconds * 1000),
    wake('sweep', heard.at + sweepSeconds * 1000),
  ]
}

function recall(master: Master, { key, entry, agoMs, late }: Entered, at: number): Effect[] {
  // One that came too late was in force all the same: what it replaced is gone.
  if (key === sharingKey) return recallSharing(master, entry as Sharing)
  const named = namedBy(key)
  if (!named) return []
  if ('slaveId' in named) return recallSlave(master, named.slaveId, asOf<SlaveEntry>(entry, late), agoMs, at)
  return recallFramework(master, named.frameworkId, asOf<FrameworkEntry>(entry, late), agoMs, at)
}

export const renewOffice = (master: Master, heard: At): Effect[] => renewLease(master.lease, heard.at)
export const losesOffice = (master: Master, heard: LeaseAnswered): boolean => losesLease(master.lease, heard)
export const overstays = (master: Master, heard: At): boolean => isLapsed(master.lease, heard.at)

/** Another leader was heard of, and yet the lease is ours: he has another one. */
export const isRivalled = (master: Master, heard: LeaseAnswered): boolean =>
  heard.result.outcome === 'held' &&
  heard.result.nonce === master.lease.nonce &&
  master.lease.highest > master.epoch &&
  master.rival !== ''

/** A leader whose lease has lapsed decides nothing any more, whatever it hears first: it may have slept meanwhile. */
export function reigning<Event extends { readonly type: string; readonly at: number }>(
  decision: (master: Master, heard: Event) => readonly Effect[],
) {
  const decided = (master: Master, heard: Event): readonly Effect[] =>
    overstays(master, heard) ? refuse(heard, 'unheard', heard.type) : decision(master, heard)
  return Object.defineProperty(decided, 'name', { value: decision.name })
}

export const keepOffice = (master: Master, heard: LeaseAnswered): Effect[] => keepLease(master.lease, heard)

/** Somebody leads by a later epoch than ours: the lease tells whether he has succeeded us. */
export const isHigher = (master: Master, heard: Heard<'master.elected'>): boolean =>
  heard.body.epoch > master.epoch
export function doubtOffice(master: Master, heard: Heard<'master.elected'>): Effect[] {
  hearEpoch(master, heard.body.epoch)
  master.rival = heard.body.leader
  return doubtLease(master.lease, heard.at)
}
/** A slave has heard a higher epoch than ours, or ours of another: the store that counts them was lost. */
export const isBelow = (
  master: Master,
  { body: { heardEpoch, heardReign } }: Heard<'slave.register'>,
): boolean =>
  heardEpoch > master.epoch ||
  (heardEpoch === master.epoch && heardReign !== undefined && heardReign !== master.lease.nonce)
/** The registry knows of a reign with a higher epoch: he has succeeded us, or the store that counts them was lost. */
export const isOutlived = (master: Master, heard: RegistryLoaded): boolean =>
  isOfReign(master, heard) && heard.laterReign !== undefined

/** Another reign begins above all that was heard. */
export function riseAbove(master: Master, heard: Heard<'slave.register'> | RegistryLoaded): Effect[] {
  const [who, epoch] =
    heard.type === 'slave.register'
      ? [`slave ${heard.from.id} has heard epoch`, heard.body.heardEpoch]
      : ['the registry knows epoch', heard.laterReign ?? 0]
  hearEpoch(master, epoch)
  const why = `${who} ${epoch} of another leader, and this is ${master.epoch}`
  return [
    note(
      'warn',
      `${why}: unless he leads, the store that counts epochs was lost; it is counted on from there`,
    ),
    ...leaveOffice(master, heard),
  ]
}

/** The lease is lost: not a word more in its name, and nothing of the books is worth keeping. */
export function leaveOffice(master: Master, heard: At): Effect[] {
  const { epoch } = master
  dropLease(master.lease)
  empty(master)
  return [
    { do: 'unlisten', address: { role: 'master' } },
    note('warn', `${master.name} does not lead any more (epoch ${epoch})`),
    ...beginSeeking(master, heard),
  ]
}

/** Two leaders by two leases, and both are heard by everybody: the one with the lower epoch stops. */
export function yieldToRival(master: Master, heard: At): Effect[] {
  const message = `${master.rival} leads here by another lease, with epoch ${master.lease.highest} above ${master.epoch}: ${anotherCluster}`
  const released = releaseLease(master.lease, heard.at)
  empty(master)
  return [
    { do: 'unlisten', address: { role: 'master' } },
    ...released,
    note('error', message),
    { do: 'end', code: 'another-cluster', message },
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
export function checkSilence(master: Master, heard: Woken<'silence'>): Effect[] {
  const beatMs = master.settings.slaveBeatSeconds * 1000
  // Had it been stopped itself, it heard nobody meanwhile, whoever spoke.
  if (heard.at - master.lookedAt > 2 * beatMs) regainLink(master, heard)
  master.lookedAt = heard.at
  return [
    ...settle(master, heard.at),
    ...(master.linked
      ? [
          ...checkSlaves(master, heard.at),
          ...checkDrains(master, heard.at),
          ...checkFrameworks(master, heard.at),
          ...checkRevocations(master, heard.at),
        ]
      : []),
    wake('silence', heard.at + beatMs),
  ]
}

/** Whoever was to come back after the registry was lost has had the time for it: from now on it is whole. */
function settle(master: Master, at: number): Effect[] {
  if (!master.fresh || at < master.settledAt) return []
  master.fresh = false
  return [keepSettled(master)]
}

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
  ...lookAtAll(master, heard.at),
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
