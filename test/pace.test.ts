/** How often slaves speak: within the bound for all of them together, and what is counted in beats goes by that. */
import { expect, test } from 'vitest'
import { SimulatedCluster } from '../services/simulator/index.ts'
import type { Slave } from '../statecharts/master/ledger.ts'
import { amount, Leader } from './leader/leader.ts'

const has = { resources: { cpus: 1, mem: 64 } }

class Paced {
  /** When each beat reached the leader, s, and whose it was. */
  readonly beats: { readonly at: number; readonly by: string }[] = []
  readonly registered: number[] = []
  readonly cluster: SimulatedCluster

  constructor(master: Record<string, number>) {
    this.cluster = new SimulatedCluster({
      master,
      onStep: ({ role, heard }) => {
        if (role !== 'master') return
        const at = this.cluster.time.passed / 1000
        if (heard.type === 'slave.beat') this.beats.push({ at, by: (heard.from as { id: string }).id })
        if (heard.type === 'slave.register') this.registered.push(at)
      },
    })
    this.cluster.addMaster('M0')
    this.cluster.pass(1)
  }

  grow(from: number, to: number): void {
    for (let i = from; i < to; i++) this.cluster.addSlave(`S${i}`, has)
  }

  /** Of the last so many seconds. */
  beatsPerSecond(seconds: number): number {
    const since = this.cluster.time.passed / 1000 - seconds
    return this.beats.filter(({ at }) => at > since).length / seconds
  }

  get books(): readonly Slave[] {
    return [...(this.cluster.leader?.ledger.slaves.values() ?? [])]
  }
}

test('few slaves speak as often as the setting says', () => {
  const paced = new Paced({})
  paced.grow(0, 5)
  paced.cluster.pass(30)
  expect(paced.beatsPerSecond(20)).toBe(5)
})

test('all slaves together stay within the bound, spread over the time, however many there are', () => {
  const paced = new Paced({ maxBeatsPerSecond: 10 })
  paced.grow(0, 100)
  paced.cluster.pass(120)
  expect(paced.beatsPerSecond(60)).toBeLessThanOrEqual(10)
  expect(paced.beatsPerSecond(60)).toBeGreaterThan(5)
  const since = paced.cluster.time.passed / 1000 - 60
  for (let second = 0; second < 59; second++) {
    const within = paced.beats.filter(({ at }) => at > since + second && at <= since + second + 1)
    expect(within.length).toBeLessThan(30)
  }
  expect(paced.books.every(({ state }) => state === 'active')).toBe(true)
})

test('a cluster that grows, or shrinks, tells its slaves with their beats, until they have heard', () => {
  const paced = new Paced({ maxBeatsPerSecond: 10 })
  paced.grow(0, 10)
  paced.cluster.pass(5)
  expect(new Set(paced.books.map(({ beatSeconds }) => beatSeconds))).toEqual(new Set([1]))
  paced.cluster.lose('slave.pace', 20)
  paced.grow(10, 60)
  paced.cluster.pass(60)
  const own = () => [...paced.cluster.slaves.values()].map(({ ledger }) => ledger.beatSeconds)
  expect(new Set(own())).toEqual(new Set([1.5 ** 5]))
  expect(new Set(paced.books.map(({ beatSeconds }) => beatSeconds))).toEqual(new Set([1.5 ** 5]))
  for (let i = 5; i < 60; i++) paced.cluster.slaves.get(`S${i}`)?.host.slave.hear(stop(paced.cluster))
  paced.cluster.pass(60)
  expect(paced.books).toHaveLength(5)
  expect(new Set(own().slice(0, 5))).toEqual(new Set([1]))
})

test('a slave is missed after as many beats of its own', () => {
  const paced = new Paced({ maxBeatsPerSecond: 1, slaveMissedBeats: 3, slaveTimeoutSeconds: 5 })
  paced.grow(0, 5)
  paced.cluster.pass(60)
  const [silent] = paced.books
  expect(silent?.beatSeconds).toBe(1.5 ** 4)
  paced.cluster.crash(silent?.name ?? '')
  const from = silent?.heardAt ?? 0
  paced.cluster.until(() => silent?.state !== 'active')
  expect(silent?.state).toBe('disconnected')
  expect(paced.cluster.time.now() - from).toBeGreaterThanOrEqual(3 * 1.5 ** 4 * 1000)
  paced.cluster.until(() => silent?.state === 'unreachable')
  expect(paced.cluster.time.now() - from).toBeGreaterThanOrEqual(5 * 1.5 ** 4 * 1000)
})

test('a slave that claims to speak hardly ever is missed as if it did as it was told', () => {
  const paced = new Paced({})
  paced.grow(0, 1)
  paced.cluster.pass(3)
  const [slave] = paced.books
  paced.cluster.crash('S0')
  const { slaveId, incarnation } = slave as Slave
  paced.cluster.stranger({ role: 'slave', id: 'S0' }, { role: 'master' }, 'slave.beat', {
    ...{ slaveId, incarnation, digest: 0, unacked: 0, beatSeconds: 1e6 },
  })
  paced.cluster.pass(8)
  expect(slave?.state).toBe('unreachable')
})

test('very many slaves come back to a new leader no faster than the bound', () => {
  const paced = new Paced({ maxRegistrationsPerSecond: 10 })
  paced.grow(0, 100)
  paced.cluster.pass(5)
  paced.cluster.addMaster('M1')
  paced.cluster.pass(2)
  paced.cluster.crash('M0')
  const before = paced.registered.length
  paced.cluster.until(() => paced.cluster.leader?.ledger.name === 'M1')
  const from = paced.cluster.time.passed / 1000
  paced.cluster.pass(15)
  const came = paced.registered.slice(before)
  expect(came).toHaveLength(100)
  for (let second = 0; second < 10; second++)
    expect(came.filter((at) => at > from + second && at <= from + second + 1).length).toBeLessThan(25)
  expect(paced.books.every(({ state }) => state === 'active')).toBe(true)
})

const stop = (cluster: SimulatedCluster) =>
  ({ type: 'stop', at: cluster.time.now(), kill: false }) as { type: string; at: number }

test('very many slaves are looked at in several goes: what has arrived meanwhile is heard in between', () => {
  const leader = new Leader({ slavesPerRun: 10 })
  for (let i = 0; i < 25; i++) leader.addSlave(`S${i}`, amount(1, 100))
  leader.addFramework('F0')
  const counts: number[] = []
  for (let i = 0; i < 6; i++) {
    leader.pass(0.001)
    counts.push(leader.standing.length)
  }
  // Two goes are over when the first millisecond is.
  expect(counts.slice(0, 2)).toEqual([20, 25])
  expect(counts.at(-1)).toBe(25)
})
