/**
 * The door of an executor's author: a process that the slave starts, and that runs many tasks of its framework.
 *
 *     await runExecutor({ onLaunch: async (task) => count(task.payload) })
 *
 * Where it is and whom it serves stands in the environment that the slave gives it.
 */
import { executorSettings, readSettings } from '../../shared/config.ts'
import { type ExecutorId, executorIdOf, type FrameworkId, type SlaveId } from '../../shared/ids.ts'
import { executorChart } from '../../statecharts/executor/chart.ts'
import { newExecutor } from '../../statecharts/executor/ledger.ts'
import { Actor, type Event } from '../runtime/actor.ts'
import { readConnection } from '../runtime/bus/connection.ts'
import { openLog } from '../runtime/log.ts'
import { type Ending, Member } from '../runtime/member.ts'
import { ExecutorAuthor, type ExecutorHandle, type ExecutorWork } from './author.ts'

export type { ExecutorHandle, ExecutorWork, LaunchedTask } from './author.ts'

export interface ExecutorOptions extends ExecutorWork {
  /** Whether each task is told `running` before its work begins; true. */
  readonly saysRunning?: boolean
  /** Settings by name; see `executorSettings`. */
  readonly settings?: Readonly<Record<string, number>>
  /** Where the slave's words are; the process's own environment. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

export interface RunningExecutor extends ExecutorHandle {
  readonly ended: Promise<Ending>
}

/** Grace for what still runs when the slave wants the executor gone: it kills the process when its own is over. */
const shutdownGraceSeconds = 5

/** Runs an executor; SIGTERM shuts it down. Rejects when its environment is not that of an executor, or the bus is out of reach. */
export async function runExecutor(options: ExecutorOptions): Promise<RunningExecutor> {
  const env = options.env ?? process.env
  const { cluster, identity } = readIdentity(env)
  const log = openLog({ level: 'warn', pretty: false })
  const title = `proffer executor ${identity.name} on ${identity.slaveId}`
  const who = { role: 'executor', id: `${identity.slaveId}.${identity.name}` } as const
  const member = await Member.join({ connection: readConnection({}, env), cluster, title, who, log })

  const { post, bind } = member.post({ role: 'executor', id: identity.executorId })
  const author = new ExecutorAuthor(
    options,
    (event) => actor.hear({ ...event, at: actor.now() } as Event),
    options.saysRunning,
  )
  const ledger = newExecutor(identity, readSettings(executorSettings, options.settings))
  const actor: Actor = new Actor(
    { chart: executorChart, ledger, ...who },
    { ...member.ports(title), post, tell: (news) => author.hear(news) },
  )
  bind(actor)
  const stop = () =>
    actor.hear({ type: 'stop', at: actor.now(), graceSeconds: shutdownGraceSeconds } as {
      type: string
      at: number
    })
  process.once('SIGTERM', stop)
  actor.hear({ type: 'start', at: actor.now() })
  const ended = member.ended.finally(async () => {
    process.off('SIGTERM', stop)
    actor.halt()
    await member.leave()
  })
  ended.catch(() => {})
  return { message: (payload) => author.message(payload), ended }
}

function readIdentity(env: Readonly<Record<string, string | undefined>>) {
  const read = (name: string): string => {
    const value = env[name]
    if (!value) throw new RangeError(`${name} is not set: an executor is started by a slave, not by hand`)
    return value
  }
  const frameworkId = read('PROFFER_FRAMEWORK_ID') as FrameworkId
  const name = read('PROFFER_EXECUTOR_NAME')
  const executorId: ExecutorId = executorIdOf(frameworkId, name)
  const slaveId = read('PROFFER_SLAVE_ID') as SlaveId
  const identity = {
    slaveId,
    slaveName: read('PROFFER_SLAVE'),
    executorId,
    name,
    frameworkId,
    principal: read('PROFFER_PRINCIPAL'),
    custom: true,
  }
  return { cluster: read('PROFFER_CLUSTER'), identity }
}
