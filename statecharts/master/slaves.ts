/** Slaves: they register with all that they have and run, and are heard from. */
import { executorIdOf, mint, type SlaveId, taskKey } from '../../shared/ids.ts'
import type { Holdings } from '../../shared/messages.ts'
import { add, fits, flawOf, none, type Resources } from '../../shared/resources.ts'
import { newTally } from '../../shared/tally.ts'
import { isTerminal } from '../../shared/tasks.ts'
import { Bits } from '../bits.ts'
import { type Effect, grant, type Heard, note, say } from '../decision.ts'
import { newMismatch } from '../mismatch.ts'
import { deny } from './callers.ts'
import { noteFreed } from './freed.ts'
import { settleHoldings, silent } from './holdings.ts'
import { isAwaited, type Master, type Slave, toSlave } from './ledger.ts'
import { removeSlave } from './losses.ts'
import { moveSlave, tellSlave } from './moves.ts'
import { rescindOffers } from './offers.ts'
import { keepPace, paceOf, periodOf } from './pace.ts'
import { compareBooks, enterReport, expectedOn, orphanReport, type Report } from './reconcile.ts'
import { keepSlave, type Late, type SlaveEntry } from './registry.ts'
import { applyHoldings } from './reserved.ts'

/** A slave comes, or comes back, with all that it has and runs. */
export function registerSlave(master: Master, heard: Heard<'slave.register'>): Effect[] {
  const name = heard.from.id
  const flaw = flawOf(heard.body.resources)
  if (flaw) return deny(master, heard, 'bad-resources', flaw)
  if (heard.body.slaveId && master.goneSlaves.has(heard.body.slaveId)) {
    return deny(master, heard, 'slave-gone', `slave ${heard.body.slaveId}`)
  }
  const other = heard.body.slaveId && master.slaves.get(heard.body.slaveId)
  if (other && other.name !== name)
    return deny(master, heard, 'slave-gone', `${other.slaveId} is slave ${other.name} here`)
  const report = wholeReport(master, name, heard.body)
  if (report === 'broken')
    return deny(master, heard, 'unheard', `a part of the report of slave ${name} is missing`)
  if (report === 'more')
    return grant(heard, {
      slaveId: heard.body.slaveId ?? ('' as SlaveId),
      epoch: master.epoch,
      reign: master.lease.nonce,
      beatSeconds: periodOf(master),
    })

  const namesake = master.slavesByName.get(name)
  const known = namesake && isSame(namesake, heard) ? namesake : undefined
  if (namesake && !known && !isReplaceable(namesake, heard))
    return deny(master, heard, 'slave-name-in-use', `slave ${name}`)
  const held = heldIn(report, known)
  if (!fits(held, heard.body.resources)) return deny(master, heard, 'slave-too-small', `slave ${name}`)

  const replaced =
    namesake && !known ? removeSlave(master, namesake, 'another slave has taken its name', heard.at) : []
  const slave = known ?? newSlave(master, name, heard.body.slaveId, heard.body.incarnation)
  // Whoever is to be empty is so whichever life of it comes.
  if (!known) slave.drain = namesake?.drain
  const kept = known ? [] : [keepSlave(master, slave, heard.at)]
  const rescinded = rescindOffers(master, slave.offers, 'slave-registered', heard.at)
  const { holdings } = heard.body
  const settled = settleHoldings(
    slave,
    holdings?.version === slave.holdings.version ? undefined : silent(slave),
  )
  takeDescription(master, slave, heard.body)
  slave.heardAt = heard.at
  slave.mismatch = newMismatch()
  moveSlave(master, slave, 'register')
  return [
    ...replaced,
    ...kept,
    ...settled,
    ...rescinded,
    ...grant(heard, {
      slaveId: slave.slaveId,
      epoch: master.epoch,
      reign: master.lease.nonce,
      ...paceOf(master, slave),
    }),
    ...enterReport(master, slave, report, heard.body.seq, heard.at),
  ]
}

/** It is there and listens; its digest shows whether our books agree. */
export function noteSlaveBeat(master: Master, heard: Heard<'slave.beat'>): Effect[] {
  const slave = master.slaves.get(heard.body.slaveId)
  if (!slave || isAwaited(slave)) return [orphanReport(master, heard.body.slaveId)]
  if (slave.incarnation !== heard.body.incarnation) return supersede(master, slave, heard)
  slave.heardAt = heard.at
  if (slave.state === 'unreachable') return expectedOn(master, slave)
  const joins = slave.state === 'registering' || slave.state === 'disconnected'
  moveSlave(master, slave, slave.drain ? 'drain' : 'beat')
  slave.unacked = heard.body.unacked
  master.unacked[slave.unacked > 0 ? 'add' : 'delete'](slave)
  if (slave.unacked === 0) Object.assign(slave, { quietAt: heard.at, ended: nobody })
  return [
    ...keepPace(master, slave, heard),
    ...compareBooks(master, slave, heard.body.digest),
    ...noteClosed(master, slave, heard.body.closed, heard.at),
    ...(joins ? noteFreed(master, slave, heard.at) : []),
  ]
}

/** A slave that was admitted before this leader's time; until it comes, only its name is known. */
export function recallSlave(
  master: Master,
  slaveId: SlaveId,
  { name, gone = false, drain, late }: SlaveEntry & Late,
  agoMs: number,
  at: number,
): Effect[] {
  if (gone) {
    master.goneSlaves.add(slaveId)
    return []
  }
  const slave = newSlave(master, name, slaveId, '')
  moveSlave(master, slave, 'recall')
  slave.kept = true
  slave.heardAt = at
  if (drain) {
    const { withinSeconds, graceSeconds } = drain
    slave.drain = { by: at + Math.max(0, withinSeconds * 1000 - agoMs), graceSeconds }
  }
  return late ? [keepSlave(master, slave, at)] : []
}

