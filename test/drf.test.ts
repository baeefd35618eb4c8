/** Who is served next: the example of the paper, weights, exact ties, and the second policy. */
import { expect, test } from 'vitest'
import type { Amounts } from '../services/scheduler/task.ts'
import { SimulatedCluster } from '../services/simulator/index.ts'
import { newTally } from '../shared/tally.ts'
import type { Claimant } from '../statecharts/master/allocator/allocator.ts'
import { drf } from '../statecharts/master/allocator/drf.ts'

/** Frameworks that take one task from each offer; whose tasks were launched, in order. */
function launches(
  demands: Record<string, Amounts>,
  options: { weights?: Record<string, number>; policy?: string } = {},
): string {
  const order: string[] = []
  const cluster = new SimulatedCluster(options)
  cluster.addMaster('M0')
  for (const [name, demand] of Object.entries(demands)) {
    let count = 0
    cluster.addFramework(name, {
      onOffers: ([offer]) => {
        if (offer?.add({ id: `${++count}`, ...demand, command: ['forever'] })) order.push(name)
        else offer?.decline('too-small', 1000)
      },
    })
  }
  cluster.pass(0.5)
  cluster.addSlave('S0', { resources: { cpus: 9, mem: 18 * 1024 } })
  cluster.pass(2)
  return order.join(' ')
}

test('the example of Ghodsi et al., NSDI 2011, section 4.1: 9 CPUs and 18 GB give A three tasks and B two', () => {
  expect(launches({ A: { cpus: 1, mem: 4096 }, B: { cpus: 3, mem: 1024 } })).toBe('A B A B A')
})

test('a weight of two gives twice the share', () => {
  const order = launches({ A: { cpus: 1, mem: 10 }, B: { cpus: 1, mem: 10 } }, { weights: { A: 2 } })
  expect(order.split(' ').filter((name) => name === 'A')).toHaveLength(6)
})

test('strict priority serves the heavier framework until it wants no more', () => {
  expect(
    launches({ A: { cpus: 2, mem: 10 }, B: { cpus: 3, mem: 10 } }, { weights: { B: 2 }, policy: 'priority' }),
  ).toBe('B B B')
})

test('shares that a double cannot tell apart are told apart, and exact ties go by fewer offers, then by name', () => {
  const total = { ...newTally(), cpuMilli: 99_999_999_999, memMb: 99_999_999_998 }
  const world = { total, draw: () => 0 }
  const claimant = (name: string, cpuMilli: number, allocations = 0): Claimant => {
    const booked = { ...newTally(), cpuMilli }
    const claim = { name, id: name, weight: 1, booked, offered: newTally(), share: 0, allocations }
    return { ...claim, share: drf.measure(claim, total) }
  }
  const order = (...claimants: Claimant[]) => drf.order(claimants, world).map(({ name }) => name)
  expect(order(claimant('A', 33_333_333_333), claimant('B', 33_333_333_332))).toEqual(['B', 'A'])
  expect(order(claimant('B', 33_333_333_333), claimant('A', 33_333_333_332))).toEqual(['A', 'B'])
  expect(order(claimant('B', 33_333_333_333), claimant('A', 33_333_333_333))).toEqual(['A', 'B'])
  expect(order(claimant('B', 33_333_333_333), claimant('A', 33_333_333_333, 1))).toEqual(['B', 'A'])
})
