/** What this machine has, as far as a slave may offer it. */
import { statfsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import type { Resources } from '../../shared/resources.ts'

const mib = 1024 * 1024
/** The system and the slave itself need memory, too. */
const keptMemMb = 1024
const keptPart = 0.5

/** All CPUs, memory and disk but for what the system needs, and the ports that nobody is given by chance. */
export function detectResources(workDir: string): Resources {
  const memMb = Math.floor(totalmem() / mib)
  const { bavail, bsize } = statfsSync(workDir)
  const diskMb = Math.floor((bavail * bsize) / mib)
  return {
    cpuMilli: availableParallelism() * 1000,
    memMb: memMb - Math.min(keptMemMb, Math.floor(memMb * keptPart)),
    diskMb: Math.floor(diskMb * keptPart),
    gpus: 0,
    ports: [[31000, 32000]],
  }
}
