/** The slave and the leader: it registers, beats, and obeys the highest epoch that it has heard. */
import { hash } from '../../shared/digest.ts'
import { type Body, type HeldTask, maxListed } from '../../shared/messages.ts'
import { maxBodyBytes, sizeOf, split } from '../../shared/split.ts'
import { isTerminal } from '../../shared/tasks.ts'
import {
  type Answered,
  ask,
  type Effect,
  type Heard,
  isUnanswered,
  note,
  refuseStale,
  say,
  wake,
} from '../decision.ts'
import { putSelf } from './checkpoint.ts'
import { watchExecutors } from './executors.ts'
import { giveUpTasks, stopEverything } from './kills.ts'
import { executorResources, hearEpoch, idOf, obeys, type Slave, type Task, toLeader } from './ledger.ts'
import { forgetSandboxes } from './sandboxes.ts'
import { dropUnheard } from './tasks.ts'
import { repeatAll } from './updates.ts'

type At = { readonly at: number }

/** Says all that it has and runs, in as many parts as that takes. */
export function register(slave: Slave, heard: At): Effect[] {
  // What another life of this slave left must have ended before it offers its resources anew.
  const leftOver = slave.slaveId === undefined && (slave.tasks.size > 0 || slave.executors.size > 1)
  if (leftOver) return [wake('register', heard.at + slave.settings.registerRetrySeconds * 1000)]
  slave.registration++
  const { registerTimeoutSeconds, registerRetrySeconds } = slave.settings
  const reports = reportsOf(slave)
  const asks = reports.map((report, part) => {
    const body = partOf(slave, report, part, part === reports.length - 1)
    return ask(
      'slave.register',
      toLeader,
      body,
      `${slave.registration}.${body.last ? 'last' : part}`,
      registerTimeoutSeconds * 1000,
    )
  })
  return [...asks, wake('register', heard.at + (registerTimeoutSeconds + registerRetrySeconds) * 1000)]
}

/** Whether this is the leader's yes to all of our latest report. */
export const isAdmitted = (slave: Slave, heard: Answered<'slave.register'>): boolean =>
  heard.answer.ok && heard.ref === `${slave.registration}.last` && heard.answer.epoch >= slave.epoch

/** It is in the leader's books: from now on it listens there, and beats. */
export function takeUpWork(slave: Slave, heard: Answered<'slave.register'>): Effect[] {
  if (!heard.answer.ok) return []
  const { slaveId, epoch, reign, beatSeconds, nextBeatSeconds } = heard.answer
  const known = slave.slaveId === slaveId
  const listens = slave.listening === slaveId
  slave.slaveId = slaveId
  if (!known) putSelf(slave)
  slave.complaint = ''
  hearEpoch(slave, epoch, reign)
  slave.beatSeconds = beatSeconds
  slave.listening = slaveId
  const listening: Effect[] = listens
    ? []
    : [
        { do: 'listen', address: { role: 'slave', slaveId } },
        note('info', `slave ${slave.name} is ${slaveId}`, slave),
      ]
  return [
    ...listening,
    ...beat(slave, heard),
    ...nextBeat(heard.at, nextBeatSeconds),
    ...repeatAll(slave, heard.at),
  ]
}

/** Nobody answered, or the leader said no: again, later; or never, when the reason is ours. */
export function retryRegistration(slave: Slave, heard: Answered<'slave.register'>): Effect[] {
  const { answer } = heard
  const [registration, part] = heard.ref.split('.')
  if (registration !== `${slave.registration}` || (answer.ok && part !== 'last')) return []
  const again = wake('register', heard.at + slave.settings.registerRetrySeconds * 1000)
  // A yes of a leader who was succeeded is none.
  if (answer.ok || isUnanswered(answer)) return [again]
  // Each part of a report is answered: the first such answer was heeded.
  if (answer.code === 'slave-gone' && slave.slaveId === undefined) return [again]
  if (answer.code !== 'slave-gone') {
    const later = wake('register', heard.at + slave.settings.refusedRetrySeconds * 1000)
    const known = slave.complaint === answer.message
    slave.complaint = answer.message
    return known ? [later] : [note('warn', `not admitted: ${answer.message}`, slave), later]
  }
  const complaint = note('warn', `not admitted: ${answer.message}`, slave)
  // Its tasks were told lost, so they must not run on; it comes back as another slave.
  const ending = giveUpTasks(slave, heard.at)
  const unlisten: Effect = { do: 'unlisten', address: { role: 'slave', slaveId: idOf(slave) } }
  forgetId(slave)
  return [complaint, ...ending, unlisten, again]
}

