/** What masters and slaves show by HTTP: numbers that are those of the cluster, life, and whether they do their work. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startMaster } from '../../services/master/main.ts'
import { Operator } from '../../services/operator/client.ts'
import { openCheckpoint } from '../../services/slave/checkpoint.ts'
import { readMasterSettings } from '../../shared/config.ts'
import { taskStates } from '../../shared/tasks.ts'
import { connectionTo, Heard, startTestNats } from './bus-world.ts'
import { startTestCluster, type TestCluster } from './cluster-world.ts'
import { type Scrape, scrape } from './scrape.ts'

const anywhere = { host: '127.0.0.1', port: 0 }
const folder = mkdtempSync(join(tmpdir(), 'proffer-exporter-'))
const lines = new Heard<{ role?: string; id?: string; url?: string; msg: string }>()
const log = pino({ base: null }, { write: (line) => lines.add(JSON.parse(line)) })
const urlOf = async (role: string, id: string) =>
  (await lines.first((line) => line.role === role && line.id === id && line.url !== undefined)).url ?? ''
const look = async (url: string, path: string) => {
  const answer = await fetch(url + path)
  return { status: answer.status, text: await answer.text() }
}
const lease = { leaseTtlSeconds: 3, leaseMarginSeconds: 0.5, standbyPollSeconds: 0.2 }

let cluster: TestCluster
let operator: Operator
let urls: { master: string; slave: string }
beforeAll(async () => {
  cluster = await startTestCluster({ log })
  await cluster.addMaster('M0', lease, { listen: anywhere })
  const { disk } = await openCheckpoint(folder)
  await cluster.addSlave('S0', { listen: anywhere, recovered: { disk, records: [] } })
  urls = { master: await urlOf('master', 'M0'), slave: await urlOf('slave', 'S0') }
  operator = await Operator.connect({
    ...{ connection: connectionTo(cluster.url), cluster: 'main', user: 'test', timeoutMs: 20_000 },
  })
})
afterAll(async () => {
  await operator.close()
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A machine under load is slow, not wrong. */
const patience = { timeout: 20_000 }
/** Scrapes until a sample has this value: what was told last is counted by then. */
const until = (url: string, sample: string, value: number): Promise<Scrape> =>
  vi.waitUntil(async () => {
    const seen = await scrape(url)
    return seen.samples.get(sample) === value && seen
  }, patience)
/** Asks until it answers so. */
const answers = (url: string, status: number, start: string): Promise<unknown> =>
  vi.waitUntil(async () => {
    const answer = await look(url, '/readyz')
    return answer.status === status && answer.text.startsWith(start)
  }, patience)

test('a role that does its work is ready, and says what it does', async () => {
  await answers(urls.slave, 200, 'slave S0')
  expect((await look(urls.master, '/readyz')).text).toMatch(/^M0 leads, epoch \d+\n$/)
  expect((await look(urls.slave, '/readyz')).text).toMatch(/^slave S0 \(\d+-S1\) takes tasks\n$/)
  for (const url of Object.values(urls))
    expect(await look(url, '/healthz')).toEqual({ status: 200, text: 'ok\n' })
})

test('the numbers are those of what happened', async () => {
  const small = { cpus: 0.5, mem: 32 }
  const { end, state, scheduler } = await cluster.run('counted', [
    ...['a', 'b', 'c'].map((id) => ({ id, ...small, command: ['true'] })),
    { id: 'fails', ...small, command: ['false'] },
    { id: 'runs', ...small, command: ['sleep', '1000'] },
  ])
  for (const id of ['a', 'b', 'c', 'fails']) await end(id)
  await state('runs', 'running')
  await expect(operator.ask('slave.drain', { slave: 'nobody', withinSeconds: 1 })).rejects.toThrow('no slave')

  const slave = await until(urls.slave, 'proffer_slave_unacknowledged_updates', 0)
  const samples = (await until(urls.master, 'proffer_master_tasks{state="running"}', 1)).samples
  const value = (name: string) => samples.get(name)
  expect(value('proffer_master_leading')).toBe(1)
  expect(value('proffer_master_elections_total')).toBe(1)
  expect(value('proffer_master_slaves{state="active"}')).toBe(1)
  expect(value('proffer_master_tasks_ended_total{state="finished"}')).toBe(3)
  expect(value('proffer_master_tasks_ended_total{state="failed"}')).toBe(1)
  expect(value('proffer_master_refusals_total{code="slave-unknown"}')).toBe(1)
  expect(value('proffer_master_cpus')).toBe(8)
  expect(value('proffer_master_cpus_booked')).toBe(0.5)
  expect(value('proffer_master_memory_booked_bytes')).toBe(32 * 1024 * 1024)
  const offers = (end: string) => value(`proffer_master_offers_${end}_total`) ?? Number.NaN
  expect(offers('accepted')).toBeGreaterThan(0)
  expect(
    offers('accepted') + offers('declined') + offers('rescinded') + (value('proffer_master_offers') ?? 0),
  ).toBe(offers('made'))
  expect(value('proffer_master_allocation_seconds_count')).toBe(
    value('proffer_master_steps_total{heard="wake.offers"}'),
  )
  expect(value('proffer_master_lease_attempt_seconds_count{op="create",outcome="written"}')).toBe(1)
  expect(value('proffer_master_lease_remaining_seconds')).toBeLessThanOrEqual(lease.leaseTtlSeconds)
  expect(value('proffer_bus_up{connection="lease"}')).toBe(1)
  expect(value('proffer_bus_messages_total{connection="main",direction="in"}')).toBeGreaterThan(10)

  expect(slave.samples.get('proffer_slave_registered')).toBe(1)
  expect(slave.samples.get('proffer_slave_launches_total')).toBe(5)
  expect(slave.samples.get('proffer_slave_tasks{state="running"}')).toBe(1)
  expect(slave.samples.get('proffer_slave_cpus_booked')).toBe(0.5)
  const writes = 'proffer_slave_checkpoint_write_seconds_count{op="append",outcome="safe"}'
  expect(slave.samples.get(writes)).toBeGreaterThan(0)
  await scheduler.teardown()
})

