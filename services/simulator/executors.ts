/** Custom executors on virtual time: the process that a slave starts is an executor's actor, with the author's own work. */
import { executorSettings, readSettings } from '../../shared/config.ts'
import { type ExecutorId, executorIdOf, type FrameworkId, type SlaveId } from '../../shared/ids.ts'
import { executorChart } from '../../statecharts/executor/chart.ts'
import { newExecutor } from '../../statecharts/executor/ledger.ts'
import { ExecutorAuthor, type ExecutorWork } from '../executor/author.ts'
import { Actor, type Event, type Ports } from '../runtime/actor.ts'
import type { Post, Run } from '../runtime/ports.ts'

export interface SimulatedExecutor {
  readonly actor: Actor
  /** SIGTERM: it shuts down by itself. */
  stop(graceSeconds: number): void
}

export interface ExecutorHosting {
  readonly ports: Omit<Ports, 'post' | 'tell' | 'end'>
  readonly post: (id: ExecutorId, hear: (event: Event) => void) => Post
  /** Its process has ended. */
  readonly ended: () => void
}

/** Starts the executor that a run is; its identity stands in the environment, as for a real one. */
export function startExecutor(
  { env }: Run,
  work: ExecutorWork,
  { ports, post, ended }: ExecutorHosting,
): SimulatedExecutor {
  const frameworkId = env.PROFFER_FRAMEWORK_ID as FrameworkId
  const name = env.PROFFER_EXECUTOR_NAME ?? ''
  const slaveId = env.PROFFER_SLAVE_ID as SlaveId
  const executorId = executorIdOf(frameworkId, name)
  const identity = {
    slaveId,
    slaveName: env.PROFFER_SLAVE ?? '',
    executorId,
    name,
    frameworkId,
    principal: env.PROFFER_PRINCIPAL ?? '',
    custom: true,
  }
  const author = new ExecutorAuthor(work, (event) => actor.hear({ ...event, at: actor.now() } as Event))
  const actor: Actor = new Actor(
    {
      chart: executorChart,
      ledger: newExecutor(identity, readSettings(executorSettings)),
      role: 'executor',
      id: `${identity.slaveName}.${name}`,
    },
    {
      ...ports,
      post: post(executorId, (event) => actor.hear(event)),
      tell: (news) => author.hear(news),
      end: ended,
    },
  )
  actor.hear({ type: 'start', at: actor.now() })
  return {
    actor,
    stop: (graceSeconds) => actor.hear({ type: 'stop', at: actor.now(), graceSeconds } as Event),
  }
}
