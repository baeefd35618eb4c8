/** What a slave holds for roles, whatever becomes of its tasks and of itself: reservations, and persistent volumes. */
import type { RefusalCode } from '../../shared/errors.ts'
import type { Holdings, Volume } from '../../shared/messages.ts'
import { flawOfMounts } from '../../shared/mounts.ts'
import { fits, type Resources, sum } from '../../shared/resources.ts'
import { isTerminal, type Task as TaskSpec } from '../../shared/tasks.ts'
import { type Effect, grant, type Heard, note, refuse } from '../decision.ts'
import { launchOn } from './executors.ts'
import { hearEpoch, obeys, type Slave, type Task } from './ledger.ts'
import { register } from './registration.ts'
import { type Told, update } from './updates.ts'

type At = { readonly at: number }

/** From now on it holds this, once that is on the disk. */
export function changeHoldings(slave: Slave, heard: Heard<'holdings.set'>): Effect[] {
  const { epoch, holdings } = heard.body
  if (!obeys(slave, heard)) return refuse(heard, 'stale-epoch')
  hearEpoch(slave, epoch)
  if (slave.change) return refuse(heard, 'slave-busy')
  if (holdings.version !== slave.holdings.version + 1)
    return refuse(
      heard,
      'holdings-stale',
      `version ${holdings.version} comes after ${slave.holdings.version}`,
    )
  const flaw = flawOfHoldings(slave, holdings)
  if (flaw) return refuse(heard, ...flaw)
  const destroyed = without(slave.holdings.volumes, holdings.volumes)
  for (const volumeId of destroyed) {
    const user = userOf(slave, volumeId)
    if (user) return refuse(heard, 'volume-in-use', `task ${user.spec.taskId} uses volume ${volumeId}`)
  }
  slave.change = { heard, registration: slave.registration, waiting: [] }
  const made = without(holdings.volumes, slave.holdings.volumes)
  return [{ do: 'hold', holdings, made, destroyed }]
}

/** It is on the disk, and tasks that waited for a new volume begin. */
export function keepHoldings(slave: Slave): Effect[] {
  const { change } = slave
  if (!change) return []
  slave.holdings = change.heard.body.holdings
  slave.change = undefined
  const waiting = change.waiting.filter(({ state }) => !isTerminal(state))
  return [...grant(change.heard, {}), ...waiting.flatMap((task) => launchOn(slave, task.executor, [task]))]
}
/** Whoever was told meanwhile of what we held before hears of it anew. */
export const wasReported = ({ change, registration }: Slave): boolean =>
  change !== undefined && change.registration !== registration
export const keepAndReport = (slave: Slave, heard: At): Effect[] => [
  ...keepHoldings(slave),
  ...register(slave, heard),
]

/** The disk did not take it: it holds what it held. */
export function giveUpChange(slave: Slave, heard: At & { readonly message: string }): Effect[] {
  const { change } = slave
  slave.change = undefined
  if (!change) return []
  const why: Told = { reason: 'disk-failed', message: heard.message }
  return [
    note('error', heard.message, slave),
    ...refuse(change.heard, 'disk-failed', heard.message),
    ...change.waiting.flatMap((task) => update(slave, task, 'dropped', why, heard.at)),
  ]
}

/** All that is reserved on it for anybody. */
export const reservedBy = (slave: Slave, { reserved }: Holdings): Resources =>
  sum([...slave.reserved, ...reserved].map(({ resources }) => resources))

function flawOfHoldings(slave: Slave, holdings: Holdings): [RefusalCode, string] | undefined {
  if (!fits(reservedBy(slave, holdings), slave.resources))
    return ['bad-reservation', 'more would be reserved than the slave has']
  const names = new Set(holdings.volumes.map(({ volumeId }) => volumeId))
  return names.size < holdings.volumes.length ? ['volume-exists', 'a volume is named twice'] : undefined
}

/** Why a task cannot have the volumes that it names; undefined when it can. */
export function flawOfVolumes(slave: Slave, { volumes = [], role, executor }: TaskSpec): Told | undefined {
  if (volumes.length === 0) return undefined
  const flaw = flawOfMounts(volumes)
  if (flaw) return { reason: 'bad-task', message: flaw }
  if (executor) return { reason: 'bad-task', message: 'no volume can be put into an executor that runs' }
  for (const { volumeId } of volumes) {
    if (!names(nextOf(slave), volumeId, role)) return missing(volumeId, role)
    const user = userOf(slave, volumeId)
    if (user)
      return { reason: 'refused', message: `task ${user.spec.taskId} uses volume ${volumeId} already` }
  }
  return undefined
}

/** A volume of the task that is not there: with a change on its way it may be about to be. */
export const missingVolume = ({ holdings }: Slave, { volumes = [], role }: TaskSpec): Told | undefined => {
  const mount = volumes.find(({ volumeId }) => !names(holdings, volumeId, role))
  return mount && missing(mount.volumeId, role)
}

const missing = (volumeId: string, role = 'none'): Told => ({
  reason: 'volume-missing',
  message: `there is no volume ${volumeId} of role ${role} on this slave`,
})

/** What it holds, or is about to: a volume that is about to be destroyed is nobody's any more. */
const nextOf = ({ holdings, change }: Slave): Holdings => change?.heard.body.holdings ?? holdings
const names = ({ volumes }: Holdings, volumeId: string, role: string | undefined): boolean =>
  volumes.some((volume) => volume.volumeId === volumeId && volume.role === role)

/** Few tasks have volumes, and one volume has few changes: it is looked for. */
function userOf(slave: Slave, volumeId: string): Task | undefined {
  for (const task of slave.tasks.values()) {
    const uses = task.spec.volumes?.some((mount) => mount.volumeId === volumeId)
    if (uses && !isTerminal(task.state)) return task
  }
  return undefined
}

const without = (some: readonly Volume[], others: readonly Volume[]): string[] => {
  const left = new Set(others.map(({ volumeId }) => volumeId))
  return some.map(({ volumeId }) => volumeId).filter((volumeId) => !left.has(volumeId))
}
