/** A task as its author writes it, and as it goes over the bus. */
import type { TaskId } from '../../shared/ids.ts'
import { type PortRange, pickPorts, type Resources } from '../../shared/resources.ts'
import type { Command, ExecutorSpec, Task } from '../../shared/tasks.ts'

/** Amounts as people write them. What is left out is none. */
export interface Amounts {
  /** CPUs; thousandths count. */
  readonly cpus?: number
  /** Memory, MiB. */
  readonly mem?: number
  /** Disk, MiB. */
  readonly disk?: number
  readonly gpus?: number
  /** Anything else that slaves declare, by name; thousandths count. */
  readonly scalars?: Readonly<Record<string, number>>
}

export interface ExecutorRequest extends Amounts {
  /** One executor runs for each name on each slave. */
  readonly name: string
  /** Program and arguments, or a line for the shell. */
  readonly command: readonly string[] | string
  readonly env?: Readonly<Record<string, string>>
  readonly image?: string
  /** It is shut down when it had no task for so many seconds. */
  readonly idleSeconds?: number
}

export interface TaskRequest extends Amounts {
  /** 1 to 255 characters, any of them; never used again while the task is not over. */
  readonly id: string
  /** For people; the id where there is none. */
  readonly name?: string
  /** How many ports it needs: they come as PORT, PORT0, PORT1... in its environment. */
  readonly ports?: number
  /** Program and arguments, or a line for the shell. Either this or an executor. */
  readonly command?: readonly string[] | string
  readonly env?: Readonly<Record<string, string>>
  /** Run in a container of this image. */
  readonly image?: string
  readonly network?: 'none' | 'host' | 'bridge'
  readonly executor?: ExecutorRequest
  /** For the executor, as it is. */
  readonly payload?: Uint8Array
  /** Between SIGTERM and SIGKILL when it is killed. */
  readonly killGraceSeconds?: number
  readonly labels?: Readonly<Record<string, string>>
  /** It is killed when it has run for so long, with reason `too-long`. */
  readonly maxSeconds?: number
  /** Persistent volumes of the offer, and where the task finds each: below its working directory; in a container below `/`. */
  readonly volumes?: readonly { readonly volumeId: string; readonly path: string }[]
}

/** Amounts in fixed point. Throws RangeError for what is no amount. */
export function toResources({ cpus = 0, mem = 0, disk = 0, gpus = 0, scalars }: Amounts): Resources {
  const resources: Resources = {
    cpuMilli: whole(cpus * 1000, `${cpus} cpus`),
    memMb: whole(mem, `${mem} MiB of memory`),
    diskMb: whole(disk, `${disk} MiB of disk`),
    gpus: whole(gpus, `${gpus} gpus`),
  }
  if (!scalars) return resources
  return {
    ...resources,
    scalars: Object.fromEntries(
      Object.entries(scalars).map(([name, amount]) => [name, whole(amount * 1000, `${amount} ${name}`)]),
    ),
  }
}

/** The task with its ports taken out of these ranges; undefined when there are too few. */
export function toTask(request: TaskRequest, ports: readonly PortRange[] | undefined): Task | undefined {
  const resources = toResources(request)
  if (request.ports) {
    const picked = pickPorts(ports, request.ports)
    if (!picked) return undefined
    resources.ports = picked
  }
  const { id, name, env, image, network, executor, payload, killGraceSeconds, labels } = request
  const { maxSeconds, volumes } = request
  const task: Task = { taskId: id as TaskId, resources }
  if (name !== undefined) task.name = name
  if (request.command !== undefined) task.command = toCommand(request.command, env)
  if (image !== undefined) task.container = network === undefined ? { image } : { image, network }
  if (executor) task.executor = toExecutor(executor)
  if (payload) task.payload = payload
  if (killGraceSeconds !== undefined) task.killGraceSeconds = killGraceSeconds
  if (labels) task.labels = { ...labels }
  if (maxSeconds !== undefined) task.maxSeconds = maxSeconds
  if (volumes?.length) task.volumes = volumes.map(({ volumeId, path }) => ({ volumeId, path }))
  return task
}

function toExecutor(request: ExecutorRequest): ExecutorSpec {
  const { name, command, env, image, idleSeconds } = request
  const spec: ExecutorSpec = { name, command: toCommand(command, env), resources: toResources(request) }
  if (image !== undefined) spec.container = { image }
  if (idleSeconds !== undefined) spec.idleSeconds = idleSeconds
  return spec
}

function toCommand(
  command: readonly string[] | string,
  env: Readonly<Record<string, string>> | undefined,
): Command {
  const written: Command = typeof command === 'string' ? { shell: command } : { argv: [...command] }
  if (env) written.env = { ...env }
  return written
}

/** Fixed point rounds to its smallest unit; what is negative or no number is the author's mistake. */
function whole(amount: number, written: string): number {
  if (Number.isFinite(amount) && amount >= 0) return Math.round(amount)
  throw new RangeError(`${written} is no amount`)
}
