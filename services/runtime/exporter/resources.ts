/** Resources in the base units of Prometheus: whole CPUs, and bytes. */
import type { Tally } from '../../../shared/tally.ts'
import type { Metrics } from './metrics.ts'

const mib = 1024 * 1024
const kinds = [
  ['cpus', '', 'CPUs', ({ cpuMilli }: Tally) => cpuMilli / 1000],
  ['memory', '_bytes', 'Memory', ({ memMb }: Tally) => memMb * mib],
  ['disk', '_bytes', 'Disk', ({ diskMb }: Tally) => diskMb * mib],
  ['gpus', '', 'GPUs', ({ gpus }: Tally) => gpus],
] as const

/**
 * One gauge for each kind; `part` says which of the role's resources these are, as `booked` in
 * `proffer_master_memory_booked_bytes`, and is empty for all of them.
 */
export function exportResources(
  metrics: Metrics,
  prefix: string,
  part: string,
  help: string,
  read: () => Tally,
): void {
  const of = part === '' ? '' : `_${part}`
  for (const [kind, unit, title, quantityIn] of kinds)
    metrics.gauge(`${prefix}_${kind}${of}${unit}`, `${title} ${help}.`, () => quantityIn(read()))
  metrics.gauge(
    `${prefix}_scalars${of}`,
    `Resources by names of their own, ${help}.`,
    () => Object.entries(read().scalars ?? {}).map(([name, milli]) => [{ name }, milli / 1000] as const),
    'name',
  )
}
