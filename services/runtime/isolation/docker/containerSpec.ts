/** A run as the engine is to see it: what it may use is capped, what it need not be able to do it cannot. */
import { resolve } from 'node:path'
import type { Run, RunOutcome } from '../../ports.ts'
import { argvOf, flawOf } from '../runs.ts'
import { volumeFolder } from '../volumes.ts'
import type { DockerBounds, Network } from './dockerOptions.ts'
import type { ContainerSpec } from './engine.ts'

const mebibyte = 1024 * 1024
/** The engine refuses less. */
const minMemMb = 6

/** Which work directory a container belongs to: several slaves may share an engine. */
export const workDirLabel = 'proffer.workdir'
export const runLabel = 'proffer.run'

export const containerName = (runId: string): string => `proffer-${runId}`

/** Why no engine could run this, in words; undefined when one could. */
export function containerFlawOf(run: Run, image: string | undefined): string | undefined {
  if (image === undefined)
    return 'the task names no container, and this slave has no default image for those that do not'
  if (run.resources.memMb < minMemMb)
    return `a container needs at least ${minMemMb} MiB of memory; the task has ${run.resources.memMb}`
  return flawOf(run)
}

export function containerSpec(
  run: Run,
  image: string,
  network: Network,
  workDir: string,
  bounds: DockerBounds,
): ContainerSpec {
  const [program = '', ...rest] = argvOf(run.command)
  const env = { ...groupSignals, ...run.env, ...run.command.env }
  return {
    Image: withTag(image),
    // An image's own entry point would take our program for an argument of its own.
    Entrypoint: [program],
    Cmd: rest,
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    Labels: labelsOf(run, workDir),
    HostConfig: {
      ...limitsOf(run, bounds),
      Mounts: mountsOf(run, workDir),
      NetworkMode: run.container?.network ?? network,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Init: true,
      // Its exit code, and whether memory ran out, are read after its end: it must still be there.
      AutoRemove: false,
      RestartPolicy: { Name: 'no' },
      // With the driver 'local' it takes the engine ten times as long to remove a container.
      LogConfig: {
        Type: 'json-file',
        Config: { 'max-size': String(bounds.engineLogBytes), 'max-file': '2' },
      },
    },
  }
}

/** Has the init process, tini, pass a signal to the whole process group of the command. */
const groupSignals = { TINI_KILL_PROCESS_GROUP: '1' }

function limitsOf({ resources }: Run, bounds: DockerBounds): Record<string, number> {
  const cpuMilli = Math.max(resources.cpuMilli, bounds.minCpuMilli)
  return {
    NanoCpus: cpuMilli * 1e6,
    // The cap holds when the machine is idle; the shares say who goes first when it is not. The kernel's least is 2.
    CpuShares: Math.max(2, Math.round((cpuMilli * 1024) / 1000)),
    Memory: resources.memMb * mebibyte,
    // Memory and swap together: as much as memory alone, so none of it is swap.
    MemorySwap: resources.memMb * mebibyte,
    PidsLimit: bounds.pidsLimit,
  }
}

/** The engine looks for these folders on its own machine. */
const mountsOf = ({ volumes = [] }: Run, workDir: string): object[] =>
  volumes.map(({ volumeId, path }) => ({
    Type: 'bind',
    Source: volumeFolder(resolve(workDir), volumeId),
    Target: `/${path}`,
  }))

function labelsOf(run: Run, workDir: string): Record<string, string> {
  const given = Object.entries(run.labels).map(([name, value]) => [`proffer.${name}`, value])
  return { ...Object.fromEntries(given), [runLabel]: run.runId, [workDirLabel]: resolve(workDir) }
}

/** Without a tag the engine would pull every image of that name. */
export function withTag(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1)
  return name.includes(':') || name.includes('@') ? image : `${image}:latest`
}

const limitWords = /memory|swap|cpu|pids|cgroup/i
const dropWords = /discarded|not support|not mounted|without|cannot|could not/i

/** When the engine drops a limit it only warns; what we promised to others on this machine it would then take. */
export function droppedLimit(warnings: readonly string[]): RunOutcome | undefined {
  const dropped = warnings.filter((warning) => limitWords.test(warning) && dropWords.test(warning))
  if (dropped.length === 0) return undefined
  return { reason: 'isolation-failed', message: `the engine cannot keep a limit: ${dropped.join('; ')}` }
}
