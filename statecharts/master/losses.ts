/** Slaves that stop, fall silent, and are given up. */
import { count } from '../../shared/tally.ts'
import type { Status } from '../../shared/tasks.ts'
import { type Effect, type Heard, note, say } from '../decision.ts'
import { leaveExecutor } from './books.ts'
import { settleHoldings, silent } from './holdings.ts'
import { type Executor, isAwaited, type Master, type Slave, toFramework } from './ledger.ts'
import { moveSlave } from './moves.ts'
import { rescindOffers } from './offers.ts'
import { periodOf, stretched } from './pace.ts'
import { keepGone } from './registry.ts'
import { dropReserved } from './reserved.ts'
import { advance, ownWord, tellFrameworks } from './tasks.ts'

/** A slave stops on purpose. If it left anything, it is given its time to come back to it. */
export function noteSlaveLeft(master: Master, heard: Heard<'slave.leave'>): Effect[] {
  const slave = master.slaves.get(heard.body.slaveId)
  if (slave?.incarnation !== heard.body.incarnation) return []
  // One that is to be empty is known by its name until it comes again.
  return !heard.body.kept && !slave.drain
    ? removeSlave(master, slave, 'it was stopped', heard.at, 'info')
    : loseSlave(master, slave, heard.at)
}

/**
 * Looks for slaves that have fallen silent, and for those that did not come back: as often as they are to speak, so that
 * very many cost no more than a bounded number.
 */
export function checkSlaves(master: Master, at: number): Effect[] {
  const everyMs = periodOf(master) * 1000
  const isMany = everyMs > master.settings.slaveBeatSeconds * 1000
  if (isMany && at - master.lookedAtSlaves < everyMs) return []
  master.lookedAtSlaves = at
  const effects: Effect[] = []
  const overdue: Slave[] = []
  // Of very many slaves hardly one is silent: those that are not cost no more than this look.
  for (const slave of master.slaves.values()) {
    if (at - slave.heardAt < master.settings.slaveBeatSeconds * 1000) continue
    effects.push(...checkSlave(master, slave, at))
    if (isOverdue(master, slave, at)) overdue.push(slave)
  }
  return overdue.length === 0 ? effects : [...effects, ...giveUpSlaves(master, overdue, at)]
}

function checkSlave(master: Master, slave: Slave, at: number): Effect[] {
  const silentSeconds = (at - slave.heardAt) / 1000
  if (slave.state === 'unreachable' || isAwaited(slave)) return []
  if (silentSeconds >= timeoutSeconds(master, slave)) return loseSlave(master, slave, at)
  if (silentSeconds < master.settings.slaveMissedBeats * slave.beatSeconds) return []
  moveSlave(master, slave, 'miss')
  return rescindOffers(master, slave.offers, 'slave-disconnected', at)
}

/** Silence that makes a slave unreachable: longer than the setting where slaves speak more seldom than that says. */
const timeoutSeconds = (master: Master, slave: Slave): number =>
  stretched(master, slave, master.settings.slaveTimeoutSeconds)

/** Whether a slave has stayed away for longer than anybody waits. */
function isOverdue(master: Master, slave: Slave, at: number): boolean {
  const { slaveReregisterSeconds, slaveGoneSeconds, slaveTimeoutSeconds } = master.settings
  const silentSeconds = (at - slave.heardAt) / 1000
  if (isAwaited(slave)) return silentSeconds >= slaveReregisterSeconds
  // What its timeout is longer it is not away yet.
  const notAwaySeconds = timeoutSeconds(master, slave) - slaveTimeoutSeconds
  return slave.state === 'unreachable' && silentSeconds >= slaveGoneSeconds + notAwaySeconds
}

/** No faster than the bound; and none at all while so many are away that the fault may be elsewhere. */
function giveUpSlaves(master: Master, overdue: readonly Slave[], at: number): Effect[] {
  const { removalsPerMinute } = master.settings
  while ((master.removals[0] ?? at) < at - 60_000) master.removals.shift()
  const tooMany = areTooManyAway(master)
  const news = tooMany && !master.massLoss ? [note('error', massLossInWords(master))] : []
  master.massLoss = tooMany
  if (tooMany) return news
  const now = overdue.slice(0, removalsPerMinute - master.removals.length)
  for (const _ of now) master.removals.push(at)
  return now.flatMap((slave) => removeSlave(master, slave, 'it did not come back', at))
}