/** I am here, and hold this. Also looks after what only time tells. */
export function beat(slave: Slave, heard: At): Effect[] {
  const { incarnation, digest, closed, beatSeconds } = slave
  const unacked = [...slave.tasks.values()].filter(({ updates }) => updates.length > 0).length
  const body = { slaveId: idOf(slave), incarnation, digest, unacked, beatSeconds }
  slave.mustSave ||= slave.unsaved.length > 0
  return [
    say('slave.beat', toLeader, closed === undefined ? body : { ...body, closed }),
    ...watchExecutors(slave, heard.at),
    ...forgetSandboxes(slave, heard.at),
    wake('beat', heard.at + beatSeconds * 1000),
  ]
}

/** There are more slaves now, or fewer: it speaks less often, or more often. */
export function hearPace(slave: Slave, heard: Heard<'slave.pace'>): Effect[] {
  const { beatSeconds, nextBeatSeconds = beatSeconds } = heard.body
  slave.beatSeconds = beatSeconds
  return nextBeat(heard.at, nextBeatSeconds)
}

/** Very many slaves come one after another: when this one's turn is, is told by its name. */
export function hearElection(slave: Slave, heard: Heard<'master.elected'>): Effect[] {
  const { epoch, reign, withinSeconds } = heard.body
  hearEpoch(slave, epoch, reign)
  if (withinSeconds === undefined) return register(slave, heard)
  return [wake('register', heard.at + placeOf(slave) * withinSeconds * 1000)]
}

/** Our books and the leader's differ: whatever it expects and we never heard of is dropped, for good. */
export function report(slave: Slave, heard: Heard<'slave.report'>): Effect[] {
  const { epoch, seq, expected } = heard.body
  hearEpoch(slave, epoch)
  slave.launchSeq = Math.max(slave.launchSeq, seq)
  return [...dropUnheard(slave, expected, heard.at), ...register(slave, heard)]
}

/** Whoever leads does not know how far epochs have come, for the store that counts them was lost: he hears it. */
export const contradict = (slave: Slave, heard: Heard<'slave.report'>): Effect[] => [
  ...refuseStale(slave, heard),
  ...register(slave, heard),
]

/** Whether what it runs is to stop with it. */
export const takesAllAlong = (_slave: Slave, heard: { readonly kill: boolean }): boolean => heard.kill

/** It stops, and all that it runs with it; what became of that is told first. */
export function stopAll(slave: Slave, heard: At): Effect[] {
  slave.stopBy = heard.at + slave.settings.stopSeconds * 1000
  return [...stopEverything(slave, heard.at), ...awaitEnds(slave, heard)]
}
/** When the last has ended, only its acknowledgement is waited for. */
export function awaitEnds(slave: Slave, heard: At): Effect[] {
  const isRunning = [...slave.tasks.values()].some((task) => !isTerminal(task.state))
  if (isRunning) slave.stopBy = Math.max(slave.stopBy, heard.at + slave.settings.stopSeconds * 1000)
  return [wake('ends', heard.at + endsPollMs)]
}
/** Whether everything has ended and was acknowledged, or the time for it is over. */
export const isDone = (slave: Slave, heard: At): boolean =>
  [...slave.tasks.values()].every(
    (task) => isTerminal(task.state) && (heard.at >= slave.stopBy || task.updates.length === 0),
  )

/** How often a slave that stops looks whether all has ended, ms. */
const endsPollMs = 50

