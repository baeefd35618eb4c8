/** Masters and slaves as services of NATS, as its own client finds them, and the `nats micro` command with it. */
import { connect, type NatsConnection, type ServiceIdentity, type ServiceInfo, type ServiceStats } from 'nats'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startMaster } from '../../services/master/main.ts'
import { Operator } from '../../services/operator/client.ts'
import { logTo } from '../../services/runtime/log.ts'
import { version } from '../../services/runtime/package.ts'
import { readMasterSettings } from '../../shared/config.ts'
import { bytes, connectionTo, text, withNats } from './bus-world.ts'
import { startTestCluster, type TestCluster } from './cluster-world.ts'

let cluster: TestCluster
let nats: NatsConnection
let operator: Operator
beforeAll(async () => {
  cluster = await startTestCluster()
  await cluster.addMaster('M0')
  await cluster.addSlave('S0')
  nats = await connect({ servers: cluster.url })
  operator = await Operator.connect({
    ...{ connection: connectionTo(cluster.url), cluster: 'main', user: 'test', timeoutMs: 20_000 },
  })
})
afterAll(async () => {
  await operator.close()
  await nats.close()
  await cluster.stop()
})

/** A machine under load is slow, not wrong. */
const patience = { timeout: 20_000 }

async function all<Found>(found: Promise<AsyncIterable<Found>>): Promise<Found[]> {
  const list: Found[] = []
  for await (const each of await found) list.push(each)
  return list
}
const ping = (...named: string[]): Promise<ServiceIdentity[]> => all(nats.services.client().ping(...named))
const info = (...named: string[]): Promise<ServiceInfo[]> => all(nats.services.client().info(...named))
const stats = (...named: string[]): Promise<ServiceStats[]> => all(nats.services.client().stats(...named))
const one = async (name: string): Promise<ServiceIdentity> => {
  const [found] = await vi.waitUntil(async () => {
    const found = await ping(name)
    const isUp = found.some(({ metadata }) => ['leading', 'registered'].includes(metadata?.['state'] ?? ''))
    return isUp && found
  }, patience)
  if (!found) throw new Error(`there is no ${name}`)
  return found
}

test('each is found: all, by name, by id', async () => {
  const master = await one('proffer-master')
  const slave = await one('proffer-slave')
  expect(master).toMatchObject({ type: 'io.nats.micro.v1.ping_response', version })
  expect(master.metadata).toMatchObject({ cluster: 'main', name: 'M0', state: 'leading' })
  expect(slave.metadata).toMatchObject({ name: 'S0', state: 'registered', epoch: master.metadata?.['epoch'] })
  expect(slave.metadata?.['slaveId']).toBe(`${master.metadata?.['epoch']}-S1`)
  const names = (await ping()).map(({ name }) => name).sort()
  expect(names).toEqual(['proffer-master', 'proffer-slave'])
  expect(await ping('proffer-master', master.id)).toEqual([master])
  await expect(ping('proffer-master', slave.id)).rejects.toThrow('503')
})

test('what they can be asked, and where', async () => {
  const { id } = await one('proffer-master')
  const [master] = await info('proffer-master', id)
  expect(master).toMatchObject({
    type: 'io.nats.micro.v1.info_response',
    id,
    description: expect.any(String),
  })
  expect(master?.endpoints).toContainEqual({
    ...{ name: 'cluster-get', subject: 'proffer.main.master.operator.*.cluster.get', queue_group: '' },
  })
  expect(master?.endpoints.map(({ name }) => name)).not.toContain('watch-renew')
  const { metadata } = await one('proffer-slave')
  const [slave] = await info('proffer-slave')
  expect(slave?.endpoints).toEqual([
    {
      ...{ name: 'log-read', queue_group: '' },
      subject: `proffer.main.slave.${metadata?.['slaveId']}.operator.*.log.read`,
    },
  ])
})

