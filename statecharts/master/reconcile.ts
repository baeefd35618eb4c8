/** Books that differ are made one again: with a slave by its report, with a framework by telling it what is known. */
import { executorIdOf, type FrameworkId, type SlaveId, type TaskId, taskKey } from '../../shared/ids.ts'
import { type HeldExecutor, type HeldTask, maxListed } from '../../shared/messages.ts'
import { roleOf } from '../../shared/roles.ts'
import { maxBodyBytes, split } from '../../shared/split.ts'
import { isTerminal, type Status } from '../../shared/tasks.ts'
import { type Effect, grant, type Heard, say } from '../decision.ts'
import { compareDigests } from '../mismatch.ts'
import { enterExecutor, enterTask, leaveExecutor } from './books.ts'
import { callerOf, deny } from './callers.ts'
import { claimIn } from './claims.ts'
import { type Adopted, adoptFramework } from './frameworks.ts'
import { noteFreed } from './freed.ts'
import { type Framework, isAwaited, type Master, type Slave, type Task, toSlave } from './ledger.ts'
import { page } from './pages.ts'
import { advance, ownWord, sayStop, tellFrameworks } from './tasks.ts'

/** All that a slave has and runs, its parts put together. */
export interface Report {
  readonly tasks: readonly HeldTask[]
  readonly ended: readonly { readonly frameworkId: FrameworkId; readonly taskId: TaskId }[]
  readonly executors: readonly HeldExecutor[]
}

/** A slave's digest came: where something may be lost, the slave is asked for all. */
export function compareBooks(master: Master, slave: Slave, digest: number): Effect[] {
  const verdict = compareDigests(slave.mismatch, slave.digest, digest)
  return verdict === 'lost' || verdict === 'busy' ? expectedOn(master, slave) : []
}

/** Asks a slave for its report, and names what we believe to be there. */
export function expectedOn(master: Master, slave: Slave): Effect[] {
  const expected = [...slave.tasks.values()].map(({ framework, taskId }) => ({
    frameworkId: framework.frameworkId,
    principal: framework.principal,
    frameworkName: framework.name,
    taskId,
  }))
  const lists = expected.length > 0 ? split(expected, maxBodyBytes, maxListed) : [[]]
  return lists.map((some) =>
    say('slave.report', toSlave(slave), { epoch: master.epoch, seq: slave.launchSeq, expected: some }),
  )
}

/** A slave that we do not know speaks as if we did: it is to register. */
export const orphanReport = (master: Master, slaveId: SlaveId): Effect =>
  say('slave.report', { role: 'slave', slaveId }, { epoch: master.epoch, seq: 0, expected: [] })

/** What a slave reports comes into the books; `seq` is the last launch that it had heard of. */
export function enterReport(master: Master, slave: Slave, report: Report, seq: number, at: number): Effect[] {
  slave.launchSeq = Math.max(slave.launchSeq, seq)
  slave.ended = new Set(report.ended.map(({ frameworkId, taskId }) => taskKey(frameworkId, taskId)))
  const effects: Effect[] = []
  const returned: Status[] = []
  for (const held of report.executors) enterHeldExecutor(master, slave, held, at)
  for (const held of report.tasks) effects.push(...enterHeld(master, slave, held, returned, at))
  leaveUnreported(master, slave, report, seq)
  effects.push(...tellFrameworks(master, returned), ...shutDownCompleted(master, slave, report))
  return [...effects, ...noteFreed(master, slave, at)]
}

/** A framework asks what is known of its tasks. */
export function reconcileTasks(master: Master, heard: Heard<'tasks.reconcile'>): Effect[] {
  const framework = callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  const { tasks } = heard.body
  if (tasks.length > 0) return grant(heard, known(master, framework, tasks, heard.at))
  const told = page(master, framework.tasks, statusOf, heard.body)
  return told ? grant(heard, { statuses: told.rows, ...told.next }) : deny(master, heard, 'page-unknown')
}

type Asked = Heard<'tasks.reconcile'>['body']['tasks'][number]

/**
 * What is known of these tasks. How one has ended its slave says, with all that belongs to it, until that was
 * acknowledged; once that is done with, or the slave is gone, the leader tells it. Of a task that may be on a slave which is yet to
 * come nothing is said at all.
 */
function known(
  master: Master,
  framework: Framework,
  asked: readonly Asked[],
  at: number,
): { statuses: Status[]; awaited: TaskId[]; unknown: TaskId[] } {
  const answer = { statuses: [] as Status[], awaited: [] as TaskId[], unknown: [] as TaskId[] }
  let allAreHere: boolean | undefined
  const areHere = () => {
    allAreHere ??= !someSlave(master, isAwaited)
    return allAreHere
  }
  for (const { taskId, slaveId } of asked) {
    const task = master.tasks.get(taskKey(framework.frameworkId, taskId))
    if (task && !isTerminal(task.state)) answer.statuses.push(statusOf(task))
    else if (task && isYetToTell(master, task)) answer.awaited.push(taskId)
    else if (task) answer.statuses.push(statusOf(task))
    else if (hasEndedSomewhere(master, framework, taskId)) answer.awaited.push(taskId)
    else if (at >= master.settledAt && (isSettled(master, slaveId) || areHere())) answer.unknown.push(taskId)
  }
  return answer
}