/** Another process goes on by this id: the one that was heard must stop, and leave alone what both would run. */
function supersede(master: Master, slave: Slave, heard: Heard<'slave.beat'>): Effect[] {
  const { incarnation } = heard.body
  const message = `another process goes on as slave ${slave.name} (${slave.slaveId})`
  const told = say('slave.shutdown', toSlave(slave), {
    epoch: master.epoch,
    code: 'slave-superseded',
    message,
    incarnation,
  })
  return [...deny(master, heard, 'slave-superseded', `slave ${slave.name}`), told]
}

/** A slave takes no tasks for a while, and says why; or does again. */
function noteClosed(master: Master, slave: Slave, closed: string | undefined, at: number): Effect[] {
  if (slave.closed === closed) return []
  slave.closed = closed
  master.uncounted.add(slave)
  if (closed === undefined)
    return [note('info', `slave ${slave.name} takes tasks again`, slave), ...noteFreed(master, slave, at)]
  return [
    note('warn', `slave ${slave.name} takes no tasks: ${closed}`, slave),
    ...rescindOffers(master, slave.offers, 'slave-closed', at),
  ]
}

/** The same slave: it says so by its id, or is a process whose answer was lost. */
const isSame = (namesake: Slave, { body }: Heard<'slave.register'>): boolean =>
  namesake.slaveId === body.slaveId || namesake.incarnation === body.incarnation
/** Nobody lives by that name any more, or it says itself that it was that slave in an earlier life of its machine. */
const isReplaceable = (namesake: Slave, { body }: Heard<'slave.register'>): boolean =>
  namesake.state === 'unreachable' || namesake.slaveId === body.formerId || isAwaited(namesake)

const nobody: ReadonlySet<string> = new Set()

function newSlave(master: Master, name: string, slaveId: SlaveId | undefined, incarnation: string): Slave {
  const slave: Slave = {
    slaveId: slaveId ?? mint<SlaveId>(master.epoch, 'S', ++master.counts.slaves),
    name,
    incarnation,
    isolation: '',
    attributes: {},
    declared: none,
    total: none,
    state: 'registering',
    booked: none,
    offered: none,
    free: undefined,
    revocable: newTally(),
    short: newTally(),
    reserved: undefined,
    ownReserved: [],
    holdings: nothingForRoles,
    holdingsAsked: undefined,
    counted: newTally(),
    refusedBy: new Bits(),
    leastRefused: undefined,
    refusals: 0,
    keptFor: undefined,
    earmarks: new Map(),
    offers: new Set(),
    tasks: new Map(),
    executors: new Map(),
    heardAt: 0,
    beatSeconds: master.settings.slaveBeatSeconds,
    launchSeq: 0,
    kept: false,
    unacked: 0,
    ended: nobody,
    quietAt: Number.NEGATIVE_INFINITY,
    endedAt: Number.NEGATIVE_INFINITY,
    closed: undefined,
    drain: undefined,
    digest: 0,
    mismatch: newMismatch(),
  }
  master.slaves.set(slave.slaveId, slave)
  master.slavesByName.set(name, slave)
  tellSlave(master, slave, '')
  return slave
}

function takeDescription(master: Master, slave: Slave, body: Heard<'slave.register'>['body']): void {
  const { resources: declared, attributes, isolation, incarnation, reserved: ownReserved = [] } = body
  Object.assign(slave, { declared, attributes, isolation, incarnation, ownReserved })
  applyHoldings(master, slave, body.holdings ?? nothingForRoles)
  tellSlave(master, slave)
}
const nothingForRoles: Holdings = { version: 0, reserved: [], volumes: [] }

/** A report that is said in parts is kept until its last part is here; without one of them it is none. */
function wholeReport(
  master: Master,
  name: string,
  { part = 0, last = true, incarnation, tasks, executors, ended = [] }: Heard<'slave.register'>['body'],
): Report | 'more' | 'broken' {
  const before = part > 0 ? master.partial.get(name) : { parts: 0, incarnation, ...nothingHeld }
  master.partial.delete(name)
  if (before?.parts !== part || before.incarnation !== incarnation) return 'broken'
  const whole = {
    tasks: [...before.tasks, ...tasks],
    executors: [...before.executors, ...executors],
    ended: [...before.ended, ...ended],
  }
  if (last) return whole
  master.partial.set(name, { ...whole, incarnation, parts: part + 1 })
  return 'more'
}
const nothingHeld: Report = { tasks: [], executors: [], ended: [] }

/** What the slave must have room for: all that it reports, and what is on its way to it. */
function heldIn(report: Report, known: Slave | undefined): Resources {
  let held = none
  const reported = new Set<string>()
  for (const { frameworkId, task, state } of report.tasks) {
    reported.add(taskKey(frameworkId, task.taskId))
    if (!isTerminal(state)) held = add(held, task.resources)
  }
  for (const executor of report.executors) {
    reported.add(executorIdOf(executor.frameworkId, executor.name))
    held = add(held, executor.resources)
  }
  for (const [key, task] of known?.tasks ?? []) if (!reported.has(key)) held = add(held, task.spec.resources)
  for (const executor of known?.executors.values() ?? []) {
    if (!reported.has(executorIdOf(executor.claim.framework.frameworkId, executor.name)))
      held = add(held, executor.resources)
  }
  return held
}