test('what they were asked is counted, and what they refused', async () => {
  const { id } = await one('proffer-master')
  await operator.ask('cluster.get', {})
  await operator.ask('cluster.get', {})
  await expect(operator.ask('slave.reactivate', { slave: 'nobody' })).rejects.toThrow('no slave')
  const [master] = await stats('proffer-master', id)
  expect(master).toMatchObject({ type: 'io.nats.micro.v1.stats_response', id })
  expect(new Date(master?.started ?? '').getTime()).toBeGreaterThan(0)
  const endpoint = (name: string) => master?.endpoints?.find((each) => each.name === name)
  expect(endpoint('cluster-get')).toMatchObject({ num_requests: 2, num_errors: 0, last_error: '' })
  const { processing_time: spent = 0, average_processing_time: average } = endpoint('cluster-get') ?? {}
  expect(spent).toBeGreaterThan(0)
  expect(average).toBe(Math.round(spent / 2))
  expect(endpoint('slave-reactivate')).toMatchObject({ num_requests: 1, num_errors: 1 })
  expect(endpoint('slave-reactivate')?.last_error).toMatch(/^slave-unknown:slave nobody/)
  expect(endpoint('tasks-list')).toMatchObject({ num_requests: 0, average_processing_time: 0 })
})

test('a slave counts what it answers by and by', async () => {
  const { end } = await cluster.run('writes', [{ id: 't', cpus: 0.1, mem: 32, command: 'echo hello' }])
  const { frameworkId, taskId, slaveId } = await end('t')
  await operator.readLog({ frameworkId, taskId, slaveId }, 'stdout', 0)
  const [slave] = await stats('proffer-slave')
  expect(slave?.endpoints).toMatchObject([{ name: 'log-read', num_requests: 1, num_errors: 0 }])
})

test('a standby is found, and asked nothing', async () => {
  const standby = await cluster.addMaster('M1')
  const masters = await vi.waitUntil(async () => {
    const found = await info('proffer-master')
    return found.length === 2 && found
  }, patience)
  const second = masters.find(({ metadata }) => metadata?.['name'] === 'M1')
  expect(second).toMatchObject({ metadata: { cluster: 'main', state: 'standby' }, endpoints: [] })
  await standby.stop()
})

test('a question without a place for the answer, and one that is none, disturb nobody', async () => {
  nats.publish('$SRV.PING')
  nats.publish('$SRV.PING', bytes('{'), { reply: 'not.*.a.place' })
  const answer = await nats.request('$SRV.PING.proffer-master', bytes('not JSON'))
  expect(JSON.parse(text(answer.data))).toMatchObject({ name: 'proffer-master' })
})

describe('where permissions do not allow it', () => {
  const config = `authorization { users = [
    { user: all, password: pw }
    { user: few, password: pw, permissions: { publish: ">", subscribe: { allow: ">", deny: "$SRV.>" } } }
  ] }`

  test('a master leads all the same, and says so once', async () => {
    await withNats(
      async ({ url }) => {
        const warned: string[] = []
        const given = { user: 'few', password: 'pw' }
        const master = await startMaster({
          ...{ connection: connectionTo(url, given), cluster: 'main', name: 'M0', replicas: 1 },
          ...{ settings: readMasterSettings(), log: logTo((sentence) => warned.push(sentence)) },
        })
        const asked = await Operator.connect({
          ...{
            connection: connectionTo(url, { user: 'all', password: 'pw' }),
            cluster: 'main',
            user: 'test',
          },
          timeoutMs: 20_000,
        })
        const leader = await vi.waitUntil(() => asked.ask('cluster.get', {}).catch(() => undefined), patience)
        expect(leader.leader).toBe('M0')
        expect(warned).toEqual([
          expect.stringMatching(/^NATS permissions do not let it hear \$SRV\.PING: `nats micro`/),
        ])
        await asked.close()
        await master.stop()
      },
      { config },
    )
  })
})