/** Whether it was over before this leader's time, and its slave has yet to be acknowledged how. */
const hasEndedSomewhere = (master: Master, { frameworkId }: Framework, taskId: TaskId): boolean =>
  someSlave(master, ({ ended }) => ended.size > 0 && ended.has(taskKey(frameworkId, taskId)))

function someSlave({ slaves }: Master, is: (slave: Slave) => boolean): boolean {
  for (const slave of slaves.values()) if (is(slave)) return true
  return false
}

/** Whether its slave may yet say how it ended: it has not said since that nothing waits for an acknowledgement. */
const isYetToTell = ({ slaves }: Master, { slave, since }: Task): boolean =>
  slaves.has(slave.slaveId) && slave.quietAt < since + slave.beatSeconds * 1000

/** Whether nothing more will be heard of what runs there: it has come with all that it runs, or never will. */
function isSettled(master: Master, slaveId: SlaveId | undefined): boolean {
  if (slaveId === undefined) return false
  const slave = master.slaves.get(slaveId)
  return !slave || !isAwaited(slave)
}

/** The latest that is known, as the leader's own word. */
function statusOf(task: Task): Status {
  const { framework, taskId, slave, state, since, latest } = task
  const { seq: _seq, acked: _acked, ...told } = latest ?? { at: since }
  return {
    ...told,
    frameworkId: framework.frameworkId,
    taskId,
    slaveId: slave.slaveId,
    state,
    seq: 0,
    acked: 0,
  }
}

function enterHeld(master: Master, slave: Slave, held: HeldTask, returned: Status[], at: number): Effect[] {
  const framework = frameworkOf(master, held, at)
  if (!framework) return []
  const known = framework.tasks.get(held.task.taskId)
  if (known && known.slave !== slave) return [refuseSecond(master, slave, held)]
  if (!known) {
    if (!isTerminal(held.state)) enterTask(master, taskOf(master, framework, slave, held, at))
    return []
  }
  const wasUnreachable = known.state === 'unreachable'
  const wasKilling = known.state === 'killing'
  const effects = advance(master, known, held.state, at)
  if (wasUnreachable && !isTerminal(known.state))
    returned.push(ownWord(known, 'slave-unreachable', `slave ${slave.name} is back`, at))
  // The kill was lost on its way.
  return wasKilling && !isTerminal(held.state) && held.state !== 'killing'
    ? [...effects, sayStop(master, known)]
    : effects
}

function enterHeldExecutor(master: Master, slave: Slave, held: HeldExecutor, at: number): void {
  const known = slave.executors.has(executorIdOf(held.frameworkId, held.name))
  const framework = known ? undefined : frameworkOf(master, held, at)
  if (!framework) return
  const { name, resources, role } = held
  enterExecutor(master, slave, {
    claim: claimIn(master, framework, roleOfHeld(framework, role)),
    name,
    resources,
  })
}

/** The framework that something belongs to, taken in when it is new to us; undefined when it is done for good. */
const frameworkOf = (master: Master, held: Adopted, at: number): Framework | undefined =>
  master.frameworks.get(held.frameworkId) ??
  (master.completedFrameworks.has(held.frameworkId) ? undefined : adoptFramework(master, held, at))

const taskOf = (master: Master, framework: Framework, slave: Slave, held: HeldTask, at: number): Task => ({
  framework,
  claim: claimIn(master, framework, roleOfHeld(framework, held.task.role)),
  slave,
  taskId: held.task.taskId,
  spec: held.task,
  launchSeq: slave.launchSeq,
  state: held.state,
  since: at,
  launchedAt: at,
  share: Number.NaN,
  latest: undefined,
})

/** Every leader says in which role it lets a task run; where it is not said, it is as with a framework that names none. */
const roleOfHeld = ({ name }: Framework, role: string | undefined): string => role ?? roleOf(name)

/** The same task on two slaves: the one that we know of goes on. */
const refuseSecond = (master: Master, slave: Slave, { frameworkId, task }: HeldTask): Effect =>
  say('task.stop', toSlave(slave), {
    epoch: master.epoch,
    tasks: [{ frameworkId, taskId: task.taskId, graceSeconds: 0 }],
  })

/** Executors that the slave does not have any more, unless a launch that starts them is on its way. */
function leaveUnreported(master: Master, slave: Slave, report: Report, seq: number): void {
  const reported = new Set(report.executors.map(({ frameworkId, name }) => executorIdOf(frameworkId, name)))
  for (const [key, executor] of [...slave.executors]) {
    const coming = [...slave.tasks.values()].some(
      (task) => task.launchSeq > seq && task.spec.executor?.name === executor.name,
    )
    if (!reported.has(key) && !coming) leaveExecutor(master, slave, executor)
  }
}

/** What a completed framework left is not taken in: its slave hears that it must stop all of it. */
function shutDownCompleted(master: Master, slave: Slave, report: Report): Effect[] {
  const completed = new Set(
    [...report.tasks, ...report.executors]
      .map(({ frameworkId }) => frameworkId)
      .filter((id) => master.completedFrameworks.has(id)),
  )
  return [...completed].map((frameworkId) =>
    say('framework.shutdown', toSlave(slave), { epoch: master.epoch, frameworkId }),
  )
}
