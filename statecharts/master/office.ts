/** Office: sought by a standby, taken, kept by the lease, and left. */
import {
  type Answered,
  ask,
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
  leadsSomewhere,
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
import { checkDrains } from './drains.ts'
import { checkFrameworks, recallFramework } from './frameworks.ts'
import { noteFreed, noteWanted } from './freed.ts'
import { empty, type Master } from './ledger.ts'
import { checkSlaves } from './losses.ts'
import {
  asOf,
  type Entered,
  type FrameworkEntry,
  keepSettled,
  namedBy,
  type RegistryKept,
  type RegistryLoaded,
  type SlaveEntry,
  settledKey,
} from './registry.ts'
import { recallSlave } from './slaves.ts'

type At = { readonly at: number }

/** A standby looks who leads, and goes on looking. */
export const beginSeeking = (master: Master, heard: At): Effect[] => [
  ...seekOffice(master, heard),
  ...pingLeader(master, heard),
]
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
  return [
    note('info', `${master.name} leads, epoch ${master.epoch}`),
    ...mended,
    say(
      'master.elected',
      { role: 'all' },
      { epoch: master.epoch, leader: master.name, reign: master.lease.nonce },
    ),
    wake('silence', heard.at + slaveBeatSeconds * 1000),
    wake('sweep', heard.at + sweepSeconds * 1000),
  ]
}

function recall(master: Master, { key, entry, agoMs, late }: Entered, at: number): Effect[] {
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
export const noteElection = (master: Master, heard: Heard<'master.elected'>): Effect[] => {
  hearEpoch(master, heard.body.epoch)
  return []
}

/** A slave has heard a higher epoch than ours, or ours of another: the store that counts them was lost. */
export const isBelow = (
  master: Master,
  { body: { heardEpoch, heardReign } }: Heard<'slave.register'>,
): boolean =>
  heardEpoch > master.epoch ||
  (heardEpoch === master.epoch && heardReign !== undefined && heardReign !== master.lease.nonce)
/** Another reign begins above all that was heard. */
export function riseAbove(master: Master, heard: Heard<'slave.register'>): Effect[] {
  const { heardEpoch } = heard.body
  hearEpoch(master, heardEpoch)
  const why = `slave ${heard.from.id} has heard epoch ${heardEpoch} of another leader, and this is ${master.epoch}`
  return [
    note('warn', `${why}: the store that counts epochs was lost; it is counted on from there`),
    ...leaveOffice(master, heard),
  ]
}

function hearEpoch({ lease }: Master, epoch: number): void {
  lease.highest = Math.max(lease.highest, epoch)
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
const anotherCluster =
  'somebody leads on these subjects without holding this lease, so two clusters share them; give one of them another --cluster'

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
  ...noteWanted(master, heard.at),
  wake('sweep', heard.at + master.settings.sweepSeconds * 1000),
]

/** A stranger was turned away at the door; it is counted. */
export function countStranger(master: Master, heard: TurnedAway): Effect[] {
  master.refused.set(heard.code, (master.refused.get(heard.code) ?? 0) + 1)
  return [{ do: 'refused', heard: heard.type, code: heard.code, message: heard.message }]
}

const settleMs = ({ settings }: Master): number => settings.settleSeconds * 1000

const endOf = (master: Master): Effect => ({
  do: 'end',
  code: 'stopped',
  message: `${master.name} has stopped`,
})

/** An entry stands in the registry: what it names may be offered, or be offered of. */
export function noteKept(master: Master, heard: RegistryKept): Effect[] {
  if (heard.epoch !== master.epoch) return []
  const named = namedBy(heard.key)
  if (!named) return []
  const thing =
    'slaveId' in named ? master.slaves.get(named.slaveId) : master.frameworks.get(named.frameworkId)
  if (!thing || thing.kept) return []
  thing.kept = true
  return 'slaveId' in thing
    ? noteFreed(master, thing, heard.at)
    : thing.state === 'active'
      ? noteWanted(master, heard.at)
      : []
}
