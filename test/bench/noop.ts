/** Tasks that an executor ends at once without starting anything, and what a slave must have to run so many at a time. */
import { fileURLToPath } from 'node:url'
import type { Amounts } from '../../services/scheduler/task.ts'
import { profiling } from './profile.ts'
import type { Shape } from './submitter.ts'

const script = fileURLToPath(new URL('./processes/noopExecutor.js', import.meta.url))
const command = [process.execPath, ...profiling(process.argv, 'executor'), script]
const task = { cpus: 0.01, mem: 1 }
const executor = { name: 'noop', command, cpus: 0.01, mem: 32 }

export const noop = {
  shape: { ...task, executor } as Shape,
  roomFor: (inFlight: number): Amounts => ({
    cpus: inFlight * task.cpus + executor.cpus,
    mem: inFlight * task.mem + executor.mem,
  }),
}
