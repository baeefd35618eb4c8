/** An offer in its author's hands: what may be added to it, and what is said when it is answered. */
import { beforeEach, describe, expect, test } from 'vitest'
import { type Answer, Offer } from '../services/scheduler/offer.ts'
import type { TaskRequest } from '../services/scheduler/task.ts'
import type { OfferId, SlaveId } from '../shared/ids.ts'
import type { HeldOffer } from '../statecharts/decision.ts'

let answers: Answer[]
beforeEach(() => {
  answers = []
})

const offerOf = (more: Partial<HeldOffer> = {}) =>
  new Offer(
    {
      offerId: '1-O1' as OfferId,
      slaveId: '1-S1' as SlaveId,
      slaveName: 'node-1',
      role: 'eng/ads',
      resources: { cpuMilli: 2000, memMb: 1000, diskMb: 500, gpus: 0 },
      attributes: {},
      isolation: 'process',
      executors: ['mapper'],
      standsSeconds: 30,
      standsUntil: 30_000,
      ...more,
    },
    (answer) => answers.push(answer),
  )
const volume = { volumeId: 'db-1', role: 'eng/ads', diskMb: 100 }
const executor = (name: string) => ({ name, command: ['./run'], cpus: 0.1, mem: 32 })
const command = ['true']

test('it shows whose it is, of what kind, and what is on it', () => {
  const ordinary = offerOf()
  expect([ordinary.role, ordinary.revocable, ordinary.maxSeconds, ordinary.volumes]).toEqual([
    'eng/ads',
    false,
    undefined,
    [],
  ])
  const short = offerOf({ revocable: true, maxSeconds: 60, volumes: [volume] })
  expect([short.revocable, short.maxSeconds, short.volumes]).toEqual([true, 60, [volume]])
})

test.each<[string, Partial<HeldOffer>, Partial<TaskRequest>, boolean]>([
  ['a task as long as it likes', {}, {}, true],
  ['a task of some length', {}, { maxSeconds: 3600 }, true],
  ['a task as long as a short offer', { maxSeconds: 60 }, { maxSeconds: 60 }, true],
  ['a task longer than a short offer', { maxSeconds: 60 }, { maxSeconds: 61 }, false],
  ['a task that does not say how long, on a short offer', { maxSeconds: 60 }, {}, true],
  ['a new executor', {}, { executor: executor('reducer') }, true],
  ['a new executor on a short offer', { maxSeconds: 60 }, { executor: executor('reducer') }, false],
  ['a new executor on a revocable one', { revocable: true }, { executor: executor('reducer') }, false],
  ['an executor that runs there, on a short one', { maxSeconds: 60 }, { executor: executor('mapper') }, true],
  ['one that runs there, on a revocable one', { revocable: true }, { executor: executor('mapper') }, true],
  ['a volume', { volumes: [volume] }, { volumes: [{ volumeId: 'db-1', path: 'data' }] }, true],
  ['a volume that is not there', {}, { volumes: [{ volumeId: 'db-1', path: 'data' }] }, false],
  [
    'a volume twice',
    { volumes: [volume] },
    {
      volumes: [
        { volumeId: 'db-1', path: 'a' },
        { volumeId: 'db-1', path: 'b' },
      ],
    },
    false,
  ],
  ['more than there is', {}, { disk: 501 }, false],
])('%s: may it be added?', (_, offered, asked, added) => {
  const offer = offerOf(offered)
  expect(offer.add({ id: 't1', cpus: 1, mem: 100, command, ...asked })).toBe(added)
  offer.settle()
  expect(answers.map(({ answer }) => answer)).toEqual([added ? 'accept' : 'decline'])
})

test('what a task declares goes with it', () => {
  const offer = offerOf({ volumes: [volume] })
  offer.add({ id: 't1', cpus: 1, command, maxSeconds: 5, volumes: [{ volumeId: 'db-1', path: 'data' }] })
  offer.send()
  expect(answers).toMatchObject([
    { tasks: [{ taskId: 't1', maxSeconds: 5, volumes: [{ volumeId: 'db-1', path: 'data' }] }] },
  ])
})

test('one task has a volume, not two', () => {
  const offer = offerOf({ volumes: [volume] })
  const task = { cpus: 0.1, command, volumes: [{ volumeId: 'db-1', path: 'data' }] }
  expect([offer.add({ ...task, id: 't1' }), offer.add({ ...task, id: 't2' })]).toEqual([true, false])
})

