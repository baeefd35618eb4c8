/** What strangers send wrong gets a code and a sentence, is counted, and changes nothing in the leader's books. */
import { beforeEach, expect, test } from 'vitest'
import { SimulatedCluster } from '../services/simulator/index.ts'
import { encode, unpack } from '../shared/codec.ts'
import type { MessageType } from '../shared/messages.ts'
import type { Master } from '../statecharts/master/ledger.ts'

const resources = { cpuMilli: 500, memMb: 64, diskMb: 0, gpus: 0 }
const task = (more: object = {}) => ({ taskId: 't1', resources, command: { argv: ['true'] }, ...more })
const without = (name: string) =>
  Object.fromEntries(Object.entries(task()).filter(([field]) => field !== name))

let cluster: SimulatedCluster
let ids: { F0: string; F1: string }
beforeEach(() => {
  cluster = new SimulatedCluster()
  cluster.addMaster('M0')
  for (const name of ['F0', 'F1']) {
    cluster.addFramework(name, {
      onOffers: (offers) => {
        for (const offer of offers) {
          if (name === 'F0' && offer.slaveName === 'S0' && offer.id === '1-O1')
            offer.add({ id: 'used', cpus: 0.5, mem: 64, command: ['forever'] })
          else offer.hold()
        }
      },
    })
  }
  for (const name of ['S0', 'S1', 'S2', 'S3', 'S4'])
    cluster.addSlave(name, { resources: { cpus: 4, mem: 1024 } })
  cluster.pass(2)
  const idOf = (name: string) => cluster.frameworks.get(name)?.ledger.frameworkId ?? ''
  ids = { F0: idOf('F0'), F1: idOf('F1') }
})

const leader = (): Master => cluster.leader?.ledger as Master
const offersOf = (name: 'F0' | 'F1') =>
  [...leader().offers.values()]
    .filter((offer) => offer.claim.framework.name === name)
    .map((offer) => offer.offerId)

function offersOfTwoSlaves(): string[] {
  const bySlave = new Map(
    [...leader().offers.values()]
      .filter((offer) => offer.claim.framework.name === 'F0')
      .map((offer) => [offer.slave, offer.offerId]),
  )
  return [...bySlave.values()].slice(0, 2)
}

/** The books, without what time alone changes. */
function books(): string {
  const { slaves, frameworks, offers, booked, offered, total, taskCount } = leader()
  const shown = {
    slaves: [...slaves.values()].map(({ name, state, booked, offered, digest, tasks }) => ({
      name,
      state,
      booked,
      offered,
      digest,
      tasks: [...tasks.keys()],
    })),
    frameworks: [...frameworks.values()].map(({ name, state, booked, offered, tasks, claims }) => ({
      name,
      state,
      booked,
      offered,
      tasks: [...tasks.keys()],
      refusals: [...claims.values()].map(({ refusals, suppressedAs, filters }) => [
        refusals.size,
        [...suppressedAs],
        filters,
      ]),
    })),
    offers: [...offers.keys()],
    booked,
    offered,
    total,
    taskCount,
  }
  return JSON.stringify(shown)
}

/** Says something as F0, and returns the code of the refusal. */
function refusalOf(
  type: MessageType,
  body: object | Uint8Array,
  as: { role: 'scheduler' | 'slave' | 'operator'; id: string } = { role: 'scheduler', id: 'F0' },
): string {
  const before = books()
  const counted = [...leader().refused.values()].reduce((sum, count) => sum + count, 0)
  let said: Record<string, unknown> = {}
  cluster.stranger(
    as,
    { role: 'master' },
    type,
    body instanceof Uint8Array ? body : encode(body),
    (answer) => {
      said = (answer instanceof Uint8Array ? unpack(answer) : answer) as Record<string, unknown>
    },
  )
  cluster.pass(0.1)
  expect(said.ok, JSON.stringify(said)).toBe(false)
  expect(String(said.message).length).toBeGreaterThan(20)
  expect(books()).toBe(before)
  expect([...leader().refused.values()].reduce((sum, count) => sum + count, 0)).toBe(counted + 1)
  return String(said.code)
}

