/**
 * A framework without our SDK, as somebody would write it in another language from the protocol reference alone: a
 * NATS client, another msgpack library, and the subjects. Nothing of ours is imported but the cluster to speak to.
 */
import { decode, encode } from '@msgpack/msgpack'
import { connect, type NatsConnection } from 'nats'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestCluster, type TestCluster } from './cluster-world.ts'

let cluster: TestCluster
let bus: NatsConnection
beforeAll(async () => {
  cluster = await startTestCluster()
  await cluster.addMaster('M0')
  await cluster.addSlave('S0')
  bus = await connect({ servers: cluster.url })
})
afterAll(async () => {
  await bus.close()
  await cluster.stop()
})

type Answer = Record<string, unknown>
/** A leader who has only just taken office answers `unheard`: ask again. */
const ask = async (type: string, body: object): Promise<Answer> => {
  const reply = await bus.request(`proffer.main.master.framework.stranger.${type}`, encode(body), {
    timeout: 5000,
  })
  const answer = decode(reply.data) as Answer
  return answer['code'] === 'unheard' ? ask(type, body) : answer
}

test('subscribes, is offered a slave, launches, hears what became of it, acknowledges, and leaves', async () => {
  const { frameworkId } = await ask('framework.subscribe', {
    name: 'stranger',
    roles: [{ role: 'stranger', suppressed: false }],
    instance: 'one',
    failoverSeconds: 60,
  })
  const heard = bus.subscribe(`proffer.main.framework.stranger.${frameworkId}.>`)
  expect(await ask('framework.beat', { frameworkId, instance: 'one' })).toMatchObject({
    ok: true,
    suppressed: [],
  })

  const states: string[] = []
  for await (const message of heard) {
    const said = decode(message.data) as {
      offers?: { offerId: string }[]
      updates?: { taskId: string; slaveId: string; seq: number; state: string; exitCode?: number }[]
    }
    if (message.subject.endsWith('.offer.make') && states.length === 0) {
      const tasks = [
        {
          taskId: 'their task',
          resources: { cpuMilli: 100, memMb: 32, diskMb: 0, gpus: 0 },
          command: { shell: 'exit 7' },
        },
      ]
      const accepted = await ask('offer.accept', {
        frameworkId,
        offerIds: [said.offers?.[0]?.offerId],
        tasks,
        refuseSeconds: 600,
      })
      expect(accepted).toMatchObject({ ok: true })
      states.push('accepted')
    }
    for (const { taskId, slaveId, seq, state, exitCode } of said.updates ?? []) {
      states.push(exitCode === undefined ? state : `${state} ${exitCode}`)
      bus.publish(
        `proffer.main.slave.${slaveId}.framework.stranger.status.ack`,
        encode({ acks: [{ frameworkId, taskId, seq }] }),
      )
    }
    if (states.some((state) => state.startsWith('failed'))) break
  }
  expect(states).toEqual(['accepted', 'running', 'failed 7'])
  expect(await ask('framework.teardown', { frameworkId })).toEqual({ ok: true })
})

test('speaks of its roles one by one, and asks why', async () => {
  const { frameworkId } = await ask('framework.subscribe', {
    name: 'stranger',
    roles: [
      { role: 'eng/ads', suppressed: false },
      { role: 'eng/web', suppressed: true },
    ],
    takes: ['short'],
    instance: 'two',
    failoverSeconds: 60,
  })
  const beat = () => ask('framework.beat', { frameworkId, instance: 'two' })
  expect(await beat()).toMatchObject({ ok: true, suppressed: ['eng/web'] })
  const roles = ['eng/web']
  expect(await ask('offers.revive', { frameworkId, roles })).toEqual({ ok: true })
  expect(await beat()).toMatchObject({ suppressed: [] })
  expect(await ask('offers.suppress', { frameworkId })).toEqual({ ok: true })
  expect(await beat()).toMatchObject({ suppressed: ['eng/ads', 'eng/web'] })
  expect(await ask('refusals.clear', { frameworkId, roles })).toEqual({ ok: true })
  const filters = { attributes: { rack: { oneOf: ['r9'] } } }
  expect(await ask('filters.set', { frameworkId, roles, filters })).toEqual({ ok: true })
  expect(await ask('filters.set', { frameworkId, roles: ['ops'], filters })).toMatchObject({
    ok: false,
    code: 'role-unknown',
  })
  await ask('offers.revive', { frameworkId, roles })
  expect(await ask('explain.get', { frameworkId, role: 'eng/web' })).toMatchObject({
    ok: true,
    counts: { constrained: 1 },
    slaves: [{ slaveName: 'S0', role: 'eng/web', obstacle: 'constrained' }],
  })
  expect(await ask('framework.teardown', { frameworkId })).toEqual({ ok: true })
})

test('what it sends wrong is answered in words', async () => {
  const garbage = await bus.request(
    'proffer.main.master.framework.stranger.offer.accept',
    new Uint8Array([0xc1]),
    { timeout: 5000 },
  )
  expect(decode(garbage.data)).toMatchObject({ ok: false, code: 'bad-bytes' })
  expect(
    await ask('offer.accept', { frameworkId: 'x', offerIds: ['y'], tasks: [], refuseSeconds: -1 }),
  ).toMatchObject({ ok: false, code: 'bad-message' })
  expect(await ask('no.such', {})).toMatchObject({ ok: false, code: 'unknown-type' })
  const huge = new Uint8Array(bus.info?.max_payload ?? 0)
  const near = await bus.request(
    'proffer.main.master.framework.stranger.offer.accept',
    huge.subarray(0, huge.length - 200),
    { timeout: 5000 },
  )
  expect(decode(near.data)).toMatchObject({ ok: false, code: 'bad-bytes' })
})