test('a master that stands by says so, and takes over what is counted', async () => {
  const standby = await cluster.addMaster('M1', lease, { listen: anywhere })
  const url = await urlOf('master', 'M1')
  await answers(url, 200, 'M1 stands by')
  const { samples } = await until(
    url,
    'proffer_master_epoch',
    (await scrape(urls.master)).samples.get('proffer_master_epoch') ?? 0,
  )
  expect(samples.get('proffer_master_leading')).toBe(0)
  expect(samples.get('proffer_master_slaves{state="active"}')).toBe(0)
  await standby.stop()
  await expect(fetch(url)).rejects.toThrow()
})

describe('by the conventions of Prometheus', () => {
  test.each(['master', 'slave'] as const)(
    'what a %s shows has a type, a sentence, and base units',
    async (role) => {
      const { types, helps } = await scrape(urls[role])
      const ours = [...types].filter(([name]) => name.startsWith('proffer_'))
      expect(ours.length).toBeGreaterThan(20)
      for (const [name, type] of ours) {
        expect(name.endsWith('_total'), name).toBe(type === 'counter')
        expect(name).not.toMatch(/_(ms|milliseconds|mb|kb|milli)(_|$)/)
        if (type === 'histogram') expect(name).toMatch(/_seconds$/)
        expect(helps.get(name), name).toMatch(/^[A-Z].*\.$/)
      }
      expect([...types.keys()]).toEqual(
        expect.arrayContaining(['process_cpu_seconds_total', 'nodejs_eventloop_lag_seconds']),
      )
    },
  )

  test('each state has its series from the start', async () => {
    const { samples } = await scrape(urls.slave)
    for (const state of taskStates) expect(samples.has(`proffer_slave_tasks{state="${state}"}`)).toBe(true)
  })
})

test('what nobody shows is not there, and nothing can be written', async () => {
  const { status, text } = await look(urls.master, '/wrong')
  expect([status, text]).toEqual([404, 'there is no /wrong; there are /metrics, /healthz, /readyz\n'])
  expect((await fetch(`${urls.master}/healthz`, { method: 'POST' })).status).toBe(405)
  expect((await fetch(`${urls.master}/metrics?x=1`, { method: 'HEAD' })).status).toBe(200)
})

test('two cannot listen at one place', async () => {
  const port = Number(new URL(urls.master).port)
  const second = cluster.addMaster('M2', lease, { listen: { host: '127.0.0.1', port } })
  await expect(second).rejects.toThrow(`nothing can listen on 127.0.0.1:${port}: somebody does already`)
})

test('a master that waits for NATS is alive and not ready; one that has lost it is not ready either', async () => {
  const nats = await startTestNats()
  await nats.kill()
  const connection = connectionTo(nats.url)
  const settings = readMasterSettings(lease)
  const starting = startMaster({
    ...{ connection, cluster: 'main', name: 'M3', settings, replicas: 1, log, listen: anywhere },
    waitForServer: true,
  })
  const url = await urlOf('master', 'M3')
  expect(await look(url, '/readyz')).toEqual({
    status: 503,
    text: 'it is starting: it waits for NATS, or for JetStream\n',
  })
  expect((await look(url, '/healthz')).status).toBe(200)
  await nats.restart()
  const master = await starting
  await answers(url, 200, 'M3 leads')
  await nats.kill()
  await answers(url, 503, 'M3 does not reach NATS')
  expect((await scrape(url)).samples.get('proffer_bus_up{connection="main"}')).toBe(0)
  await nats.restart()
  await master.stop()
  await nats.stop()
})

test('nobody listens where it was not asked for', async () => {
  await cluster.addMaster('M4', lease)
  expect(lines.all.filter(({ id, url }) => id === 'M4' && url !== undefined)).toEqual([])
})
