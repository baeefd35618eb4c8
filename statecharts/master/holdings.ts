/**
 * What slaves hold for roles: reservations, and persistent volumes on reserved disk. The slave keeps it, whatever id it
 * has; the leader changes it by asking the slave, one change at a time.
 */
import { type Refusal, type RefusalCode, refusal } from '../../shared/errors.ts'
import type { Body, Holdings, Reservation, Volume } from '../../shared/messages.ts'
import { add, fits, inWords, isNone, none, type Resources, subtract } from '../../shared/resources.ts'
import { flawOfRole, quotaInWords } from '../../shared/roles.ts'
import { count, excess, isSome, newTally, type Tally } from '../../shared/tally.ts'
import { type Answered, ask, type Effect, type Heard, isUnanswered, say } from '../decision.ts'
import { consumedOf } from './books.ts'
import { deny } from './callers.ts'
import { noteFreed } from './freed.ts'
import { type Claim, type Master, type Offer, type Part, type Slave, slaveNamed, toSlave } from './ledger.ts'
import { rescindOffers } from './offers.ts'
import { applyHoldings, heldByRole, reservedAfter } from './reserved.ts'
import { isOver, pathOf, resolved, roleAt } from './roles.ts'

/** What is to change of a slave, for one role. */
export interface Change {
  readonly role: string
  readonly reserve: Resources
  readonly unreserve: Resources
  readonly create: readonly Omit<Volume, 'role'>[]
  readonly destroy: readonly string[]
}
interface Flaw {
  readonly code: RefusalCode
  readonly detail: string
}

/** An operator reserves some of a slave for a role, or undoes that. Offers that are in the way are taken back. */
export function reserveOnSlave(master: Master, heard: Heard<'slave.reserve'>): Effect[] {
  const slave = slaveNamed(master, heard.body.slave)
  if (!slave) return deny(master, heard, 'slave-unknown', `slave ${heard.body.slave}`)
  const flawed = flawOfRole(heard.body.role)
  if (flawed) return deny(master, heard, 'bad-role', flawed)
  const change = changedBy(resolved(master, heard.body.role), heard.body)
  if (!change) return deny(master, heard, 'bad-reservation', 'nothing is to be changed')
  const withOffers = flawOfChange(master, slave, change, heldOf(slave, true))
  const flaw = withOffers && flawOfChange(master, slave, change, heldOf(slave, false))
  if (flaw) return deny(master, heard, flaw.code, flaw.detail)
  const rescinded = withOffers ? rescindOffers(master, slave.offers, 'slave-reserved', heard.at) : []
  return [...rescinded, ...changeHoldings(master, slave, change, heard)]
}

type Asked = Pick<
  Body<'offer.accept'> & Body<'slave.reserve'>,
  'reserve' | 'unreserve' | 'createVolumes' | 'destroyVolumes'
>
/** The change that somebody asks for; undefined when it changes nothing. */
export function changedBy(role: string, asked: Asked): Change | undefined {
  const { reserve = none, unreserve = none, createVolumes: create = [], destroyVolumes: destroy = [] } = asked
  const changes = !isNone(reserve) || !isNone(unreserve) || create.length + destroy.length > 0
  return changes ? { role, reserve, unreserve, create, destroy } : undefined
}

/** What is held of a slave: by each role of what others are not owed, and by all together. */
interface Held {
  readonly byRole: ReadonlyMap<string, Tally>
  readonly all: Tally
}
function heldOf(slave: Slave, offers: boolean): Held {
  const all = newTally()
  for (const held of offers ? [slave.booked, slave.offered] : [slave.booked]) count(all, held, 1)
  return { byRole: heldByRole(slave, offers), all }
}

/** Why a slave cannot hold that; `held` is what will be held of it by then. */
export function flawOfChange(master: Master, slave: Slave, change: Change, held: Held): Flaw | undefined {
  const { role, reserve, unreserve, create, destroy } = change
  const { holdings } = slave
  if (slave.holdingsAsked) return { code: 'slave-busy', detail: `slave ${slave.name}` }
  if (reserve.ports || unreserve.ports) return { code: 'bad-reservation', detail: 'ports cannot be reserved' }
  const dynamic = add(sumFor(holdings.reserved, role), reserve)
  if (!fits(unreserve, dynamic)) {
    const detail = `${inWords(dynamic)} of slave ${slave.name} is reserved for role ${role} so that it can be undone, not ${inWords(unreserve)}`
    return { code: 'bad-reservation', detail }
  }
  const isRoles = (id: string) => holdings.volumes.some((v) => v.volumeId === id && v.role === role)
  const strange = destroy.find((id) => !isRoles(id))
  if (strange !== undefined) return { code: 'volume-unknown', detail: `volume ${strange}` }
  const used = destroy.find((id) => isInUse(slave, id))
  if (used !== undefined) return { code: 'volume-in-use', detail: `volume ${used}` }
  const names = [...holdings.volumes, ...create].map(({ volumeId }) => volumeId)
  const twice = create.find(({ volumeId }) => names.filter((name) => name === volumeId).length > 1)
  if (twice) return { code: 'volume-exists', detail: `volume ${twice.volumeId}` }
  return flawOfRoom(master, slave, change, held)
}

/** The same for a framework, which reserves out of what it is offered, and of which its tasks then need so much. */
export function flawOfOwnChange(
  master: Master,
  { slave, claim }: Offer,
  change: Change,
  offered: Resources,
  needed: Resources,
): Flaw | undefined {
  if (!fits(change.reserve, offered)) {
    const detail = `${inWords(change.reserve)} are to be reserved, and ${inWords(offered)} were offered`
    return { code: 'bad-reservation', detail }
  }
  const held = heldOf(slave, true)
  const back = subtract(offered, needed)
  count(held.all, back, -1)
  const own = held.byRole.get(claim.role.path)
  if (own) count(own, back, -1)
  return flawOfChange(master, slave, change, held)
}