/** It stops on purpose; what it runs goes on, unless its process was told otherwise. With nothing left it is done. */
export function leave(slave: Slave): Effect[] {
  const { slaveId, incarnation } = slave
  const end: Effect = { do: 'end', code: 'stopped', message: `slave ${slave.name} has stopped` }
  if (!slaveId) return [end]
  const kept = slave.tasks.size > 0 || slave.executors.size > 1
  if (!kept) forgetId(slave)
  return [say('slave.leave', toLeader, { slaveId, incarnation, kept }), end]
}

function forgetId(slave: Slave): void {
  slave.slaveId = undefined
  slave.listening = undefined
  putSelf(slave)
}

/** The leader does not want this slave: another has its name, or it was given up. */
export function shutDown(slave: Slave, heard: Heard<'slave.shutdown'>): Effect[] {
  const { code, message } = heard.body
  // Whoever goes on in its place goes on with what it runs.
  const ending = code === 'slave-superseded' ? [] : giveUpTasks(slave, heard.at)
  return [
    note('error', `slave ${slave.name} must stop: ${message}`, slave),
    ...ending,
    { do: 'end', code, message },
  ]
}
/** Whether it is this very process that is meant. */
export const isMeant = (slave: Slave, heard: Heard<'slave.shutdown'>): boolean =>
  obeys(slave, heard) && (heard.body.incarnation ?? slave.incarnation) === slave.incarnation

/** Those who were told at the same time need not speak at the same time. */
const nextBeat = (at: number, seconds: number | undefined): Effect[] =>
  seconds === undefined ? [] : [wake('beat', at + seconds * 1000)]

/** 0..1, evenly among all slaves. */
const placeOf = ({ name }: Slave): number => hash(name) / 2 ** 32

type Report = Pick<Body<'slave.register'>, 'tasks' | 'ended'>

/** What runs, and what is over and not acknowledged: as many as one message carries, and at least one. */
function reportsOf(slave: Slave): Report[] {
  const tasks = [...slave.tasks.values()]
  const live = split(tasks.filter(({ state }) => !isTerminal(state)).map(heldTask))
  const ended = split(tasks.filter(({ state }) => isTerminal(state)).map(keyOf), maxBodyBytes, maxListed)
  const reports = [...live.map((tasks) => ({ tasks })), ...ended.map((keys) => ({ tasks: [], ended: keys }))]
  const whole = { tasks: live[0] ?? [], ended: ended[0] ?? [] }
  const fitsInOne = live.length <= 1 && ended.length <= 1 && sizeOf([whole, slave.holdings]) <= maxBodyBytes
  // The first part says what it holds for roles, which may be long by itself.
  return fitsInOne ? [whole] : [{ tasks: [] }, ...reports]
}

const keyOf = ({ frameworkId, spec }: Task) => ({ frameworkId, taskId: spec.taskId })

function partOf(slave: Slave, report: Report, part: number, last: boolean): Body<'slave.register'> {
  const { incarnation, resources, attributes, isolation, launchSeq: seq, epoch: heardEpoch, reign } = slave
  const executors = [...slave.executors.values()].filter((executor) => executor.spec)
  const body: Body<'slave.register'> = {
    heardEpoch,
    incarnation,
    resources,
    attributes,
    isolation,
    seq,
    part,
    last,
    ...report,
    executors:
      part > 0
        ? []
        : executors.map((executor) => {
            const { frameworkId, principal, frameworkName, name, spec } = executor
            return {
              frameworkId,
              principal,
              frameworkName,
              name,
              resources: executorResources(executor),
              ...(spec?.role !== undefined && { role: spec.role }),
            }
          }),
  }
  if (part === 0) {
    body.holdings = slave.holdings
    if (slave.reserved.length > 0) body.reserved = [...slave.reserved]
  }
  if (reign) body.heardReign = reign
  if (slave.slaveId) body.slaveId = slave.slaveId
  else if (slave.formerId) body.formerId = slave.formerId
  return body
}

const heldTask = ({ frameworkId, principal, frameworkName, spec, executor, state }: Task): HeldTask => ({
  frameworkId,
  principal,
  frameworkName,
  task: spec,
  executorId: executor.executorId,
  state,
})
