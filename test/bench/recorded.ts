/** Traces of any length, out of the simulator: a cluster that is kept busy, with a leader that is lost now and then. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { traceLine } from '../../services/operator/traceFile.ts'
import type { Framework } from '../../services/scheduler/framework.ts'
import { SimulatedCluster } from '../../services/simulator/index.ts'
import { traceHead } from '../../shared/trace.ts'

const slaves = 40
const frameworks = 6
const passSeconds = 1
const batchLines = 2000

/** Writes so many steps into a file. */
export function recordSteps(path: string, steps: number): void {
  const fd = openSync(path, 'w')
  const lines = [JSON.stringify(traceHead)]
  let count = 0
  const flush = () => {
    writeSync(fd, `${lines.join('\n')}\n`)
    lines.length = 0
  }
  const cluster = new SimulatedCluster({
    seed: 1,
    onStep: (step) => {
      if (count >= steps) return
      count++
      if (lines.push(traceLine(step)) >= batchLines) flush()
    },
  })
  cluster.addMaster('m1')
  for (let i = 0; i < slaves; i++) cluster.addSlave(`s${i}`, { resources: { cpus: 4, mem: 4096 } })
  for (let i = 0; i < frameworks; i++) cluster.addFramework(`f${i}`, neverDone(i + 1))
  while (count < steps) cluster.pass(passSeconds)
  if (lines.length > 0) flush()
  closeSync(fd)
}

/** Whatever it is offered it fills. */
function neverDone(seconds: number): Framework {
  let number = 0
  return {
    onOffers: (offers) => {
      for (const offer of offers)
        while (offer.add({ id: `t${number}`, cpus: 1, mem: 256, command: ['sleep', `${seconds}`] })) number++
    },
  }
}
