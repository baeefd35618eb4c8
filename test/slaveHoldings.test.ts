/** What a slave says when it is told to hold something for a role, and when a task wants a volume. */
import { beforeEach, describe, expect, test } from 'vitest'
import { SimulatedCluster } from '../services/simulator/index.ts'
import { unpack } from '../shared/codec.ts'
import type { Holdings } from '../shared/messages.ts'
import type { Address } from '../shared/subjects.ts'
import type { Mount, Task } from '../shared/tasks.ts'

let cluster: SimulatedCluster
beforeEach(() => {
  cluster = new SimulatedCluster()
  cluster.addMaster('M0')
  cluster.addSlave('S0', {
    resources: { cpus: 4, mem: 1024, disk: 1000 },
    reserved: { web: { disk: 200 } },
  })
  cluster.pass(2)
})
const slave = () => {
  const found = cluster.slaves.get('S0')
  if (!found) throw new Error('there is a slave')
  return found
}
const role = 'master'
const toSlave = (): Address => ({ role: 'slave', slaveId: slave().ledger.slaveId as never })

/** Asks as the leader would; resolves with the code of the answer when it has come. */
function ask(holdings: Partial<Holdings>, epoch = 1): { code: string | undefined } {
  const answered: { code: string | undefined } = { code: undefined }
  const { version } = slave().ledger.holdings
  const body = { epoch, holdings: { version: version + 1, reserved: [], volumes: [], ...holdings } }
  cluster.stranger({ role, id: '' }, toSlave(), 'holdings.set', body, (answer) => {
    const { ok, code } = (answer instanceof Uint8Array ? unpack(answer) : answer) as Record<string, unknown>
    answered.code = ok ? 'ok' : String(code)
  })
  return answered
}
function answerTo(holdings: Partial<Holdings>, epoch?: number): string | undefined {
  const answered = ask(holdings, epoch)
  cluster.until(() => answered.code !== undefined)
  return answered.code
}
const disk = (diskMb: number) => [{ role: 'ads', resources: { cpuMilli: 0, memMb: 0, diskMb, gpus: 0 } }]
const volume = (volumeId: string) => ({ volumeId, role: 'ads', diskMb: 100 })
const db = { reserved: disk(500), volumes: [volume('db')] }

let launches = 10
/** Launches it as the leader would, for a framework that hears nothing. */
function launch(
  taskId: string,
  mounts: Mount[],
  more: { readonly [Field in keyof Task]?: unknown } = {},
): void {
  const resources = { cpuMilli: 100, memMb: 10, diskMb: 0, gpus: 0 }
  const command = { argv: ['forever'] }
  const fields = { taskId, resources, command, role: 'ads', volumes: mounts, ...more }
  const task = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  const owner = { frameworkId: '1-F9', principal: 'F9', frameworkName: 'F9' }
  const body = { epoch: 1, seq: ++launches, launches: [{ ...owner, tasks: [task] }] }
  cluster.stranger({ role, id: '' }, toSlave(), 'task.launch', body)
  cluster.until(() => slave().ledger.tasks.has(`1-F9 ${taskId}`))
}
const taskOf = (taskId: string) => slave().ledger.tasks.get(`1-F9 ${taskId}`)
const wordOn = (taskId: string) => {
  const { state, reason, message } = taskOf(taskId)?.updates.at(-1) ?? {}
  return { state, reason, message }
}
const at = (volumeId: string, path: string): Mount => ({ volumeId, path })

describe('a change of what it holds', () => {
  test('is answered when it is safe, and told at every registration', () => {
    expect(answerTo(db)).toBe('ok')
    expect(slave().ledger.holdings).toMatchObject({ version: 1, ...db })
    expect([...slave().holdings.volumes.keys()]).toEqual(['db'])
    cluster.restart('S0')
    cluster.pass(3)
    expect(slave().ledger.holdings).toMatchObject({ version: 1, ...db })
    const known = cluster.leader?.ledger.slavesByName.get('S0')
    expect(known?.holdings).toMatchObject({ version: 1, ...db })
    expect(known?.ownReserved).toMatchObject([{ role: 'web', resources: { diskMb: 200 } }])
  })

  test('outlives the id of the slave', () => {
    answerTo(db)
    const before = slave().ledger.slaveId
    cluster.stranger({ role: 'operator', id: 'op' }, { role: 'master' }, 'slave.remove', { slave: 'S0' })
    cluster.pass(1)
    cluster.restart('S0')
    cluster.until(() => slave().host.slave.present === 'registered')
    expect(slave().ledger.slaveId).not.toBe(before)
    expect(slave().ledger.holdings).toMatchObject({ version: 1, ...db })
  })

  test.each<[string, string, Partial<Holdings>, number?]>([
    ['of a leader who was succeeded', 'stale-epoch', db, 0],
    ['that leaves one out', 'holdings-stale', { ...db, version: 2 }],
    ['that came before', 'holdings-stale', { ...db, version: 0 }],
    ['to more than it has, with its own', 'bad-reservation', { reserved: disk(801) }],
    ['with the same volume twice', 'volume-exists', { ...db, volumes: [volume('db'), volume('db')] }],
  ])('%s is refused, and nothing is changed: %s', (_what, code, holdings, epoch) => {
    expect(answerTo(holdings, epoch)).toBe(code)
    expect(slave().ledger.holdings).toEqual({ version: 0, reserved: [], volumes: [] })
    expect(slave().holdings.volumes.size).toBe(0)
  })

  test('while another is on its way is refused', () => {
    slave().disk.delayMs = () => 100
    const [first, second] = [ask(db), ask(db)]
    cluster.pass(1)
    expect([first.code, second.code]).toEqual(['ok', 'slave-busy'])
  })

  test('that the disk does not take is refused, and it can be asked again', () => {
    slave().disk.failure = 'ENOSPC: no space left on device'
    expect(answerTo(db)).toBe('disk-failed')
    expect(slave().ledger.holdings.version).toBe(0)
    slave().disk.failure = undefined
    expect(answerTo(db)).toBe('ok')
  })

  test('that was reported too early is reported again', () => {
    slave().disk.delayMs = () => 100
    const answered = ask(db)
    cluster.pass(0.01)
    cluster.connect('S0', false)
    cluster.connect('S0', true)
    cluster.pass(0.05)
    const known = () => cluster.leader?.ledger.slavesByName.get('S0')?.holdings.version
    expect([answered.code, known()]).toEqual([undefined, 0])
    cluster.pass(1)
    expect([slave().host.slave.present, known()]).toEqual(['registered', 1])
  })

  test('does not destroy what a task uses', () => {
    answerTo(db)
    launch('t1', [at('db', 'data')])
    cluster.pass(0.1)
    expect(answerTo({ reserved: disk(500) })).toBe('volume-in-use')
    expect(slave().holdings.volumes.has('db')).toBe(true)
  })
})

