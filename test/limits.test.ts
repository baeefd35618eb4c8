/** How long tasks may run, and why they were killed, whatever becomes of their slave and their executors. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { ExecutorWork } from '../services/executor/author.ts'
import type { TaskRequest } from '../services/scheduler/task.ts'
import { SimulatedCluster } from '../services/simulator/index.ts'
import { readSlaveSettings } from '../shared/config.ts'
import type { FrameworkId, TaskId } from '../shared/ids.ts'
import { none } from '../shared/resources.ts'
import type { Status } from '../shared/tasks.ts'
import { compact, type Saved } from '../statecharts/slave/checkpoint.ts'
import { newSlave } from '../statecharts/slave/ledger.ts'
import { recall } from '../statecharts/slave/recovery.ts'

let cluster: SimulatedCluster
let told: Status[]
beforeEach(() => {
  told = []
})

/** A slave that runs these tasks of framework F0. */
function begin(tasks: readonly TaskRequest[], executors: Record<string, ExecutorWork> = {}): void {
  const queue = [...tasks]
  cluster = new SimulatedCluster({ executors, slave: { killGraceSeconds: 2 } })
  cluster.addMaster('M0')
  cluster.addSlave('S0', { resources: { cpus: 8, mem: 1024 } })
  cluster.addFramework('F0', {
    wants: () => queue.length > 0,
    onOffers: ([offer]) => {
      for (let next = queue[0]; offer && next && offer.add(next); next = queue[0]) queue.shift()
    },
    onStatus: (status) => void told.push(status),
  })
  until(() => queue.length === 0 && tasks.every(({ id }) => words(id).includes('running')))
}
const until = (holds: () => boolean) => cluster.until(holds)
const words = (id: string) => told.filter(({ taskId }) => taskId === id).map(({ state }) => state)
const last = (id: string) => told.filter(({ taskId }) => taskId === id).at(-1)
const slave = () => cluster.slaves.get('S0')
const frameworkId = () => cluster.frameworks.get('F0')?.ledger.frameworkId as FrameworkId

/** What the leader would say, were he to. */
function order(taskId: string, more: object): void {
  const to = { role: 'slave', slaveId: slave()?.ledger.slaveId } as never
  const tasks = [{ frameworkId: frameworkId(), taskId, ...more }]
  cluster.stranger({ role: 'master', id: '' }, to, 'task.stop', { epoch: 1, tasks })
}

const task = (more: Partial<TaskRequest>): TaskRequest => ({ id: 't1', cpus: 1, mem: 64, ...more })
const forever = task({ command: ['forever'] })
const worker = { name: 'worker', cpus: 0.2, mem: 32, command: ['worker'] }
const tooLong = (seconds: number, how: string) => ({
  state: 'killed',
  reason: 'too-long',
  message: `it ran for longer than the ${seconds} s for which it may; ${how}`,
})

describe('a task that runs for longer than it may', () => {
  test('is killed by its slave', () => {
    begin([{ ...forever, maxSeconds: 3 }])
    cluster.pass(2.9)
    expect(words('t1')).toEqual(['running'])
    cluster.pass(2)
    expect(last('t1')).toMatchObject(tooLong(3, 'killed by SIGTERM'))
    expect(words('t1')).toEqual(['running', 'killing', 'killed'])
  })

  test('is left alone when it ended in time', () => {
    begin([{ ...task({ command: ['sleep', '2'] }), maxSeconds: 3 }])
    cluster.pass(5)
    expect(last('t1')).toMatchObject({ state: 'finished' })
  })

  test('has no longer grace than its slave gives', () => {
    begin([{ ...forever, maxSeconds: 3, killGraceSeconds: 3600 }])
    cluster.pass(3.1)
    expect(slave()?.ledger.tasks.values().next().value?.orderAt).toBeLessThan(cluster.time.now() + 10_000)
  })

  test('is killed in the midst of a grace that is longer, for the reason that it was told first', () => {
    begin([{ ...task({ executor: worker }), maxSeconds: 3 }], { worker: deaf })
    cluster.frameworks.get('F0')?.author.kill('t1', 3600)
    cluster.pass(3.1)
    expect(kills).toEqual([3600, 2])
    expect(last('t1')).toMatchObject({ state: 'killed', reason: 'kill-requested' })
  })

  const kills: number[] = []
  /** It obeys a kill only when there is hardly a grace. */
  const deaf: ExecutorWork = {
    onLaunch: () => {},
    onKill: (launched, graceSeconds) => {
      kills.push(graceSeconds)
      if (graceSeconds < 10) launched.killed()
    },
  }

  test('is killed by its custom executor, also when the order is lost', () => {
    begin([{ ...task({ executor: worker }), maxSeconds: 3 }], { worker: { onLaunch: () => {} } })
    cluster.lose('task.stop', 2)
    cluster.pass(20)
    expect(last('t1')).toMatchObject(tooLong(3, 'killed on request'))
  })

  test('is killed with its executor, where that is gone by then', () => {
    begin([{ ...task({ executor: worker }), maxSeconds: 3 }], {
      worker: { onLaunch: () => {}, onKill: () => {} },
    })
    cluster.pass(3.5)
    cluster.frameworks.get('F0')?.author.shutDownExecutor(last('t1')?.slaveId as never, 'worker')
    cluster.pass(5)
    expect(last('t1')).toMatchObject({ state: 'killed', reason: 'too-long' })
  })

  test.each([
    ['of which it was away for a part', 1, 2.9],
    ['which was over while it was away', 5, 0.6],
  ])('is killed by a slave that was started anew, after the time %s', (_what, awaySeconds, left) => {
    begin([{ ...forever, maxSeconds: 4 }])
    cluster.pass(1)
    cluster.crash('S0')
    cluster.pass(awaySeconds)
    cluster.restart('S0')
    cluster.pass(left)
    expect(last('t1')).toMatchObject(tooLong(4, 'killed by SIGTERM'))
  })

  test('keeps its reason when its slave is started anew in the midst of its grace', () => {
    begin([{ ...task({ executor: worker }), maxSeconds: 3 }], { worker: deaf })
    cluster.pass(3.001)
    cluster.restart('S0')
    cluster.pass(10)
    expect(last('t1')).toMatchObject({ state: 'killed', reason: 'too-long' })
  })
})