/** Whether the volumes fit what is reserved for the role; and all that is reserved, and held besides, the slave. */
function flawOfRoom(master: Master, slave: Slave, change: Change, { byRole, all }: Held): Flaw | undefined {
  const { total, parts } = reservedAfter(master, slave, changed(slave.holdings, change), byRole)
  const part = parts.get(change.role)
  if (part && part.reserved.diskMb < 0) {
    const detail = `the volumes of role ${change.role} on slave ${slave.name} would take ${-part.reserved.diskMb} MiB more than the disk that is reserved for it`
    return { code: 'bad-reservation', detail }
  }
  const consumed = newTally()
  for (const each of parts.values()) count(consumed, consumedOf(each), 1)
  for (const [role, amount] of byRole) if (!parts.has(role)) count(consumed, amount, 1)
  if (fits(consumed, total) && fits(all, total)) return flawOfLimits(master, slave, change, part, byRole)
  const detail = `slave ${slave.name} has ${inWords(total)}, and what is held and reserved of it would be ${inWords(consumed)}`
  return { code: 'bad-reservation', detail }
}

/** What is reserved for a role counts towards its limit, and towards those above it. */
function flawOfLimits(
  master: Master,
  slave: Slave,
  { role: path }: Change,
  after: Part | undefined,
  held: ReadonlyMap<string, Tally>,
): Flaw | undefined {
  const role = roleAt(master, path)
  const before = slave.reserved?.get(path) ?? { reserved: newTally(), held: held.get(path) ?? newTally() }
  const more = excess(after ? consumedOf(after) : newTally(), consumedOf(before))
  const over = role && [...pathOf(role)].find((each) => isOver(each, minus(more)))
  if (!over || !isSome(more)) return undefined
  const detail = `role ${over.path} would hold ${inWords(more)} more, beyond its limit of ${quotaInWords(over.settings.limit ?? {})}`
  return { code: 'bad-reservation', detail }
}
const minus = (amount: Tally): Tally => {
  const less = newTally()
  count(less, amount, -1)
  return less
}

/** It counts at once, and the slave is asked; whoever has asked for it hears what the slave says. */
export function changeHoldings(
  master: Master,
  slave: Slave,
  change: Change,
  { type, reply }: { readonly type: string; readonly reply?: string },
): Effect[] {
  const before = slave.holdings
  const holdings = changed(before, change)
  slave.holdingsAsked = { before, type, reply }
  applyHoldings(master, slave, holdings)
  const { epoch, settings } = master
  const ref = refOf(slave)
  return [
    ask('holdings.set', toSlave(slave), { epoch, holdings }, ref, settings.holdingsTimeoutSeconds * 1000),
  ]
}

const refOf = ({ slaveId, holdings }: Slave): string => `${slaveId} ${holdings.version}`

/** The slave holds it; or it does not, and nothing has changed. */
export function hearHoldings(master: Master, heard: Answered<'holdings.set'>): Effect[] {
  const slave = master.slaves.get(heard.ref.slice(0, heard.ref.indexOf(' ')) as Slave['slaveId'])
  if (!slave?.holdingsAsked || refOf(slave) !== heard.ref) return []
  const { answer } = heard
  if (answer.ok) return [...settleHoldings(slave), ...noteFreed(master, slave, heard.at)]
  applyHoldings(master, slave, slave.holdingsAsked.before)
  const refused = isUnanswered(answer) ? silent(slave) : answer
  const told = settleHoldings(slave, refused)
  // What it truly holds it says itself.
  const { epoch } = master
  const report = say('slave.report', toSlave(slave), { epoch, seq: slave.launchSeq, expected: [] })
  return [...told, report, ...noteFreed(master, slave, heard.at)]
}

/** Whoever waits for the slave's word hears it: yes, where it did not refuse. */
export function settleHoldings(
  slave: Slave,
  refused?: Pick<Refusal, 'ok' | 'message'> & { readonly code: string },
): Effect[] {
  const { holdingsAsked, slaveId } = slave
  slave.holdingsAsked = undefined
  if (holdingsAsked?.reply === undefined) return []
  return [{ do: 'reply', to: holdingsAsked.reply, answer: refused ? { ...refused } : { ok: true, slaveId } }]
}
export const silent = (slave: Slave): Refusal => refusal('slave-silent', `slave ${slave.name}`)

/** Volumes of the claim's role that no task uses. */
export const unusedVolumes = (slave: Slave, { role }: Claim): Volume[] =>
  slave.holdings.volumes.filter((volume) => volume.role === role.path && !isInUse(slave, volume.volumeId))

/** Whether a task that is not over uses the volume. */
export const isInUse = ({ tasks }: Slave, volumeId: string): boolean =>
  [...tasks.values()].some(({ spec }) => spec.volumes?.some((mount) => mount.volumeId === volumeId))

/** The holdings after a change, which is known to be possible. */
function changed({ version, reserved, volumes }: Holdings, change: Change): Holdings {
  const { role, reserve, unreserve, create, destroy } = change
  const resources = subtract(add(sumFor(reserved, role), reserve), unreserve)
  const others = reserved.filter((each) => each.role !== role)
  return {
    version: version + 1,
    reserved: isNone(resources) ? others : [...others, { role, resources }],
    volumes: [
      ...volumes.filter(({ volumeId }) => !destroy.includes(volumeId)),
      ...create.map((volume) => ({ ...volume, role })),
    ],
  }
}

const sumFor = (reserved: readonly Reservation[], role: string): Resources =>
  reserved.filter((each) => each.role === role).reduce((sum, { resources }) => add(sum, resources), none)
