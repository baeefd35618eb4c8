/** What a slave holds for roles, whatever becomes of its tasks and of itself: reservations, and persistent volumes. */
import type { RefusalCode } from '../../shared/errors.ts'
import type { Holdings, Volume } from '../../shared/messages.ts'
import { flawOfMounts } from '../../shared/mounts.ts'
import { fits, type Resources, sum } from '../../shared/resources.ts'
import { isTerminal, type Task as TaskSpec } from '../../shared/tasks.ts'
import { type Effect, grant, type Heard, note, refuse } from '../decision.ts'
import { hearEpoch, obeys, type Slave, type Task } from './ledger.ts'
import { register } from './registration.ts'
import type { Told } from './updates.ts'

/** Whether the leader believes other of us than is so; while a change is on its way, nobody can tell. */
export const isMistaken = (slave: Slave, heard: Heard<'holdings.set'>): boolean =>
  obeys(slave, heard) && !slave.change && heard.body.holdings.version !== slave.holdings.version + 1

/** It hears what we hold in truth. */
export function correctLeader(slave: Slave, heard: Heard<'holdings.set'>): Effect[] {
  hearEpoch(slave, heard.body.epoch)
  const detail = `version ${heard.body.holdings.version} does not follow ${slave.holdings.version}`
  return [...refuse(heard, 'holdings-stale', detail), ...register(slave, heard)]
}

/** From now on it holds this, once that is on the disk. */
export function changeHoldings(slave: Slave, heard: Heard<'holdings.set'>): Effect[] {
  const { epoch, holdings } = heard.body
  if (!obeys(slave, heard)) return refuse(heard, 'stale-epoch')
  hearEpoch(slave, epoch)
  if (slave.change) return refuse(heard, 'slave-busy')
  const flaw = flawOfHoldings(slave, holdings)
  if (flaw) return refuse(heard, ...flaw)
  const destroyed = without(slave.holdings.volumes, holdings.volumes)
  for (const volumeId of destroyed) {
    const user = userOf(slave, volumeId)
    if (user) return refuse(heard, 'volume-in-use', `task ${user.spec.taskId} uses volume ${volumeId}`)
  }
  slave.change = { heard, registration: slave.registration }
  const made = without(holdings.volumes, slave.holdings.volumes)
  return [{ do: 'hold', holdings, made, destroyed }]
}

/** It is on the disk. Whoever was told meanwhile of what we held before hears of it anew. */
export function keepHoldings(slave: Slave): Effect[] {
  const { change } = slave
  if (!change) return []
  slave.holdings = change.heard.body.holdings
  slave.change = undefined
  return grant(change.heard, {})
}
export const wasReported = ({ change, registration }: Slave): boolean =>
  change !== undefined && change.registration !== registration
export const keepAndReport = (slave: Slave, heard: { readonly at: number }): Effect[] => [
  ...keepHoldings(slave),
  ...register(slave, heard),
]

/** The disk did not take it: it holds what it held. */
export function giveUpChange(slave: Slave, heard: { readonly message: string }): Effect[] {
  const { change } = slave
  slave.change = undefined
  const refused = change ? refuse(change.heard, 'disk-failed', heard.message) : []
  return [note('error', heard.message), ...refused]
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
export function flawOfVolumes(slave: Slave, spec: TaskSpec): Told | undefined {
  const { volumes: mounts = [], executor } = spec
  if (mounts.length === 0) return undefined
  const flaw = flawOfMounts(mounts)
  if (flaw) return { reason: 'bad-task', message: flaw }
  if (executor)
    return { reason: 'bad-task', message: `executor ${executor.name} runs already: ${notMounted}` }
  for (const { volumeId } of mounts) {
    if (!has(slave, volumeId, spec.role))
      return { reason: 'volume-missing', message: missing(volumeId, spec) }
    const user = userOf(slave, volumeId)
    if (user)
      return { reason: 'refused', message: `volume ${volumeId} is in use by task ${user.spec.taskId}` }
  }
  return undefined
}
const notMounted = 'no volume can be put into what runs already; only tasks with a command have volumes'
const missing = (volumeId: string, { role = 'none' }: TaskSpec) =>
  `there is no volume ${volumeId} of role ${role} on this slave`

/** One that is about to be destroyed is nobody's any more. */
const has = ({ holdings, change }: Slave, volumeId: string, role: string | undefined): boolean =>
  [holdings, change?.heard.body.holdings ?? holdings].every(({ volumes }) =>
    volumes.some((volume) => volume.volumeId === volumeId && volume.role === role),
  )

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