describe('why a task was killed', () => {
  test.each([
    ['revoked', 'others were owed what it held'],
    ['slave-drained', 'its slave was to be empty by then'],
  ])('is the reason of the order: %s', (reason, sentence) => {
    begin([forever])
    order('t1', { reason })
    cluster.pass(3)
    expect(last('t1')).toMatchObject({ state: 'killed', reason, message: `${sentence}; killed by SIGTERM` })
  })

  test.each([[{}], [{ reason: 'kill-requested' }]])('is that it was asked for, with %j', (more) => {
    begin([forever])
    order('t1', more)
    cluster.pass(3)
    expect(last('t1')).toMatchObject({
      state: 'killed',
      reason: 'kill-requested',
      message: 'killed by SIGTERM',
    })
  })

  test('is not told of a task that ended by itself meanwhile', () => {
    const work: ExecutorWork = { onLaunch: () => {}, onKill: (launched) => launched.finished() }
    begin([task({ executor: worker })], { worker: work })
    order('t1', { reason: 'revoked' })
    cluster.pass(3)
    expect(last('t1')).toMatchObject({ state: 'finished' })
    expect(last('t1')?.reason).toBeUndefined()
  })

  test('fits into its message, whatever its executor says', () => {
    const work: ExecutorWork = { onLaunch: () => {}, onKill: (launched) => launched.killed('x'.repeat(4096)) }
    begin([task({ executor: worker })], { worker: work })
    order('t1', { reason: 'revoked' })
    cluster.pass(3)
    expect(last('t1')?.message).toHaveLength(4096)
  })

  test('is that its slave was stopped, tasks included', () => {
    begin([forever])
    const { host, process } = slave() ?? {}
    host?.slave.hear({ type: 'stop', at: process?.now() ?? 0, kill: true } as never)
    cluster.pass(3)
    expect(last('t1')).toMatchObject({ state: 'killed', reason: 'slave-stopped' })
  })
})

describe('a checkpoint', () => {
  const recalled = (records: readonly object[], at: number) => {
    const identity = { name: 'S0', incarnation: 'p9', resources: none, attributes: {}, reserved: [] }
    const again = newSlave({ ...identity, isolation: 'process', executorEnv: {} }, readSlaveSettings())
    recall(again, records as readonly Saved[], at)
    return again.tasks.get(`${frameworkId()} t1`)
  }
  const written = (): readonly object[] => {
    const ledger = slave()?.ledger
    const effect = ledger && compact(ledger)
    return effect?.do === 'compact' ? effect.records : []
  }

  test('that was written anew says since when a task runs, and why it is killed', () => {
    begin([{ ...forever, maxSeconds: 60 }])
    const since = cluster.time.now()
    cluster.pass(1)
    order('t1', { reason: 'revoked' })
    cluster.pass(0.1)
    const known = slave()?.ledger.tasks.values().next().value
    const again = recalled(written(), since + 5000)
    expect(again).toMatchObject({ state: 'killing', runningSince: known?.runningSince })
    expect(again?.killedFor).toEqual(known?.killedFor)
    expect(again?.killedFor?.reason).toBe('revoked')
  })

  test('of an earlier version is read, and the time counts from now', () => {
    begin([{ ...forever, maxSeconds: 60 }])
    cluster.pass(1)
    const records = written().map((record) => {
      const { runningSince: _since, killedFor: _why, ...old } = record as Record<string, unknown>
      return old
    })
    expect(recalled(records, 5000)).toMatchObject({ state: 'running', runningSince: 5000 })
  })

  test('of a clock that was set back meanwhile gives no task more time than it has', () => {
    begin([{ ...forever, maxSeconds: 60 }])
    expect(recalled(written(), 1000)).toMatchObject({ runningSince: 1000 })
  })
})

test('limits of tasks that have long ended do not pile up', () => {
  const tasks = Array.from({ length: 300 }, (_, i) => ({
    ...task({ id: `t${i}`, cpus: 0.5, mem: 1, command: ['sleep', '0.1'] }),
    maxSeconds: 86_400,
  }))
  begin(tasks)
  cluster.pass(5)
  expect(slave()?.ledger.limits.size).toBeLessThan(100)
  expect(words('t299' as TaskId)).toContain('finished')
})