function away(master: Master): number {
  let count = 0
  for (const slave of master.slaves.values()) if (slave.state === 'unreachable' || isAwaited(slave)) count++
  return count
}
function areTooManyAway(master: Master): boolean {
  const { massLossSlaves, massLossPart } = master.settings
  const count = away(master)
  return count >= massLossSlaves && count > massLossPart * master.slaves.size
}
const massLossInWords = (master: Master): string =>
  `${away(master)} of ${master.slaves.size} slaves are away: none is given up while so many are, for the fault may be the network's. \`proffer gone SLAVE\` gives one up`

/** A slave cannot be reached: nothing more is offered of it, and its tasks are told unreachable. */
function loseSlave(master: Master, slave: Slave, at: number): Effect[] {
  moveSlave(master, slave, 'part')
  const tasks = [...slave.tasks.values()]
  const effects = tasks.flatMap((task) => advance(master, task, 'unreachable', at))
  return [
    note('warn', `slave ${slave.name} (${slave.slaveId}) is not heard any more`, slave),
    ...rescindOffers(master, slave.offers, 'slave-lost', at),
    ...effects,
    ...tellLost(
      master,
      slave,
      tasks.map((task) => ownWord(task, 'slave-unreachable', `slave ${slave.name} cannot be reached`, at)),
    ),
  ]
}

/** A slave is given up for good: its tasks are lost, and its id may not come back. */
export function removeSlave(
  master: Master,
  slave: Slave,
  why: string,
  at: number,
  level: 'info' | 'warn' = 'warn',
): Effect[] {
  const rescinded = rescindOffers(master, slave.offers, 'slave-gone', at)
  moveSlave(master, slave, 'leave')
  const tasks = [...slave.tasks.values()]
  const executors = [...slave.executors.values()]
  for (const executor of executors) leaveExecutor(master, slave, executor)
  const effects = tasks.flatMap((task) => advance(master, task, 'lost', at))
  master.slaves.delete(slave.slaveId)
  if (master.slavesByName.get(slave.name) === slave) master.slavesByName.delete(slave.name)
  const kept = keepGone(master, slave)
  dropReserved(master, slave)
  const { freed, idle, squeezed, keptSlaves, unacked } = master
  for (const slaves of [freed, idle, squeezed, keptSlaves, unacked]) slaves.delete(slave)
  master.uncounted.add(slave)
  count(master.total, slave.total, -1)
  master.measure++
  const settled = settleHoldings(slave, silent(slave))
  return [
    note(level, `slave ${slave.name} (${slave.slaveId}) is gone: ${why}`, slave),
    ...kept,
    ...settled,
    ...rescinded,
    ...effects,
    ...tellLost(
      master,
      slave,
      tasks.map((task) => ownWord(task, 'slave-gone', `slave ${slave.name} is gone: ${why}`, at)),
      executors,
    ),
  ]
}

/**
 * Every framework that had something there hears of the slave, and of each of its tasks. What was on one that never
 * came to this leader only the frameworks know: all of them hear of it.
 */
function tellLost(
  master: Master,
  slave: Slave,
  words: readonly Status[],
  executors: Iterable<Executor> = slave.executors.values(),
): Effect[] {
  const frameworks = new Set(isAwaited(slave) ? master.frameworks.keys() : [])
  for (const { frameworkId } of words) frameworks.add(frameworkId)
  for (const { claim } of executors) frameworks.add(claim.framework.frameworkId)
  const lost = [...frameworks].flatMap((frameworkId) => {
    const framework = master.frameworks.get(frameworkId)
    return framework
      ? [
          say('slave.lost', toFramework(framework), {
            epoch: master.epoch,
            slaveId: slave.slaveId,
            slaveName: slave.name,
            ...(slave.state === 'gone' && { gone: true }),
          }),
        ]
      : []
  })
  return [...tellFrameworks(master, words), ...lost]
}
