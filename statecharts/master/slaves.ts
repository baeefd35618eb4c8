/** Slaves: they register with all that they have and run, are heard from, fall silent, and are given up. */
import { executorIdOf, type FrameworkId, mint, type SlaveId, taskKey } from '../../shared/ids.ts'
import { add, fits, flawOf, none, type Resources, subtract } from '../../shared/resources.ts'
import { isTerminal, type Status } from '../../shared/tasks.ts'
import { type Effect, grant, type Heard, note, say } from '../decision.ts'
import { slaveTable, step } from '../lives.ts'
import { deny } from './callers.ts'
import { noteFreed } from './freed.ts'
import { forgetShares, type Master, type Slave, toFramework, unbook } from './ledger.ts'
import { rescindOffers } from './offers.ts'
import { booksDiffer, enterReport, expectedOn, orphanReport, type Report } from './reconcile.ts'
import { advance, ownWord, tellFrameworks } from './tasks.ts'

/** A slave comes, or comes back, with all that it has and runs. */
export function registerSlave(master: Master, heard: Heard<'slave.register'>): Effect[] {
  const name = heard.from.id
  const flaw = flawOf(heard.body.resources)
  if (flaw) return deny(master, heard, 'bad-resources', flaw)
  if (heard.body.slaveId && master.goneSlaves.has(heard.body.slaveId)) {
    return deny(
      master,
      heard,
      'slave-unknown',
      `slave ${heard.body.slaveId} was given up, and its tasks were told lost`,
    )
  }
  const report = wholeReport(master, name, heard.body)
  if (!report)
    return grant(heard, {
      slaveId: heard.body.slaveId ?? ('' as SlaveId),
      epoch: master.epoch,
      beatSeconds: master.settings.slaveBeatSeconds,
    })

  const namesake = master.slavesByName.get(name)
  const known =
    namesake && (namesake.slaveId === heard.body.slaveId || namesake.incarnation === heard.body.incarnation)
      ? namesake
      : undefined
  if (namesake && !known && namesake.state !== 'unreachable')
    return deny(master, heard, 'slave-name-in-use', `slave ${name}`)
  const held = heldIn(report, known)
  if (!fits(held, heard.body.resources)) return deny(master, heard, 'slave-too-small', `slave ${name}`)

  const replaced =
    namesake && !known ? removeSlave(master, namesake, 'another slave has taken its name', heard.at) : []
  const slave = known ?? newSlave(master, name, heard.body.slaveId, heard.body.incarnation)
  const rescinded = rescindOffers(master, slave.offers, 'slave-registered', heard.at)
  takeDescription(master, slave, heard.body)
  slave.heardAt = heard.at
  slave.mismatch = undefined
  slave.state = step(slaveTable, slave.state, 'register')
  return [
    ...replaced,
    ...rescinded,
    ...grant(heard, {
      slaveId: slave.slaveId,
      epoch: master.epoch,
      beatSeconds: master.settings.slaveBeatSeconds,
    }),
    ...enterReport(master, slave, report, heard.body.seq, heard.at),
  ]
}

/** It is there and listens; its digest shows whether our books agree. */
export function noteSlaveBeat(master: Master, heard: Heard<'slave.beat'>): Effect[] {
  const slave = master.slaves.get(heard.body.slaveId)
  if (!slave) return [orphanReport(master, heard.body.slaveId)]
  if (slave.incarnation !== heard.body.incarnation)
    return deny(master, heard, 'slave-name-in-use', `slave ${slave.name}`)
  slave.heardAt = heard.at
  if (slave.state === 'unreachable') return [expectedOn(master, slave)]
  const first = slave.state === 'registering'
  slave.state = step(slaveTable, slave.state, 'beat')
  return [
    ...booksDiffer(master, slave, heard.body.digest),
    ...(first ? noteFreed(master, slave, heard.at) : []),
  ]
}

/** A slave stops on purpose. If it left tasks running, it is given its time to come back to them. */
export function noteSlaveLeft(master: Master, heard: Heard<'slave.leave'>): Effect[] {
  const slave = master.slaves.get(heard.body.slaveId)
  if (slave?.incarnation !== heard.body.incarnation) return []
  const leftNothing = slave.tasks.size === 0 && slave.executors.size === 0
  return leftNothing
    ? removeSlave(master, slave, 'it was stopped', heard.at, 'info')
    : loseSlave(master, slave, heard.at)
}

