/** What is reserved on a slave and written to its volumes, and how long it lets tasks run: over a real bus, with real processes and containers. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Operator } from '../../services/operator/client.ts'
import { dockerIsolation } from '../../services/runtime/isolation/docker.ts'
import { processIsolation } from '../../services/runtime/isolation/processes.ts'
import { volumeFolder } from '../../services/runtime/isolation/volumes.ts'
import { openLog } from '../../services/runtime/log.ts'
import type { Running } from '../../services/runtime/member.ts'
import type { Isolation } from '../../services/runtime/ports.ts'
import type { TaskRequest } from '../../services/scheduler/index.ts'
import { slaveFolder } from '../../services/slave/folder.ts'
import { startSlave } from '../../services/slave/main.ts'
import { recoverSlave } from '../../services/slave/recovered.ts'
import { readSlaveSettings } from '../../shared/config.ts'
import { none } from '../../shared/resources.ts'
import { connectionTo } from './bus-world.ts'
import { startTestCluster, type TestCluster } from './cluster-world.ts'
import { startEngine } from './engine.ts'

// A machine under load is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const started = await startEngine()
const engine = typeof started === 'string' ? undefined : started
if (typeof started === 'string') console.warn(`Docker tests are skipped: ${started}`)
afterAll(() => engine?.stop())

const log = openLog({ level: 'silent', pretty: false })
const role = 'volumes'
const database = { volumeId: 'data base/1', diskMb: 100 }

interface World {
  readonly name: 'process' | 'docker'
  readonly isolate: (workDir: string) => Promise<Isolation>
  /** Where a task finds what it mounts at `data`. */
  readonly data: string
}
const worlds: readonly World[] = [
  { name: 'process', isolate: async (workDir) => processIsolation({ workDir }), data: 'data' },
  {
    name: 'docker',
    isolate: (workDir) =>
      dockerIsolation({ socketPath: engine?.socketPath ?? '', workDir, defaultImage: engine?.image ?? '' }),
    data: '/data',
  },
]

describe.each(worlds)('with isolation $name', ({ name, isolate, data }) => {
  const isSkipped = name === 'docker' && !engine && process.env['CI'] === undefined
  const base = mkdtempSync(join(tmpdir(), 'proffer-volumes-'))
  const folder = slaveFolder(base, 'main', 's1')
  let cluster: TestCluster
  let operator: Operator
  let slave: Running

  const start = async (fresh = false) => {
    slave = await startSlave({
      connection: connectionTo(cluster.url),
      cluster: 'main',
      name: 's1',
      settings: readSlaveSettings({ killGraceSeconds: 1 }),
      resources: { ...none, cpuMilli: 4000, memMb: 1024, diskMb: 1000 },
      attributes: {},
      isolation: await isolate(folder),
      killOnStop: false,
      log,
      ...(await recoverSlave(folder, fresh, log)),
    })
  }
  beforeAll(async () => {
    if (isSkipped) return
    expect(started, 'CI needs a Docker engine').toBeTypeOf('object')
    cluster = await startTestCluster()
    const connection = connectionTo(cluster.url)
    operator = await Operator.connect({ connection, cluster: 'main', user: 'op', timeoutMs: 10_000 })
    await cluster.addMaster('M0')
    await start()
  })
  afterAll(async () => {
    await slave?.stop()
    await (await isolateToClear())?.close({ kill: true })
    await operator?.close()
    await cluster?.stop()
    rmSync(base, { recursive: true, force: true })
  })
  const isolateToClear = async () => {
    if (isSkipped) return undefined
    const isolation = await isolate(folder)
    await isolation.retain(new Set())
    return isolation
  }

  const volumes = [{ volumeId: database.volumeId, path: 'data' }]
  const run = async (id: string, command: string, more: Partial<TaskRequest> = {}) =>
    cluster.run(role, [{ id, cpus: 0.1, mem: 32, command, volumes, ...more }])
  const finish = async (id: string, command: string, more: Partial<TaskRequest> = {}) => {
    const { end, scheduler } = await run(id, command, more)
    const status = await end(id)
    await scheduler.stop()
    return status
  }
  const change = (asked: object) => operator.ask('slave.reserve', { slave: 's1', role, ...asked })

  test.skipIf(isSkipped)('a volume outlives tasks, its slave, and the id of its slave', async () => {
    await vi.waitFor(() => change({ reserve: { ...none, diskMb: 200 }, createVolumes: [database] }))
    expect(existsSync(volumeFolder(folder, database.volumeId))).toBe(true)
    const write = `echo $PROFFER_TASK_ID >>${data}/file && mkdir -p ${data}/more && ls ${data}/more`
    expect(await finish('first', write)).toMatchObject({ state: 'finished' })
    await slave.stop()
    await start()
    expect(await finish('second', `tail -n 1 ${data}/file | grep first && ${write}`)).toMatchObject({
      state: 'finished',
    })
    const [before] = await rows()
    await slave.stop()
    await start(true)
    const third = await finish(
      'third',
      `head -n 1 ${data}/file | grep first && tail -n 1 ${data}/file | grep second`,
    )
    expect(third).toMatchObject({ state: 'finished' })
    const [after] = await rows()
    expect(after?.slaveId).not.toBe(before?.slaveId)
    expect(after).toMatchObject({ volumes: [{ ...database, role }] })
  })
  const rows = async () => {
    const found = []
    for await (const row of operator.slaves()) found.push(row)
    return found.filter((row) => row.state === 'active')
  }

  test.skipIf(isSkipped)('a volume in use stays; one that is destroyed is gone', async () => {
    const { state, end, scheduler } = await run('user', `echo here >${data}/here; sleep 1000`)
    await state('user', 'running')
    await expect(change({ destroyVolumes: [database.volumeId] })).rejects.toMatchObject({
      code: 'volume-in-use',
    })
    scheduler.kill('user', 0)
    await end('user')
    await vi.waitFor(() => change({ destroyVolumes: [database.volumeId] }))
    expect(existsSync(volumeFolder(folder, database.volumeId))).toBe(false)
    await change({ createVolumes: [database] })
    expect(await finish('empty', `[ ! -e ${data}/here ]`)).toMatchObject({ state: 'finished' })
    await scheduler.stop()
  })

  test.skipIf(isSkipped)(
    'a task that outlives its maximum is killed, however long a grace it wants',
    async () => {
      const command = `trap "" TERM; echo up >${data}/up; sleep 1000 & sleep 1000; sleep 1000`
      const status = await finish('long', command, { maxSeconds: 1, killGraceSeconds: 3600 })
      expect(status).toMatchObject({ state: 'killed', reason: 'too-long', signal: 'SIGKILL' })
      expect(status.message).toMatch(/^it ran for longer than the 1 s for which it may; /)
    },
  )

  test.skipIf(isSkipped)(
    'a limit that was over while its slave was away is kept when it is back',
    async () => {
      const { state, end, scheduler } = await run('away', `sleep 1000`, { maxSeconds: 1 })
      await state('away', 'running')
      await slave.stop()
      await start()
      expect(await end('away')).toMatchObject({ state: 'killed', reason: 'too-long' })
      await scheduler.stop()
    },
  )
})
