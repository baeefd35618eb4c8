/** What is known out of steps alone is what the actors know; and time runs both ways. */
import { describe, expect, test } from 'vitest'
import type { Chronicle } from '../../services/visualizer/chronicle/chronicle.ts'
import { isOver } from '../../services/visualizer/chronicle/things.ts'
import type { World } from '../../services/visualizer/chronicle/world.ts'
import type { Role } from '../../shared/messages.ts'
import type { Step } from '../../shared/trace.ts'
import { runSeed } from '../sim/workload.ts'
import { momentAt, newChronicle, watchedCluster } from './world.ts'

const seeds = [3, 7, 11]
const chronicles = new Map<number, Chronicle>()
function chronicleOf(seed: number): Chronicle {
  const known = chronicles.get(seed)
  if (known) return known
  const { chronicle, hear } = newChronicle()
  runSeed(seed, hear)
  chronicles.set(seed, chronicle)
  return chronicle
}

const sums = ({ total, booked, offered, slaves, frameworks, ...world }: World) => ({
  total,
  booked,
  offered,
  slaves: [...slaves].map(([id, books]) => [
    id,
    [...books].filter(([, { tasks, offers }]) => tasks + offers > 0),
  ]),
  frameworks: [...frameworks].filter(([, { tasks, offers }]) => tasks + offers > 0),
  world,
})
const counted = (world: World) =>
  (['slave', 'framework', 'offer', 'task'] as const).map((life) => world.counts(life))

describe.each(seeds)('seed %i', (seed) => {
  test('the world walked back and forth is the same', () => {
    const chronicle = chronicleOf(seed)
    const walked = chronicle.head.copy()
    const middle = Math.floor(chronicle.length / 2)
    walked.goTo(middle)
    const then = [JSON.stringify(sums(walked)), counted(walked)]
    walked.goTo(-1)
    expect(counted(walked)).toEqual([{}, {}, {}, {}])
    expect([walked.total, walked.booked, walked.offered]).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ])
    walked.goTo(middle)
    expect([JSON.stringify(sums(walked)), counted(walked)]).toEqual(then)
    walked.goTo(chronicle.last)
    expect(counted(walked)).toEqual(counted(chronicle.head))
    expect(walked.booked).toEqual(chronicle.head.booked)
  })

  test('whoever heard something heard it from somebody', () => {
    const { messages, length } = chronicleOf(seed)
    expect(length).toBeGreaterThan(1000)
    let unsaid = 0
    for (let index = 0; index < messages.count; index++) if (messages.saidIn(index) === undefined) unsaid++
    // Operators and custom executors' processes are no actors: what they say is not in the trace.
    const said = Array.from({ length: messages.count }, (_, i) => i).filter(
      (index) => messages.saidIn(index) === undefined && !messages.from(index).startsWith('operator'),
    )
    expect(
      said.map((index) => `${messages.type(index)} ${messages.from(index)} ${messages.to(index)}`),
    ).toEqual([])
    expect(unsaid).toBeLessThan(messages.count / 10)
  })
})

test('the leader and the chronicle agree on who stands where', () => {
  const { cluster, chronicle } = watchedCluster({ seed: 5 })
  const master = cluster.addMaster('M0')
  for (const name of ['S0', 'S1', 'S2']) cluster.addSlave(name, { resources: { cpus: 4, mem: 1024 } })
  let number = 0
  cluster.addFramework('mine', {
    onOffers: (offers) => {
      for (const offer of offers)
        while (offer.add({ id: `t${number}`, cpus: 1, mem: 64, command: ['sleep', `${(number % 5) + 1}`] }))
          number++
    },
    onStatus: () => {},
  })
  cluster.pass(30)
  const { ledger } = master
  const { world } = momentAt(chronicle)
  const states = (life: 'offer' | 'task' | 'slave') =>
    Object.fromEntries(
      [...chronicle.things.of(life)].flatMap((thing) => {
        const state = world.state(thing)
        return isOver(life, state) ? [] : [[thing.id, state]]
      }),
    )
  expect(number).toBeGreaterThan(20)
  expect(states('slave')).toEqual(
    Object.fromEntries([...ledger.slaves.values()].map((each) => [each.slaveId, each.state])),
  )
  expect(states('offer')).toEqual(Object.fromEntries([...ledger.offers.keys()].map((id) => [id, 'pending'])))
  const tasks = [...ledger.frameworks.values()].flatMap(({ frameworkId, tasks }) =>
    [...tasks.values()].map(({ taskId, state }) => [`${frameworkId} ${taskId}`, state]),
  )
  expect(states('task')).toEqual(Object.fromEntries(tasks))
  expect(world.booked[0]).toBe(ledger.booked.cpuMilli)
  expect(world.total[0]).toBe(ledger.total.cpuMilli)
})

