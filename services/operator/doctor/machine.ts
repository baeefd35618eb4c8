/** This machine, as far as a slave needs it: a container engine, and a folder to work in. */
import { accessSync, constants, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkDocker, type DockerReport } from '../../runtime/isolation/docker.ts'
import type { IsolationKind } from '../../slave/isolation.ts'
import { memory } from '../words.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

const mib = 1024 * 1024
/** Logs of a few hundred tasks. */
const littleMb = 1024

export async function checkEngine(wanted: IsolationKind | undefined): Promise<Finding[]> {
  if (wanted === 'process') return [ok('docker', 'not asked for: --isolation process')]
  return engineFindings(await checkDocker(), wanted === 'docker')
}

export function engineFindings(report: DockerReport, needed: boolean): Finding[] {
  if (!report.reachable) {
    const remedy = 'start Docker and let this user talk to it, or run slaves with --isolation process'
    const found = `${report.message}; without it tasks are plain processes, and no containers`
    return [needed ? fail('docker', report.message, remedy) : warn('docker', found, remedy)]
  }
  const { version, apiVersion, cgroupVersion, cpus, memMb, warnings } = report
  const found = `Docker ${version} (API ${apiVersion}), cgroup version ${cgroupVersion}, ${cpus} CPUs, ${memory(memMb)}`
  const old = 'boot with cgroup version 2 (systemd.unified_cgroup_hierarchy=1)'
  const engine =
    cgroupVersion === '1'
      ? warn('docker', `${found}; on version 1 limits are coarser`, old)
      : ok('docker', found)
  const odd = warnings.map((text) => warn('docker', text, 'limits that the engine lacks are not kept'))
  return [engine, ...odd]
}

/** Tried by writing, since permissions alone do not tell of a file system that is read-only or full. */
export function checkWorkDir(folder: string): Finding {
  const remedy = 'name another with --work-dir, or let this user write there'
  const base = nearest(folder)
  try {
    accessSync(base, constants.W_OK | constants.X_OK)
    const scratch = mkdtempSync(join(base, '.proffer-doctor-'))
    writeFileSync(join(scratch, 'scratch'), 'proffer doctor')
    rmSync(scratch, { recursive: true })
    return spaceFinding(folder, base)
  } catch (error) {
    return fail('work dir', `${folder} cannot be written: ${(error as Error).message}`, remedy)
  }
}

function spaceFinding(folder: string, base: string): Finding {
  const { bavail, bsize } = statfsSync(base)
  const freeMb = Math.floor((bavail * bsize) / mib)
  const found = `${folder} can be ${base === folder ? 'written' : 'made'}, ${memory(freeMb)} free`
  return freeMb < littleMb
    ? warn('work dir', found, 'make room, or name another with --work-dir')
    : ok('work dir', found)
}

/** A folder that is not there yet is made by the slave, where its parent lets it. */
function nearest(folder: string): string {
  const parent = dirname(folder)
  return existsSync(folder) || parent === folder ? folder : nearest(parent)
}