describe('a task', () => {
  beforeEach(() => {
    expect(answerTo({ reserved: disk(500), volumes: [volume('db'), volume('logs')] })).toBe('ok')
  })

  test('has its volumes, and leaves what it wrote to the next', () => {
    launch('t1', [at('db', 'data'), at('logs', 'var/log')])
    cluster.pass(0.1)
    expect(wordOn('t1')).toMatchObject({ state: 'running' })
    const [run] = slave().containers.running.values()
    expect(run?.volumes).toEqual([at('db', 'data'), at('logs', 'var/log')])
    expect(slave().holdings.volumes.get('db')).toEqual([run?.runId])
  })

  test.each<[string, string, Mount[], Parameters<typeof launch>[2]]>([
    ['a volume that is not there', 'volume-missing', [at('none', 'data')], {}],
    ['the volume of another role', 'volume-missing', [at('db', 'data')], { role: 'web' }],
    ['the volume of a role, being of none', 'volume-missing', [at('db', 'data')], { role: undefined }],
    ['a path that leads out', 'bad-task', [at('db', 'a/../../b')], {}],
    ['a path that is written oddly', 'bad-task', [at('db', 'a//b')], {}],
    ['the path of its own log', 'bad-task', [at('db', 'stdout')], {}],
    ['the path of a note of its slave', 'bad-task', [at('db', 'pid.tmp/x')], {}],
    ['one volume inside another', 'bad-task', [at('db', 'a'), at('logs', 'a/b')], {}],
    ['one volume twice', 'bad-task', [at('db', 'a'), at('db', 'b')], {}],
    ['a volume for an executor', 'bad-task', [at('db', 'data')], { executor: worker, command: undefined }],
  ])('that wants %s ends at once: %s', (_what, reason, mounts, more) => {
    launch('t1', mounts, more)
    expect(wordOn('t1')).toMatchObject({ state: 'error', reason })
    expect(slave().ledger.executors.size).toBe(1)
  })

  test('is refused the volume that another uses, until that is over', () => {
    launch('t1', [at('db', 'data')])
    launch('t2', [at('db', 'data')])
    expect(wordOn('t2')).toEqual({
      state: 'error',
      reason: 'refused',
      message: 'task t1 uses volume db already',
    })
    cluster.stranger({ role, id: '' }, toSlave(), 'task.stop', {
      epoch: 1,
      tasks: [{ frameworkId: '1-F9', taskId: 't1', graceSeconds: 0 }],
    })
    cluster.pass(1)
    launch('t3', [at('db', 'data')])
    cluster.pass(0.1)
    expect(wordOn('t3')).toMatchObject({ state: 'running' })
  })

  const more = { reserved: disk(500), volumes: [volume('db'), volume('logs'), volume('new')] }

  test('that comes with its volume begins when that is there', () => {
    slave().disk.delayMs = () => 100
    const answered = ask(more)
    launch('t1', [at('new', 'data')])
    expect(taskOf('t1')?.state).toBe('staging')
    cluster.until(() => answered.code !== undefined)
    cluster.pass(0.1)
    expect([answered.code, wordOn('t1').state]).toEqual(['ok', 'running'])
  })

  test('that comes with a volume that cannot be made is dropped', () => {
    slave().disk.delayMs = () => 100
    ask(more)
    launch('t1', [at('new', 'data')])
    slave().disk.failure = 'ENOSPC: no space left on device'
    cluster.pass(0.2)
    expect(wordOn('t1')).toMatchObject({ state: 'dropped', reason: 'disk-failed' })
  })

  test('that comes with a volume about to be destroyed is refused', () => {
    slave().disk.delayMs = () => 100
    ask({ reserved: disk(500), volumes: [volume('logs')] })
    launch('t1', [at('db', 'data')])
    expect(wordOn('t1')).toMatchObject({ state: 'error', reason: 'volume-missing' })
  })

  test.each([
    [true, 'running'],
    [false, 'error'],
  ])('whose slave is killed before it began, with its volume made: %s', (isMade, state) => {
    slave().disk.delayMs = () => 100
    slave().disk.keepsLast = () => isMade
    ask(more)
    cluster.until(() => slave().ledger.change !== undefined)
    // What it puts down of the task is safe at once.
    slave().disk.delayMs = () => 0
    launch('t1', [at('new', 'data')])
    cluster.pass(0.01)
    cluster.restart('S0')
    cluster.pass(1)
    expect(wordOn('t1')).toMatchObject({ state })
  })
})

const worker = {
  name: 'worker',
  command: { argv: ['worker'] },
  resources: { cpuMilli: 100, memMb: 10, diskMb: 0, gpus: 0 },
}
