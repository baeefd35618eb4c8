/** What the experiments share: a cluster that is not disturbed by beats, durations from a seed, and means. */
import { type Chance, SimulatedCluster } from '../../services/simulator/index.ts'

/** Nobody dies in these experiments: the fewer beats, the more of them in a second. Offers stand until they are answered. */
const patient = {
  slaveBeatSeconds: 600,
  slaveTimeoutSeconds: 3600,
  frameworkBeatSeconds: 600,
  frameworkTimeoutSeconds: 3600,
  sweepSeconds: 3600,
  offerSeconds: 86_400,
  leaseTtlSeconds: 300,
}

export type Durations = 'constant' | 'exponential'

type Options = NonNullable<ConstructorParameters<typeof SimulatedCluster>[0]>

export function openCluster(options: Options): SimulatedCluster {
  const cluster = new SimulatedCluster({ ...options, master: { ...patient, ...options.master } })
  cluster.addMaster('M0')
  cluster.pass(0.5)
  return cluster
}

/** A slot is one CPU and as much memory: every task of an experiment fills exactly one. */
export const slot = { cpus: 1, mem: 1024 }
export const slots = (count: number) => ({ cpus: count, mem: 1024 * count })

/** How long a whole task takes, with this mean. */
export const durationOf = (chance: Chance, durations: Durations, mean: number): number =>
  durations === 'constant' ? mean : exponential(chance, mean)

/** How much longer a task takes that is met somewhere within its life. An exponential one has no memory. */
export const restOf = (chance: Chance, durations: Durations, mean: number): number =>
  durations === 'constant' ? chance.next() * mean : exponential(chance, mean)

const exponential = (chance: Chance, mean: number): number => -mean * Math.log(1 - chance.next())

export const mean = (figures: readonly number[]): number =>
  figures.reduce((a, b) => a + b, 0) / figures.length

/** How far chance takes the mean of so many from what it should be: its standard error. */
export function errorOf(figures: readonly number[]): number {
  const middle = mean(figures)
  return Math.sqrt(mean(figures.map((figure) => (figure - middle) ** 2)) / figures.length)
}

export const seeds = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1)
