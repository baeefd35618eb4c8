/** Draining: an operator wants a slave empty, or back, or given up for good. */
import { isTerminal } from '../../shared/tasks.ts'
import { type Effect, grant, type Heard, note, say } from '../decision.ts'
import { pushTo } from '../groups.ts'
import { deny } from './callers.ts'
import { noteFreed } from './freed.ts'
import {
  type Framework,
  type Master,
  type Slave,
  slaveNamed,
  type Task,
  toFramework,
  toSlave,
} from './ledger.ts'
import { removeSlave } from './losses.ts'
import { moveSlave } from './moves.ts'
import { rescindOffers } from './offers.ts'
import { keepSlave } from './registry.ts'
import { stopTask } from './tasks.ts'

/** No more of it is offered; its frameworks may give it back by themselves until then. */
export function drainSlave(master: Master, heard: Heard<'slave.drain'>): Effect[] {
  const slave = slaveNamed(master, heard.body.slave)
  if (!slave) return deny(master, heard, 'slave-unknown', `slave ${heard.body.slave}`)
  const { withinSeconds, graceSeconds } = heard.body
  slave.drain = { by: heard.at + withinSeconds * 1000, graceSeconds }
  moveSlave(master, slave, 'drain')
  return [
    ...grant(heard, { slaveId: slave.slaveId, tasks: slave.tasks.size }),
    note('info', `slave ${slave.name} (${slave.slaveId}) is to be empty within ${withinSeconds} s`, slave),
    keepSlave(master, slave, heard.at),
    ...rescindOffers(master, slave.offers, 'slave-draining', heard.at),
    ...tellDraining(master, slave, withinSeconds),
    ...checkDrain(master, slave, heard.at),
  ]
}

/** It is offered again. What was killed meanwhile stays so. */
export function reactivateSlave(master: Master, heard: Heard<'slave.reactivate'>): Effect[] {
  const slave = slaveNamed(master, heard.body.slave)
  if (!slave) return deny(master, heard, 'slave-unknown', `slave ${heard.body.slave}`)
  slave.drain = undefined
  moveSlave(master, slave, 'reactivate')
  return [
    ...grant(heard, { slaveId: slave.slaveId }),
    note('info', `slave ${slave.name} (${slave.slaveId}) is offered again`, slave),
    keepSlave(master, slave, heard.at),
    ...noteFreed(master, slave, heard.at),
  ]
}

/** It will not come back: its tasks are lost. Should it live yet, it hears that it must stop. */
export function declareGone(master: Master, heard: Heard<'slave.remove'>): Effect[] {
  const slave = slaveNamed(master, heard.body.slave)
  if (!slave) return deny(master, heard, 'slave-unknown', `slave ${heard.body.slave}`)
  const why = 'an operator declared it gone'
  const told = say('slave.shutdown', toSlave(slave), {
    epoch: master.epoch,
    code: 'slave-gone',
    message: why,
  })
  return [
    ...grant(heard, { slaveId: slave.slaveId, tasks: slave.tasks.size }),
    told,
    ...removeSlave(master, slave, why, heard.at),
  ]
}

/** Looks whether the time of those that are to be empty is over, and whether they are. */
export function checkDrains(master: Master, at: number): Effect[] {
  const effects: Effect[] = []
  for (const slave of [...master.draining]) effects.push(...checkDrain(master, slave, at))
  return effects
}

function checkDrain(master: Master, slave: Slave, at: number): Effect[] {
  const { drain } = slave
  if (!drain || slave.state !== 'draining') return []
  if (isEmpty(slave)) {
    moveSlave(master, slave, 'empty')
    return [note('info', `slave ${slave.name} (${slave.slaveId}) is drained`, slave)]
  }
  return at < drain.by ? [] : [...stopLeft(master, slave, at), ...stopExecutors(master, slave)]
}

/** Nothing is left of it, and it has said since the last end that nothing waits for an acknowledgement. */
function isEmpty(slave: Slave): boolean {
  const { tasks, executors, unacked, quietAt, endedAt, beatSeconds } = slave
  const isQuiet = unacked === 0 && quietAt >= endedAt + beatSeconds * 1000
  return tasks.size === 0 && executors.size === 0 && (isQuiet || endedAt === Number.NEGATIVE_INFINITY)
}

/** What is left is killed; a kill that is lost shows in the digest, and is said again. */
function stopLeft(master: Master, slave: Slave, at: number): Effect[] {
  const left = [...slave.tasks.values()].filter(({ state }) => state !== 'killing' && !isTerminal(state))
  const how = { graceSeconds: slave.drain?.graceSeconds, reason: 'slave-drained' } as const
  return left.flatMap((task) => stopTask(master, task, at, how))
}

function stopExecutors(master: Master, slave: Slave): Effect[] {
  if (slave.tasks.size > 0) return []
  const { epoch, settings } = master
  const graceSeconds = slave.drain?.graceSeconds ?? settings.executorGraceSeconds
  return [...slave.executors.values()].map(({ claim, name }) =>
    say('executor.stop', toSlave(slave), {
      epoch,
      frameworkId: claim.framework.frameworkId,
      name,
      graceSeconds,
    }),
  )
}

function tellDraining(master: Master, slave: Slave, withinSeconds: number): Effect[] {
  const byFramework = new Map<Framework, Task[]>()
  for (const task of slave.tasks.values()) pushTo(byFramework, task.framework, task)
  for (const { claim } of slave.executors.values())
    if (!byFramework.has(claim.framework)) byFramework.set(claim.framework, [])
  return [...byFramework].map(([framework, tasks]) =>
    say('slave.draining', toFramework(framework), {
      epoch: master.epoch,
      slaveId: slave.slaveId,
      slaveName: slave.name,
      withinSeconds,
      taskIds: tasks.map(({ taskId }) => taskId),
    }),
  )
}
