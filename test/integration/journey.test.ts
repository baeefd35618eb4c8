/** The whole journey over a real bus, with real processes: what the stories tell, once for real. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Running } from '../../services/runtime/member.ts'
import { StoreConflict } from '../../services/scheduler/index.ts'
import { compiled } from '../install.ts'
import { startTestCluster, type TestCluster } from './cluster-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'proffer-journey-'))
let cluster: TestCluster
let leader: Running
beforeAll(async () => {
  cluster = await startTestCluster()
  leader = await cluster.addMaster('M0', {
    leaseTtlSeconds: 3,
    leaseMarginSeconds: 0.5,
    standbyPollSeconds: 0.2,
  })
  await cluster.addSlave('S0')
})
afterAll(async () => {
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
})

const small = { cpus: 0.1, mem: 32 }

test('tasks end as their commands do, and say why', async () => {
  const { end } = await cluster.run('ends', [
    { id: 'well', ...small, command: ['true'] },
    { id: 'three', ...small, command: 'exit 3' },
    { id: 'signal', ...small, command: 'kill -9 $$' },
    { id: 'missing', ...small, command: ['no-such-command'] },
    { id: 'a task (odd) id: * > . é', ...small, command: ['true'] },
  ])
  expect(await end('well')).toMatchObject({ state: 'finished' })
  expect(await end('three')).toMatchObject({ state: 'failed', reason: 'exit-code', exitCode: 3 })
  expect(await end('signal')).toMatchObject({ state: 'failed', reason: 'signal', signal: 'SIGKILL' })
  expect(await end('missing')).toMatchObject({ state: 'failed', reason: 'command-not-found' })
  expect(await end('a task (odd) id: * > . é')).toMatchObject({ state: 'finished' })
})

test('a kill reaches the whole process group, with grace', async () => {
  // It is killed only when it has said that it does not listen: before that SIGTERM would end it.
  const deaf = join(folder, 'deaf')
  const { scheduler, end } = await cluster.run('kills', [
    { id: 'stubborn', ...small, command: `trap "" TERM; echo > ${deaf}; sleep 1000 & sleep 1000; wait` },
  ])
  await vi.waitUntil(() => existsSync(deaf))
  scheduler.kill('stubborn', 0.3)
  expect(await end('stubborn')).toMatchObject({
    state: 'killed',
    reason: 'kill-requested',
    signal: 'SIGKILL',
  })
})

test('a task is given its ports and its environment, and none of the slave', async () => {
  process.env.SECRET_OF_THE_SLAVE = 'yes'
  const out = join(folder, 'env')
  const { end } = await cluster.run('env', [
    { id: 'env', ...small, ports: 2, env: { MINE: 'a b' }, command: `env > ${out}` },
  ])
  expect(await end('env')).toMatchObject({ state: 'finished' })
  const env = readFileSync(out, 'utf8')
  expect(env).toContain('MINE=a b')
  expect(env).toMatch(/^PORT0=310\d\d$/m)
  expect(env).toMatch(/^PORT1=310\d\d$/m)
  expect(env).not.toContain('SECRET_OF_THE_SLAVE')
})

test('a task that is larger than the bus carries is refused, once, with what to do', async () => {
  const { end } = await cluster.run('huge', [
    { id: 'huge', ...small, env: { HUGE: 'x'.repeat(2 ** 21) }, command: ['true'] },
  ])
  const { state, message } = await end('huge')
  expect([state, message]).toEqual([
    'dropped',
    expect.stringMatching(/^too-large: \d+ bytes for .* split it/),
  ])
})

test('a framework that is torn down leaves nothing running', async () => {
  const { scheduler, state } = await cluster.run('leaves', [
    { id: 'forever', ...small, command: ['sleep', '1000'] },
  ])
  await state('forever', 'running')
  await scheduler.teardown()
  const after = await cluster.run('after', [], {})
  const { booked } = await freed(after.scheduler)
  expect(booked.cpuMilli).toBe(0)
})

test('a custom executor runs many tasks, and talks with its scheduler', async () => {
  const messages: string[] = []
  const executor = {
    name: 'echo',
    cpus: 0.1,
    mem: 64,
    idleSeconds: 0.5,
    command: [process.execPath, compiled('integration/echoExecutor')],
  }
  const tasks = ['a', 'b', 'c'].map((id) => ({
    id,
    ...small,
    executor,
    payload: new TextEncoder().encode(`hello ${id}`),
  }))
  const { scheduler, end } = await cluster.run('custom', tasks, {
    onMessage: (payload) => {
      messages.push(new TextDecoder().decode(payload))
    },
  })
  for (const id of ['a', 'b', 'c']) {
    const status = await end(id)
    expect(status).toMatchObject({ state: 'finished' })
    expect(new TextDecoder().decode(status.payload)).toBe(`HELLO ${id.toUpperCase()}`)
  }
  expect(messages.sort()).toEqual(['began a', 'began b', 'began c'])
  await freed(scheduler)
})

test('the store keeps what a framework must remember, and refuses to overwrite what it has not read', async () => {
  const { scheduler } = await cluster.run('remembers', [])
  const store = await scheduler.store()
  const revision = await store.create('intent. with > odd * name', { run: 1 })
  expect(await store.get('intent. with > odd * name')).toEqual({ value: { run: 1 }, revision })
  await expect(store.create('intent. with > odd * name', { run: 2 })).rejects.toBeInstanceOf(StoreConflict)
  const next = await store.update('intent. with > odd * name', { run: 2 }, revision)
  await expect(store.update('intent. with > odd * name', { run: 3 }, revision)).rejects.toBeInstanceOf(
    StoreConflict,
  )
  await store.remove('intent. with > odd * name', next)
  expect(await store.get('intent. with > odd * name')).toBe(undefined)
})

test('a second master takes over at once when the first resigns; tasks run on, and their framework is told', async () => {
  const standby = await cluster.addMaster('M1', {
    leaseTtlSeconds: 3,
    leaseMarginSeconds: 0.5,
    standbyPollSeconds: 0.2,
  })
  const first = await cluster.run('survivor', [{ id: 'long', ...small, command: ['sleep', '3'] }])
  await first.state('long', 'running')
  const subscribed: boolean[] = []
  const { scheduler } = await cluster.run('witness', [], { onSubscribed: () => void subscribed.push(true) })
  await scheduler.share()
  await leader.stop()
  expect(await first.end('long')).toMatchObject({ state: 'finished' })
  expect((await scheduler.share()).total.cpuMilli).toBe(8000)
  expect(subscribed.length).toBe(2)
  expect(standby.name).toBe('M1')
})

/** Waits until nothing is booked for a framework any more; asks, because nobody is told when that is so. */
async function freed(scheduler: { share(): Promise<{ booked: { cpuMilli: number } }> }) {
  for (;;) {
    const share = await scheduler.share()
    if (share.booked.cpuMilli === 0) return share
  }
}
