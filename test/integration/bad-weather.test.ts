/** Bad weather on purpose, over a real bus: what the README's table of mishaps says comes true. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Operator } from '../../services/operator/client.ts'
import type { Running } from '../../services/runtime/member.ts'
import { bucketName } from '../../services/runtime/overBus.ts'
import { isOver, runScheduler, type Status } from '../../services/scheduler/index.ts'
import { connectionTo, Heard, testBus } from './bus-world.ts'
import { startTestCluster, type TestCluster } from './cluster-world.ts'

const small = { cpus: 0.1, mem: 32 }
const shortLease = { leaseTtlSeconds: 3, leaseMarginSeconds: 0.5, standbyPollSeconds: 0.2, settleSeconds: 2 }
let cluster: TestCluster
let operator: Operator
let master: Running
beforeAll(async () => {
  cluster = await startTestCluster()
  master = await cluster.addMaster('M0', shortLease)
  await cluster.addSlave('S0')
  operator = await Operator.connect({
    connection: connectionTo(cluster.url),
    cluster: 'main',
    user: 'op',
    timeoutMs: 2000,
  })
})
afterAll(async () => {
  await operator.close()
  await cluster.stop()
})
async function deleteLease(): Promise<void> {
  const { bus } = await testBus(cluster.url)
  await bus.request(`$JS.API.STREAM.DELETE.KV_${bucketName('main', 'leader')}`, new Uint8Array(), 2000)
  await bus.drain()
}
const epoch = async () => (await operator.ask('cluster.get', {}).catch(() => undefined))?.epoch ?? 0

test('two schedulers stand by for each other: the second goes on as the same framework, with its tasks', async () => {
  const told = new Heard<Status>()
  const leads = new Heard<string>()
  const start = (name: string, tasks: string[]) =>
    runScheduler({
      name: 'pair',
      standby: true,
      connection: { server: cluster.url },
      wants: () => tasks.length > 0,
      onLeading: () => leads.add(name),
      onOffers: ([offer]) => {
        for (const id of tasks.splice(0)) offer?.add({ id, ...small, command: 'sleep 1; exit 4' })
      },
      onStatus: (status) => told.add(status),
    })
  const first = await start('first', ['t'])
  await told.first(({ state }) => state === 'running')
  const second = await start('second', [])
  expect(leads.all).toEqual(['first'])
  await first.stop()
  await leads.first((name) => name === 'second')
  expect(await told.first(isOver)).toMatchObject({ taskId: 't', state: 'failed', exitCode: 4 })
  expect(second.frameworkId).toBe(first.frameworkId)
  await second.teardown()
})

test('an update is acknowledged when its author has done with it: who dies before is told again', async () => {
  const told = new Heard<Status>()
  const never = new Promise<void>(() => {})
  const { scheduler } = await cluster.run('busy', [{ id: 't', ...small, command: ['true'] }], {
    settings: { callbackSeconds: 0 },
    onStatus: (status) => {
      told.add(status)
      return isOver(status) ? never : undefined
    },
  })
  await told.first(isOver)
  const frameworkId = `${scheduler.frameworkId}`
  await scheduler.stop()
  const again = await cluster.run('busy', [], { frameworkId, remembers: () => ['t'] })
  expect(await again.end('t')).toMatchObject({ state: 'finished', seq: 2 })
  await again.scheduler.teardown()
})

test('the bucket of the lease is deleted under the leader: it leads on, with a higher epoch', async () => {
  const { scheduler, state, end } = await cluster.run('on', [{ id: 't', ...small, command: 'sleep 4' }])
  await state('t', 'running')
  const before = await epoch()
  await deleteLease()
  await vi.waitUntil(async () => (await epoch()) > before, 10_000)
  expect(await end('t')).toMatchObject({ state: 'finished' })
  await scheduler.teardown()
})

test('the bucket of the lease is deleted while no master runs: the next begins above the reign that the registry knows', async () => {
  const before = await epoch()
  await master.stop()
  await deleteLease()
  master = await cluster.addMaster('M1', shortLease)
  await vi.waitUntil(async () => (await epoch()) > before, 10_000)
})

test('NATS comes back with an empty store: nobody is lost, and epochs go on rising', async () => {
  const { scheduler, state, end } = await cluster.run('store', [{ id: 't', ...small, command: 'sleep 4' }])
  await state('t', 'running')
  const before = await epoch()
  await cluster.restartEmpty()
  await vi.waitUntil(async () => (await epoch()) > before, 15_000)
  expect(await end('t')).toMatchObject({ state: 'finished' })
  const { slaves } = await operator.ask('slaves.list', {})
  expect(slaves).toMatchObject([{ name: 'S0', state: 'active' }])
  await scheduler.teardown()
})

test('ten thousand updates wait for a framework that is away, and all come when it is back', async () => {
  const count = 5000
  const taskOf = (id: string) => ({ id, ...small, command: ['true'] })
  const queue = Array.from({ length: count }, (_, i) => taskOf(`t${i}`))
  const launched = new Heard<string>()
  // It launches all, and never acknowledges: as far as its slave knows, it is away.
  const { scheduler } = await cluster.run('away', [], {
    settings: { callbackSeconds: 0 },
    wants: () => queue.length > 0,
    onOffers: (offers) => {
      for (const offer of offers)
        for (let next = queue[0]; next && offer.add(next); next = queue[0]) queue.shift()
    },
    onStatus: ({ taskId, seq }) => {
      if (seq > 0) {
        launched.add(taskId)
        return new Promise(() => {})
      }
      // No word of a slave: on a machine under load an offer may be gone before it is accepted.
      queue.push(taskOf(taskId))
      return undefined
    },
  })
  await vi.waitUntil(async () => new Set(launched.all).size === count, { timeout: 120_000, interval: 200 })
  await vi.waitUntil(async () => (await operator.ask('tasks.list', {})).tasks.length === 0, 60_000)
  const frameworkId = `${scheduler.frameworkId}`
  await scheduler.stop()

  const ended = new Map<string, number>()
  const again = await cluster.run('away', [], {
    frameworkId,
    onStatus: ({ taskId, state, seq }) => {
      if (isOver({ state })) ended.set(taskId, seq)
    },
  })
  await vi.waitUntil(() => ended.size === count, { timeout: 60_000, interval: 100 })
  expect(new Set(ended.values())).toEqual(new Set([2]))
  await again.scheduler.teardown()
}, 300_000)