const accept = (more: object = {}) => ({
  frameworkId: ids.F0,
  offerIds: offersOf('F0').slice(0, 1),
  tasks: [task()],
  refuseSeconds: 0,
  ...more,
})

test.each<[string, string, () => [MessageType, object | Uint8Array]]>([
  ['bytes that are not msgpack', 'bad-bytes', () => ['offer.accept', new Uint8Array([0xc1, 1, 2])]],
  ['no bytes at all', 'bad-bytes', () => ['offer.accept', new Uint8Array()]],
  ['a missing field', 'bad-message', () => ['offer.accept', { frameworkId: ids.F0 }]],
  ['a field of another type', 'bad-message', () => ['offer.accept', accept({ refuseSeconds: 'long' })]],
  [
    'negative resources',
    'bad-message',
    () => ['offer.accept', accept({ tasks: [task({ resources: { ...resources, cpuMilli: -1 } })] })],
  ],
  [
    'resources that are no number',
    'bad-message',
    () => ['offer.accept', accept({ tasks: [task({ resources: { ...resources, memMb: Number.NaN } })] })],
  ],
  [
    'huge resources',
    'bad-message',
    () => ['offer.accept', accept({ tasks: [task({ resources: { ...resources, cpuMilli: 1e300 } })] })],
  ],
  [
    'no resources at all',
    'bad-task',
    () => [
      'offer.accept',
      accept({ tasks: [task({ resources: { cpuMilli: 0, memMb: 0, diskMb: 0, gpus: 0 } })] }),
    ],
  ],
  [
    'ports in disorder',
    'bad-task',
    () => [
      'offer.accept',
      accept({ tasks: [task({ resources: { ...resources, ports: [[31010, 31000]] } })] }),
    ],
  ],
  [
    'more than was offered',
    'over-offer',
    () => ['offer.accept', accept({ tasks: [task({ resources: { ...resources, cpuMilli: 5000 } })] })],
  ],
  [
    'more than was offered, in all',
    'over-offer',
    () => [
      'offer.accept',
      accept({
        tasks: [1, 2, 3, 4, 5].map((i) =>
          task({ taskId: `x${i}`, resources: { ...resources, cpuMilli: 900 } }),
        ),
      }),
    ],
  ],
  [
    'an offer twice',
    'offer-twice',
    () => ['offer.accept', accept({ offerIds: [offersOf('F0')[0], offersOf('F0')[0]] })],
  ],
  ['an offer that was answered', 'offer-gone', () => ['offer.accept', accept({ offerIds: ['1-O1'] })]],
  [
    "another framework's offer",
    'offer-gone',
    () => ['offer.accept', accept({ offerIds: offersOf('F1').slice(0, 1) })],
  ],
  [
    'offers of different slaves',
    'offers-of-several-slaves',
    () => ['offer.accept', accept({ offerIds: offersOfTwoSlaves() })],
  ],
  [
    'a task id in use',
    'task-id-in-use',
    () => ['offer.accept', accept({ tasks: [task({ taskId: 'used' })] })],
  ],
  ['a task id twice', 'task-id-in-use', () => ['offer.accept', accept({ tasks: [task(), task()] })]],
  [
    'a task id of 256 characters',
    'bad-message',
    () => ['offer.accept', accept({ tasks: [task({ taskId: 'x'.repeat(256) })] })],
  ],
  [
    'tasks that are too large together',
    'too-large',
    () => [
      'offer.accept',
      accept({
        tasks: Array.from({ length: 6 }, (_, i) =>
          task({ taskId: `x${i}`, command: { argv: ['x'.repeat(100_000)] } }),
        ),
      }),
    ],
  ],
  ['no command', 'bad-task', () => ['offer.accept', accept({ tasks: [without('command')] })]],
  [
    'an empty command',
    'bad-message',
    () => ['offer.accept', accept({ tasks: [task({ command: { argv: [] } })] })],
  ],
  [
    'a command of nothing',
    'bad-task',
    () => ['offer.accept', accept({ tasks: [task({ command: { argv: [''] } })] })],
  ],
  [
    'a command in two ways',
    'bad-task',
    () => ['offer.accept', accept({ tasks: [task({ command: { argv: ['a'], shell: 'a' } })] })],
  ],
  [
    'a zero byte in a command',
    'bad-message',
    () => ['offer.accept', accept({ tasks: [task({ command: { argv: ['a\0b'] } })] })],
  ],
  [
    'a container where there is no engine',
    'bad-task',
    () => ['offer.accept', accept({ tasks: [task({ container: { image: 'busybox' } })] })],
  ],
  ["another framework's name", 'framework-foreign', () => ['offer.accept', accept({ frameworkId: ids.F1 })]],
  [
    'a framework that nobody knows',
    'framework-unknown',
    () => ['offer.accept', accept({ frameworkId: '9-F9' })],
  ],
  [
    'refuseSeconds that are negative',
    'bad-message',
    () => ['offer.decline', { frameworkId: ids.F0, offerIds: offersOf('F0'), refuseSeconds: -1 }],
  ],
  [
    'refuseSeconds that are absurd',
    'bad-message',
    () => ['offer.decline', { frameworkId: ids.F0, offerIds: offersOf('F0'), refuseSeconds: 1e12 }],
  ],
  [
    'a decline of what is gone',
    'offer-gone',
    () => ['offer.decline', { frameworkId: ids.F0, offerIds: ['1-O1'], refuseSeconds: 1 }],
  ],
  [
    "a kill of another framework's task",
    'task-unknown',
    () => ['task.kill', { frameworkId: ids.F0, taskId: 'nobody' }],
  ],
  [
    'a framework name of 10 kB',
    'bad-message',
    () => [
      'framework.subscribe',
      { name: 'x'.repeat(10_000), role: 'r', instance: 'i', failoverSeconds: 1, suppressed: false },
    ],
  ],
  [
    'an id that no leader gave',
    'framework-unknown',
    () => [
      'framework.subscribe',
      {
        name: 'x',
        roles: [{ role: 'r', suppressed: false }],
        instance: 'i',
        failoverSeconds: 1,
        frameworkId: 'mine',
      },
    ],
  ],
])('%s: %s', (_what, code, said) => {
  const [type, body] = said()
  expect(refusalOf(type, body)).toBe(code)
})

