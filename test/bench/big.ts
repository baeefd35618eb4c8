/** A big cluster to lose its leader: masters as processes of their own, and many slaves and frameworks in a few. */
import { setTimeout as pause } from 'node:timers/promises'
import { Operator, Refused } from '../../services/operator/client.ts'
import { toResources } from '../../services/scheduler/task.ts'
import { startTestNats, type TestNats } from '../integration/bus-world.ts'
import { Child } from './child.ts'
import { wallClock } from './figures.ts'
import type { Answer as Frameworks } from './processes/manyFrameworks.ts'
import type { Answer as Slaves } from './processes/manySlaves.ts'
import { placeOf } from './processes/place.ts'

export interface BigOptions {
  readonly slaves: number
  readonly frameworks: number
  /** Of each framework; they wait for ever. */
  readonly tasks: number
  /** Of the masters. */
  readonly settings?: Record<string, number>
}

/** From the signal on, ms. */
export interface Failover {
  readonly firstOfferMs: number
  /** By the books of the next leader. */
  readonly allBackMs: number
  /** When the last slave, and the last framework, had the answer of the next leader. */
  readonly slavesMs: number
  readonly frameworksMs: number
  /** CPU time of those who play the slaves, and the frameworks, until then. */
  readonly slavesCpuMs: number
  readonly frameworksCpuMs: number
}

const slaveProcesses = 2
const connectionsEach = 2
const settleMs = 2500
const pollMs = 20
/** Longer than any lease: whoever is not back by then never will be. */
const patienceMs = 60_000
const names = ['m1', 'm2', 'm3']

export class Big {
  readonly #options: BigOptions
  readonly #nats: TestNats
  readonly #masters: Map<string, Child>
  readonly #slaves: readonly Child[]
  readonly #frameworks: Child
  readonly #operator: Operator

  static async start(options: BigOptions): Promise<Big> {
    const nats = await startTestNats()
    const { url } = nats
    const masters = new Map<string, Child>()
    for (const name of names) masters.set(name, await startMaster(url, name, options))
    const resources = { ...toResources({ cpus: 4, mem: 1024 }), ports: [[31000, 32000]] }
    const count = options.slaves / slaveProcesses
    const slaves = await Promise.all(
      Array.from({ length: slaveProcesses }, (_, i) =>
        Child.start('manySlaves', { url, first: i * count, count, connections: connectionsEach, resources }),
      ),
    )
    await Promise.all(slaves.map((child) => child.ask<Slaves>({ after: 0 })))
    const { frameworks: many, tasks } = options
    const frameworks = await Child.start('manyFrameworks', { url, count: many, tasks })
    await frameworks.ask({ do: 'launch' })
    const operator = await Operator.connect({ ...placeOf({ url }), user: 'bench', timeoutMs: 1000 })
    return new Big(options, nats, masters, slaves, frameworks, operator)
  }

  private constructor(
    options: BigOptions,
    nats: TestNats,
    masters: Map<string, Child>,
    slaves: readonly Child[],
    frameworks: Child,
    operator: Operator,
  ) {
    this.#options = options
    this.#nats = nats
    this.#masters = masters
    this.#slaves = slaves
    this.#frameworks = frameworks
    this.#operator = operator
  }

  /** The leader is killed, and comes back as a standby; or it is held up, and goes on when another leads. */
  async failOver(by: 'SIGKILL' | 'SIGSTOP'): Promise<Failover> {
    await pause(settleMs)
    const { leader, epoch } = await this.#operator.ask('cluster.get', {})
    const child = this.#masters.get(leader)
    if (!child) throw new Error(`${leader} leads, whom nobody started`)
    await this.#frameworks.ask({ do: 'arm', after: epoch })
    const slaves = this.#slaves.map((each) => each.ask<Slaves>({ after: epoch }))
    const frameworks = this.#frameworks.ask<Frameworks>({ do: 'await' })
    await pause(50)
    const from = wallClock()
    const gone = by === 'SIGKILL' ? child.kill() : child.signal('SIGSTOP')
    const [slavesBack, frameworksBack] = await Promise.all([Promise.all(slaves), frameworks])
    await this.#allActive()
    const allBackMs = wallClock() - from
    await gone
    if (by === 'SIGSTOP') child.signal('SIGCONT')
    else this.#masters.set(leader, await startMaster(this.#nats.url, leader, this.#options))
    return {
      firstOfferMs: frameworksBack.firstOfferAt - from,
      allBackMs,
      slavesMs: Math.max(...slavesBack.map(({ allAt }) => allAt)) - from,
      frameworksMs: frameworksBack.allAt - from,
      slavesCpuMs: slavesBack.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      frameworksCpuMs: frameworksBack.cpuMs,
    }
  }

  async stop(): Promise<void> {
    await this.#operator.close()
    for (const child of this.#masters.values()) child.signal('SIGCONT')
    for (const child of [this.#frameworks, ...this.#slaves, ...this.#masters.values()]) await child.stop()
    await this.#nats.stop()
  }

  async #allActive(): Promise<void> {
    const { slaves, frameworks } = this.#options
    const from = wallClock()
    for (;;) {
      const [beating, wanting] = await this.#countActive()
      if (beating === slaves && wanting === frameworks) return
      if (wallClock() - from > patienceMs)
        throw new Error(`only ${beating} slaves and ${wanting} frameworks are back`)
      await pause(pollMs)
    }
  }

  /** None by whoever does not lead, or does not answer. */
  async #countActive(): Promise<[number, number]> {
    try {
      return [await activeOf(this.#operator.slaves()), await activeOf(this.#operator.frameworks())]
    } catch (error) {
      if (error instanceof Refused) return [0, 0]
      throw error
    }
  }
}

function startMaster(url: string, name: string, { settings = {} }: BigOptions): Promise<Child> {
  return Child.start('master', { url, name, settings })
}

async function activeOf(rows: AsyncIterable<{ readonly state: string }>): Promise<number> {
  let active = 0
  for await (const { state } of rows) if (state === 'active') active++
  return active
}
