/**
 * The example of dominant resource fairness (Ghodsi et al., NSDI 2011, section 4.1): of 9 CPUs and 18 GB, with tasks of
 * 1 CPU and 4 GB, and of 3 CPUs and 1 GB, the first user gets three tasks and the second two: each two thirds of what
 * it needs most of.
 *
 * Set-up: one slave that is all of the cluster; two frameworks that add one task to each offer.
 */
import { openCluster } from './setUp.ts'

export interface Allocated {
  readonly user: string
  readonly needs: string
  readonly paper: number
  readonly ours: number
  /** Of what it needs most of: a fraction. */
  readonly dominantShare: number
}

const cluster = { cpus: 9, mem: 18 * 1024 }
const users = [
  { user: 'A', needs: '1 CPU, 4 GB', cpus: 1, mem: 4 * 1024, paper: 3 },
  { user: 'B', needs: '3 CPUs, 1 GB', cpus: 3, mem: 1024, paper: 2 },
]

export function drfExample(): Allocated[] {
  const simulated = openCluster({})
  const tasks = users.map(() => 0)
  for (const [i, { user, cpus, mem }] of users.entries())
    simulated.addFramework(user, {
      onOffers: ([offer]) => {
        if (offer?.add({ id: `${tasks[i]}`, cpus, mem, command: ['forever'] })) tasks[i] = (tasks[i] ?? 0) + 1
        else offer?.decline('too small', 1e6)
      },
    })
  simulated.pass(1)
  simulated.addSlave('S0', { resources: cluster })
  simulated.pass(10)
  return users.map(({ user, needs, paper, cpus, mem }, i) => {
    const ours = tasks[i] ?? 0
    const dominantShare = ours * Math.max(cpus / cluster.cpus, mem / cluster.mem)
    return { user, needs, paper, ours, dominantShare }
  })
}