/** Looks for slaves that have fallen silent, and for those that did not come back. */
export function checkSlaves(master: Master, at: number): Effect[] {
  const { slaveTimeoutSeconds, slaveGoneSeconds } = master.settings
  const effects: Effect[] = []
  for (const slave of [...master.slaves.values()]) {
    const silentSeconds = (at - slave.heardAt) / 1000
    if (slave.state !== 'unreachable' && silentSeconds >= slaveTimeoutSeconds)
      effects.push(...loseSlave(master, slave, at))
    if (slave.state === 'unreachable' && silentSeconds >= slaveGoneSeconds)
      effects.push(...removeSlave(master, slave, 'it did not come back', at))
  }
  return effects
}

/** A slave cannot be reached: nothing more is offered of it, and its tasks are told unreachable. */
function loseSlave(master: Master, slave: Slave, at: number): Effect[] {
  slave.state = step(slaveTable, slave.state, 'miss')
  const tasks = [...slave.tasks.values()]
  const effects = tasks.flatMap((task) => advance(master, task, 'unreachable', at))
  return [
    note('warn', `slave ${slave.name} (${slave.slaveId}) is not heard any more`),
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
function removeSlave(
  master: Master,
  slave: Slave,
  why: string,
  at: number,
  level: 'info' | 'warn' = 'warn',
): Effect[] {
  const rescinded = rescindOffers(master, slave.offers, 'slave-gone', at)
  slave.state = step(slaveTable, slave.state, 'leave')
  const tasks = [...slave.tasks.values()]
  for (const executor of [...slave.executors.values()])
    dropExecutor(master, slave, executor.frameworkId, executor.resources)
  const effects = tasks.flatMap((task) => advance(master, task, 'lost', at))
  master.slaves.delete(slave.slaveId)
  if (master.slavesByName.get(slave.name) === slave) master.slavesByName.delete(slave.name)
  master.goneSlaves.add(slave.slaveId)
  master.freed.delete(slave)
  master.total = subtract(master.total, slave.total)
  forgetShares(master)
  return [
    note(level, `slave ${slave.name} (${slave.slaveId}) is gone: ${why}`),
    ...rescinded,
    ...effects,
    ...tellLost(
      master,
      slave,
      tasks.map((task) => ownWord(task, 'slave-gone', `slave ${slave.name} is gone: ${why}`, at)),
    ),
  ]
}

function dropExecutor(master: Master, slave: Slave, frameworkId: FrameworkId, resources: Resources): void {
  const framework = master.frameworks.get(frameworkId)
  if (framework) unbook(master, slave, framework, resources)
}

/** Every framework that had something there hears of the slave, and of each of its tasks. */
function tellLost(master: Master, slave: Slave, words: readonly Status[]): Effect[] {
  const frameworks = new Set(words.map((word) => word.frameworkId))
  for (const executor of slave.executors.values()) frameworks.add(executor.frameworkId)
  const lost = [...frameworks].flatMap((frameworkId) => {
    const framework = master.frameworks.get(frameworkId)
    return framework
      ? [
          say('slave.lost', toFramework(framework), {
            epoch: master.epoch,
            slaveId: slave.slaveId,
            slaveName: slave.name,
          }),
        ]
      : []
  })
  return [...tellFrameworks(master, words), ...lost]
}

function newSlave(master: Master, name: string, slaveId: SlaveId | undefined, incarnation: string): Slave {
  const slave: Slave = {
    slaveId: slaveId ?? mint<SlaveId>(master.epoch, 'S', ++master.counts.slaves),
    name,
    incarnation,
    isolation: '',
    attributes: {},
    total: none,
    state: 'registering',
    booked: none,
    offered: none,
    offers: new Set(),
    tasks: new Map(),
    executors: new Map(),
    heardAt: 0,
    launchSeq: 0,
    digest: 0,
    mismatch: undefined,
  }
  master.slaves.set(slave.slaveId, slave)
  master.slavesByName.set(name, slave)
  return slave
}

function takeDescription(master: Master, slave: Slave, body: Heard<'slave.register'>['body']): void {
  master.total = add(subtract(master.total, slave.total), body.resources)
  forgetShares(master)
  slave.total = body.resources
  slave.attributes = body.attributes
  slave.isolation = body.isolation
  slave.incarnation = body.incarnation
}

/** A report that is said in parts is kept until its last part is here. */
function wholeReport(
  master: Master,
  name: string,
  { part = 0, last = true, tasks, executors }: Heard<'slave.register'>['body'],
): Report | undefined {
  const before = part > 0 ? master.partial.get(name) : undefined
  const whole = {
    tasks: [...(before?.tasks ?? []), ...tasks],
    executors: [...(before?.executors ?? []), ...executors],
  }
  master.partial.delete(name)
  if (last) return whole
  master.partial.set(name, whole)
  return undefined
}

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
    if (!reported.has(executorIdOf(executor.frameworkId, executor.name))) held = add(held, executor.resources)
  }
  return held
}