describe('reserving, and what is made on what is reserved:', () => {
  test('it is sent although there is no task, and takes nothing of the rest but the disk of volumes', () => {
    const offer = offerOf({ volumes: [volume] })
    expect(offer.reserve({ cpus: 1, disk: 200 })).toBe(true)
    expect(offer.reserve({ mem: 100 })).toBe(true)
    expect(offer.unreserve({ cpus: 0.5 })).toBe(true)
    expect(offer.rest).toMatchObject({ cpuMilli: 2000, memMb: 1000, diskMb: 500 })
    expect(offer.createVolume('db-2', { disk: 200 })).toBe(true)
    expect(offer.destroyVolume('db-1')).toBe(true)
    expect(offer.rest).toMatchObject({ cpuMilli: 2000, memMb: 1000, diskMb: 300 })
    offer.settle()
    expect(answers).toMatchObject([
      {
        answer: 'accept',
        tasks: [],
        operations: {
          reserve: { cpuMilli: 1000, memMb: 100, diskMb: 200, gpus: 0 },
          unreserve: { cpuMilli: 500, memMb: 0, diskMb: 0, gpus: 0 },
          createVolumes: [{ volumeId: 'db-2', diskMb: 200 }],
          destroyVolumes: ['db-1'],
        },
      },
    ])
  })

  test('a volume may be used by a task that is added after it', () => {
    const offer = offerOf()
    const task = { id: 't1', cpus: 1, command, volumes: [{ volumeId: 'new', path: 'data' }] }
    expect(offer.add(task)).toBe(false)
    offer.createVolume('new', { disk: 10 })
    expect(offer.add(task)).toBe(true)
  })

  test.each<[string, (offer: Offer) => boolean]>([
    ['more than is offered', (offer) => offer.reserve({ cpus: 3 })],
    [
      'more than is offered, in two pieces',
      (offer) => offer.reserve({ cpus: 1.5 }) && offer.reserve({ cpus: 1 }),
    ],
    ['to undo more than is offered', (offer) => offer.unreserve({ mem: 1001 })],
    ['a volume larger than the disk', (offer) => offer.createVolume('new', { disk: 501 })],
    ['a volume of a name that is taken', (offer) => offer.createVolume('db-1', { disk: 1 })],
    [
      'the same volume twice',
      (offer) => offer.createVolume('new', { disk: 1 }) && offer.createVolume('new', { disk: 1 }),
    ],
    ['to destroy what is not there', (offer) => offer.destroyVolume('db-9')],
    ['to destroy it twice', (offer) => offer.destroyVolume('db-1') && offer.destroyVolume('db-1')],
    [
      'to destroy what was only just made',
      (offer) => offer.createVolume('new', { disk: 1 }) && offer.destroyVolume('new'),
    ],
    [
      'to destroy what a task uses',
      (offer) =>
        offer.add({ id: 't1', cpus: 1, command, volumes: [{ volumeId: 'db-1', path: 'data' }] }) &&
        offer.destroyVolume('db-1'),
    ],
    [
      'anything of an offer that is answered',
      (offer) => {
        offer.decline('unused')
        return (
          offer.reserve({ cpus: 1 }) || offer.createVolume('new', { disk: 1 }) || offer.destroyVolume('db-1')
        )
      },
    ],
  ])('%s: no', (_, change) => {
    expect(change(offerOf({ volumes: [volume] }))).toBe(false)
  })

  test.each<[string, Partial<HeldOffer>]>([
    ['short', { maxSeconds: 60 }],
    ['revocable', { revocable: true }],
  ])('nothing lasting on what is %s', (_, kind) => {
    const offer = offerOf(kind)
    expect([offer.reserve({ cpus: 1 }), offer.createVolume('new', { disk: 1 })]).toEqual([false, false])
  })

  test('a volume has a size', () => {
    expect(() => offerOf().createVolume('new', { disk: 0 })).toThrow(RangeError)
    expect(() => offerOf().createVolume('new', { disk: -1 })).toThrow('no amount')
  })
})

describe('offers are joined', () => {
  const other = (more: Partial<HeldOffer> = {}) => offerOf({ offerId: '1-O2' as OfferId, ...more })

  test('of the same slave, role and kind: they are answered together', () => {
    const offer = offerOf({ volumes: [volume] })
    offer.join(other({ volumes: [volume] }))
    expect(offer.rest).toMatchObject({ cpuMilli: 4000 })
    expect(offer.volumes).toEqual([volume])
    expect(offer.reserve({ cpus: 4 })).toBe(true)
    expect(offer.add({ id: 't1', cpus: 3, command, volumes: [{ volumeId: 'db-1', path: 'data' }] })).toBe(
      true,
    )
    offer.send()
    expect(answers).toMatchObject([{ offers: [{ offerId: '1-O1' }, { offerId: '1-O2' }] }])
  })

  test.each<[string, Partial<HeldOffer>]>([
    ['another slave', { slaveId: '1-S2' as SlaveId }],
    ['role eng/web', { role: 'eng/web' }],
    ['another kind', { revocable: true }],
    ['another kind', { maxSeconds: 60 }],
  ])('not of %s', (said, more) => {
    expect(() => offerOf().join(other(more))).toThrow(said)
  })

  test('not when they are answered, nor when something was added: it would be lost', () => {
    const [answered, used, reserved] = [other(), other(), other()]
    answered.decline('unused')
    used.add({ id: 't1', cpus: 1, command })
    reserved.reserve({ cpus: 1 })
    for (const each of [answered, used, reserved]) expect(() => offerOf().join(each)).toThrow(RangeError)
  })
})