test('a slave that claims less than what runs on it: slave-too-small', () => {
  const [slave] = [...leader().slaves.values()].filter(({ tasks }) => tasks.size > 0)
  const body = {
    slaveId: slave?.slaveId,
    heardEpoch: 0,
    incarnation: slave?.incarnation,
    resources: { ...resources, cpuMilli: 100 },
    attributes: {},
    isolation: 'process',
    tasks: [],
    executors: [],
    seq: 0,
  }
  expect(refusalOf('slave.register', body, { role: 'slave', id: slave?.name ?? '' })).toBe('slave-too-small')
})

const another = (more: object) => ({
  heardEpoch: 0,
  incarnation: 'another',
  resources,
  attributes: {},
  isolation: 'process',
  tasks: [],
  executors: [],
  seq: 0,
  ...more,
})

test('a slave by the id of another: slave-gone', () => {
  const [slave] = leader().slaves.values()
  const body = another({ slaveId: slave?.slaveId })
  expect(refusalOf('slave.register', body, { role: 'slave', id: 'S9' })).toBe('slave-gone')
})

test('a report without its first part: unheard', () => {
  const body = another({ part: 1, last: true })
  expect(refusalOf('slave.register', body, { role: 'slave', id: 'S9' })).toBe('unheard')
})

test('a second live slave of the same name: slave-name-in-use', () => {
  expect(refusalOf('slave.register', another({}), { role: 'slave', id: 'S0' })).toBe('slave-name-in-use')
})

test('a message that is not for the leader, and one that is for nobody: unknown-type', () => {
  expect(refusalOf('task.launch', {})).toBe('unknown-type')
  expect(refusalOf('slave.register', {})).toBe('unknown-type')
})
