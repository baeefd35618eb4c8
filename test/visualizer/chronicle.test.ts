/** What is known out of steps alone is what the actors know; and time runs both ways. */
import { describe, expect, test } from 'vitest'
import type { Chronicle } from '../../services/visualizer/chronicle/chronicle.ts'
import { isOver } from '../../services/visualizer/chronicle/things.ts'
import type { World } from '../../services/visualizer/chronicle/world.ts'
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
