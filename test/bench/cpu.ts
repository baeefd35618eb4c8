/** CPU time of other processes, as the kernel counts it. */
import { readFileSync } from 'node:fs'

/** What the kernel counts time by for /proc, whatever its own timer does. */
const ticksPerSecond = 100

/** In itself and in the kernel for it; the name of a program may hold brackets and spaces. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
}
