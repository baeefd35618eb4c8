/**
 * What outlives every leader, in a KV bucket: which slaves and frameworks were admitted, and which may not come back.
 * A slave or a framework that never returns is noticed by it. All else is soft.
 */
import type { Epoch, FrameworkId, SlaveId } from '../../shared/ids.ts'
import type { Effect } from '../decision.ts'
import type { Framework, Master, Slave } from './ledger.ts'

export interface SlaveEntry {
  readonly name: string
  readonly gone?: boolean
  /** Counted from when it was written. */
  readonly drain?: { readonly withinSeconds: number; readonly graceSeconds?: number }
}
export interface FrameworkEntry {
  readonly name: string
  readonly principal: string
  readonly failoverSeconds: number
  /** It was away when this was written: its failover time counts from there. */
  readonly away?: boolean
  readonly completed?: boolean
}

/** The registry as a new leader finds it, the oldest entry first. */
export interface RegistryLoaded {
  readonly type: 'registry.loaded'
  readonly at: number
  readonly epoch: Epoch
  readonly entries: readonly Entered[]
  /** A reign with a higher epoch has begun there before: nothing else was read, or written. */
  readonly laterReign?: Epoch
}
export interface Entered {
  readonly key: string
  readonly entry: object
  readonly agoMs: number
  /** Written by a leader when a later reign had begun: it had slept, and what it said of anybody counts for nothing. */
  readonly late: boolean
}
/** What an entry says; of one that came too late only who was admitted. */
export function asOf<Entry extends SlaveEntry | FrameworkEntry>(entry: object, late: boolean): Entry & Late {
  const {
    gone: _gone,
    completed: _completed,
    away: _away,
    ...admitted
  } = entry as SlaveEntry & FrameworkEntry
  return { ...(late ? admitted : entry), late } as Entry & Late
}
export interface Late {
  readonly late: boolean
}
/** An entry stands, as it was last asked for. */
export interface RegistryKept {
  readonly type: 'registry.kept'
  readonly at: number
  readonly epoch: Epoch
  readonly key: string
}

const slaveKey = (slaveId: SlaveId) => `slave.${slaveId}`
const frameworkKey = (frameworkId: FrameworkId) => `framework.${frameworkId}`
/** Stands once the registry holds all that was admitted: it was begun long ago, or the lost ones have come back. */
export const settledKey = 'settled'
/** What operators have set for roles, all of it in one entry: it changes as a whole. */
export const sharingKey = 'sharing'
/** Whom a key names; undefined for one that is about all. */
export function namedBy(key: string): { slaveId: SlaveId } | { frameworkId: FrameworkId } | undefined {
  const id = key.slice(key.indexOf('.') + 1)
  if (key === settledKey || key === sharingKey) return undefined
  return key.startsWith('slave.') ? { slaveId: id as SlaveId } : { frameworkId: id as FrameworkId }
}

const keep = ({ epoch }: Master, key: string, entry: object | undefined): Effect => ({
  do: 'keep',
  epoch,
  key,
  entry,
})

export const keepSharing = (master: Master): Effect => keep(master, sharingKey, master.sharing)
export const keepSettled = (master: Master): Effect => keep(master, settledKey, {})

export function keepSlave(master: Master, { slaveId, name, drain }: Slave, at: number): Effect {
  const entry: SlaveEntry = { name }
  if (!drain) return keep(master, slaveKey(slaveId), entry)
  const withinSeconds = Math.max(0, (drain.by - at) / 1000)
  const { graceSeconds } = drain
  return keep(master, slaveKey(slaveId), {
    ...entry,
    drain: graceSeconds === undefined ? { withinSeconds } : { withinSeconds, graceSeconds },
  })
}

/** A slave is gone for good; of those that are, the newest so many are known. */
export function keepGone(master: Master, { slaveId, name }: Slave): Effect[] {
  master.goneSlaves.add(slaveId)
  const entry: SlaveEntry = { name, gone: true }
  return [keep(master, slaveKey(slaveId), entry), ...forgetOldest(master, master.goneSlaves, slaveKey)]
}

export const entryOf = ({ name, principal, failoverSeconds }: Framework): FrameworkEntry => ({
  name,
  principal,
  failoverSeconds,
})
export const isSameEntry = (a: FrameworkEntry, b: FrameworkEntry): boolean =>
  a.name === b.name && a.failoverSeconds === b.failoverSeconds

export function keepFramework(master: Master, framework: Framework): Effect {
  const { frameworkId } = framework
  const entry = entryOf(framework)
  framework.keptAway = framework.state === 'disconnected'
  return keep(master, frameworkKey(frameworkId), framework.keptAway ? { ...entry, away: true } : entry)
}

/** A framework is done for good. */
export function keepCompleted(master: Master, framework: Framework): Effect[] {
  const { frameworkId } = framework
  master.completedFrameworks.add(frameworkId)
  const entry: FrameworkEntry = { ...entryOf(framework), completed: true }
  return [
    keep(master, frameworkKey(frameworkId), entry),
    ...forgetOldest(master, master.completedFrameworks, frameworkKey),
  ]
}

function forgetOldest<Id>(master: Master, ids: Set<Id>, keyOf: (id: Id) => string): Effect[] {
  const [oldest] = ids
  if (ids.size <= master.settings.rememberedGone || oldest === undefined) return []
  ids.delete(oldest)
  return [keep(master, keyOf(oldest), undefined)]
}
