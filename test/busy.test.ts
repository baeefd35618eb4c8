/** A framework whose tasks come and go all the time: its books and the leader's are never the same twice. */
import { expect, test } from 'vitest'
import { SimulatedCluster } from '../services/simulator/index.ts'

test('a task whose accept was lost is told of all the same', () => {
  const cluster = new SimulatedCluster()
  cluster.addMaster('M0')
  for (const name of ['S0', 'S1', 'S2']) cluster.addSlave(name, { resources: { cpus: 4, mem: 4096 } })
  let named = 0
  const ended = new Map<string, string>()
  cluster.addFramework('busy', {
    wants: () => true,
    onOffers: (offers) => {
      for (const offer of offers)
        while (offer.add({ id: `t${named}`, cpus: 1, mem: 64, command: ['sleep', '0.7'] })) named++
    },
    onStatus: ({ taskId, state }) => {
      if (['finished', 'lost', 'dropped'].includes(state)) ended.set(taskId, state)
    },
  })
  cluster.pass(20)
  const before = named
  cluster.lose('offer.accept', 1)
  cluster.pass(60)
  const lost = [...ended].filter(([, state]) => state === 'lost').map(([taskId]) => Number(taskId.slice(1)))
  expect(lost.length).toBeGreaterThan(0)
  expect(Math.min(...lost)).toBeGreaterThanOrEqual(before)
})