test.each([
  ['one after the other', [1, 2, 3], 0],
  ['heard from the middle on', [41, 42, 43], 0],
  ['with two left out', [1, 2, 5], 2],
  ['of a process that was started anew', [7, 8, 1, 2], 0],
  ['of two processes of one name', [1, 2, 3, 1, 4, 2, 5, 3], 0],
  ['of two, one with a gap', [1, 2, 3, 1, 4, 2, 7, 3], 2],
])('steps %s', (_what, counts, missed) => {
  const { chronicle, hear } = newChronicle()
  for (const n of counts)
    hear({
      n,
      at: n,
      role: 'slave',
      id: 'S0',
      heard: { type: 'wake.beat' },
      before: 'a',
      after: 'a',
      effects: [],
    })
  expect(chronicle.missed).toBe(missed)
})

describe('one message that two have heard is one, whoever tells first', () => {
  const body = { updates: [{ frameworkId: '1-F1', taskId: 't1', state: 'running', seq: 1 }] }
  const from = { role: 'slave', id: 'S0' }
  const to = { role: 'scheduler', principal: 'F0', frameworkId: '1-F1' }
  const told = (
    n: number,
    role: Role,
    id: string,
    heard: Step['heard'],
    effects: Step['effects'] = [],
  ): Step => {
    const event = { at: n, ...heard }
    return { n: 1, at: n, role, id, heard: event, before: 'a', after: 'a', effects }
  }
  const update = { type: 'status.update', from, body }
  const steps = [
    told(1, 'slave', 'S0', { type: 'wake.speak' }, [{ do: 'say', type: 'status.update', to, body }] as never),
    told(2, 'master', 'M0', update),
    told(3, 'scheduler', 'F0', update),
  ] as const
  test.each([[[0, 1, 2]], [[0, 2, 1]], [[1, 0, 2]], [[1, 2, 0]], [[2, 1, 0]]])('in the order %j', (order) => {
    const { chronicle, hear } = newChronicle()
    for (const index of order) hear(steps[index] as Step)
    const { messages } = chronicle
    expect(messages.count).toBe(1)
    expect(messages.from(0)).toBe('slave S0')
    expect(messages.saidIn(0)).toBe(order.indexOf(0))
    expect([...messages.heardIn(0)].sort()).toEqual([order.indexOf(1), order.indexOf(2)].sort())
  })
})

test('what was let go of is gone, and the rest is as it was', () => {
  const { chronicle, hear } = newChronicle()
  const step = (n: number) => ({
    n,
    at: n,
    role: 'slave' as const,
    id: 'S0',
    heard: { type: 'wake.beat' },
    before: 'a',
    after: 'a',
    effects: [],
  })
  for (let n = 1; n <= 40_000; n++) hear(step(n))
  chronicle.keepAtMost(5000)
  expect(chronicle.first).toBe(32_768)
  expect(chronicle.steps.read(chronicle.first - 1)).toBe(undefined)
  expect(chronicle.steps.read(chronicle.first)).toMatchObject({ n: 32_769 })
  expect(chronicle.time(chronicle.last)).toBe(40_000)
  expect(chronicle.actors.get('slave S0')?.positions[0]).toBe(32_768)
})
