/** Tasks that come and go all the time: the books of two who compare them are never the same twice. */
import { expect, test } from 'vitest'
import { SimulatedCluster } from '../services/simulator/index.ts'

/** A framework that fills whatever it is offered with short tasks, no two of which end together. */
function busyCluster(slaves: number) {
  const cluster = new SimulatedCluster()
  cluster.addMaster('M0')
  for (let i = 0; i < slaves; i++) cluster.addSlave(`S${i}`, { resources: { cpus: 4, mem: 4096 } })
  let named = 0
  const seconds = () => `${0.3 + ((named * 7) % 11) / 20}`
  const ended = new Map<string, string>()
  cluster.addFramework('busy', {
    wants: () => true,
    onOffers: (offers) => {
      for (const offer of offers)
        while (offer.add({ id: `t${named}`, cpus: 1, mem: 64, command: ['sleep', seconds()] })) named++
    },
    onStatus: ({ taskId, state }) => {
      if (['finished', 'lost', 'dropped'].includes(state)) ended.set(taskId, state)
    },
  })
  cluster.pass(5)
  return {
    cluster,
    named: () => named,
    numbersOf: (state: string) =>
      [...ended].filter(([, each]) => each === state).map(([taskId]) => Number(taskId.slice(1))),
  }
}

test.each([
  ['offer.accept', 2, 'lost'],
  ['task.launch', 1, 'dropped'],
] as const)('a task whose %s was lost is told of all the same', (message, slaves, told) => {
  const { cluster, named, numbersOf } = busyCluster(slaves)
  const before = named()
  cluster.lose(message, 1)
  cluster.pass(30)
  expect(numbersOf(told).length).toBeGreaterThan(0)
  expect(Math.min(...numbersOf(told))).toBeGreaterThanOrEqual(before)
})
