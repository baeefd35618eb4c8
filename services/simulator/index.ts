/**
 * A whole cluster in one process on virtual time: the same charts, the same messages as bytes on the same subjects,
 * a network with weather, a lease and containers. Published as `proffer/testing`, so that framework authors test
 * their own schedulers: nothing here sleeps, and one seed gives one trace, byte for byte.
 */

import { encode } from '../../shared/codec.ts'
import {
  executorSettings,
  type MasterSettings,
  readMasterSettings,
  readSettings,
  readSlaveSettings,
  schedulerSettings,
} from '../../shared/config.ts'
import type { FrameworkId } from '../../shared/ids.ts'
import type { Attributes } from '../../shared/messages.ts'
import type { Resources } from '../../shared/resources.ts'
import { type Address, type Speaker, subject } from '../../shared/subjects.ts'
import type { Step } from '../../shared/trace.ts'
import { masterChart } from '../../statecharts/master/chart.ts'
import { type Master, newMaster } from '../../statecharts/master/ledger.ts'
import type { Scheduler as SchedulerLedger } from '../../statecharts/scheduler/ledger.ts'
import type { Slave } from '../../statecharts/slave/ledger.ts'
import type { ExecutorWork } from '../executor/author.ts'
import { Actor, type Event, type Ports } from '../runtime/actor.ts'
import { SlaveHost } from '../runtime/host.ts'
import type { Post } from '../runtime/ports.ts'
import { WirePost } from '../runtime/post.ts'
import { schedulerActor } from '../scheduler/actor.ts'
import type { Author, Framework, OfferFilters } from '../scheduler/author.ts'
import { type Amounts, toResources } from '../scheduler/task.ts'
import { type Hosting, plainScript, type Script, SimulatedContainers } from './containers.ts'
import { startExecutor } from './executors.ts'
import { SimulatedLease } from './lease.ts'
import { Network, type Station } from './network.ts'
import { VirtualTime } from './time.ts'
import { Chance, fair, type Weather } from './weather.ts'

export { plainScript, type Script } from './containers.ts'
export { Chance, fair, foul, type Weather } from './weather.ts'

export interface ClusterOptions {
  readonly seed?: number
  readonly weather?: Weather
  /** How long commands take, and how they end. */
  readonly script?: Script
  /** What custom executors do, by the executor's name. */
  readonly executors?: Readonly<Record<string, ExecutorWork>>
  /** Settings of the masters, by name. */
  readonly master?: Readonly<Record<string, number>>
  readonly weights?: Readonly<Record<string, number>>
  readonly policy?: string
  readonly slave?: Readonly<Record<string, number>>
  /** Hears each step of each actor. */
  readonly onStep?: (step: Step) => void
}

interface Process {
  readonly station: Station
  halt(): void
}
export interface SimulatedMaster extends Process {
  readonly actor: Actor
  readonly ledger: Master
}
export interface SimulatedSlave extends Process {
  readonly host: SlaveHost
  readonly ledger: Slave
  readonly containers: SimulatedContainers
}
export interface SimulatedFramework extends Process {
  readonly author: Author
  readonly actor: Actor
  readonly ledger: SchedulerLedger
}

const cluster = 'sim'

export class SimulatedCluster {
  readonly time = new VirtualTime()
  readonly network: Network
  readonly chance: Chance
  readonly masters = new Map<string, SimulatedMaster>()
  readonly slaves = new Map<string, SimulatedSlave>()
  readonly frameworks = new Map<string, SimulatedFramework>()
  /** What actors noted for people, with who and when. */
  readonly notes: string[] = []
  private readonly options: ClusterOptions
  private readonly lease: SimulatedLease
  private readonly masterSettings: MasterSettings
  private processes = 0

  constructor(options: ClusterOptions = {}) {
    this.options = options
    const { weights = {}, policy = 'drf', master = {} } = options
    this.masterSettings = readMasterSettings(master, { weights, policy })
    this.chance = new Chance(options.seed ?? 1)
    this.network = new Network(this.time, this.chance, options.weather ?? fair)
    this.lease = new SimulatedLease(this.time, this.masterSettings.leaseTtlSeconds * 1000)
  }

  addMaster(name: string): SimulatedMaster {
    const station = this.network.station(name)
    const ledger = newMaster(name, this.incarnation(), this.masterSettings)
    const { post, bind } = this.post(station, { role: 'master', id: '' })
    const lease = this.lease.port(() => station.connected)
    const actor = new Actor(
      { chart: masterChart, ledger, role: 'master', id: name },
      { ...this.ports(name), post, lease },
    )
    bind(actor)
    const master = { station, actor, ledger, halt: () => actor.halt() }
    this.masters.set(name, master)
    actor.hear({ type: 'start', at: this.time.now() })
    return master
  }

  addSlave(
    name: string,
    has: {
      readonly resources: Amounts | Resources
      readonly attributes?: Attributes
      readonly isolation?: string
    },
  ): SimulatedSlave {
    const station = this.network.station(name)
    const containers = new SimulatedContainers(
      this.time,
      this.options.script ?? plainScript,
      this.hosting(station),
    )
    const resources = 'cpuMilli' in has.resources ? has.resources : toResources(has.resources)
    const host = new SlaveHost({
      identity: {
        name,
        incarnation: this.incarnation(),
        resources,
        attributes: has.attributes ?? {},
        isolation: has.isolation ?? 'process',
        executorEnv: {},
      },
      settings: readSlaveSettings(this.options.slave),
      executorSettings: readSettings(executorSettings),
      isolation: containers,
      post: (hear) => this.wirePost(station, { role: 'slave', id: name }, hear),
      ports: this.ports(name),
    })
    const slave = {
      station,
      host,
      ledger: host.ledger,
      containers,
      halt: () => this.switchOff(host, containers),
    }
    this.slaves.set(name, slave)
    host.start()
    return slave
  }

  addFramework(
    name: string,
    framework: Framework,
    more: {
      readonly role?: string
      readonly failoverSeconds?: number
      readonly filters?: OfferFilters
      readonly frameworkId?: FrameworkId
    } = {},
  ): SimulatedFramework {
    const station = this.network.station(name)
    const { post, bind } = this.post(station, { role: 'scheduler', id: name })
    const { role = name, failoverSeconds = 600, filters = {}, frameworkId } = more
    const identity = { name, role, principal: name, instance: this.incarnation(), failoverSeconds }
    const { author, actor, ledger } = schedulerActor(
      {
        identity,
        framework,
        settings: readSettings(schedulerSettings),
        filters,
        ...(frameworkId && { frameworkId }),
      },
      { ...this.ports(name), post },
    )
    bind(actor)
    const simulated = { station, author, actor, ledger, halt: () => actor.halt() }
    this.frameworks.set(name, simulated)
    actor.hear({ type: 'start', at: this.time.now() })
    return simulated
  }

  /** Its process dies at once: SIGKILL, or the plug. */
  kill(name: string): void {
    for (const kind of [this.masters, this.slaves, this.frameworks]) {
      kind.get(name)?.halt()
      kind.delete(name)
    }
  }

  /** Cuts a process off from the network, or joins it again; it notices, as a client of a bus does. */
  connect(name: string, connected: boolean): void {
    const [master, slave, framework] = [
      this.masters.get(name),
      this.slaves.get(name),
      this.frameworks.get(name),
    ]
    const process = master ?? slave ?? framework
    if (!process || process.station.connected === connected) return
    process.station.connected = connected
    const actor = master?.actor ?? slave?.host.slave ?? framework?.actor
    if (connected) actor?.hear({ type: 'reconnected', at: this.time.now() })
    else master?.actor.hear({ type: 'disconnected', at: this.time.now() })
  }

  /** The next so many messages of this type (`status.ack`) are lost. */
  lose(type: string, times: number): void {
    this.network.losses.push({ matches: (written) => written.endsWith(`.${type}`), times })
  }

  /** A stranger says something, to see what comes of it; `hear` gets the answer when one is asked for. */
  stranger(
    speaker: Speaker,
    to: Address,
    type: Parameters<typeof subject>[1],
    payload: Uint8Array | object,
    hear?: (answer: Uint8Array | object) => void,
  ): void {
    const station = this.network.station('stranger')
    const bytes = payload instanceof Uint8Array ? payload : encode(payload)
    const where = subject(cluster, type, speaker, to)
    if (hear) station.request(where, bytes, 5000, hear)
    else station.publish(where, bytes)
  }

  /** Lets seconds pass; `check` is called after each thing that happens. */
  pass(seconds: number, check?: () => void): void {
    this.time.pass(seconds * 1000, check)
  }

  /** Lets time pass until something is so. Throws when it does not come to be within so many seconds. */
  until(holds: () => boolean, seconds = 60): void {
    const end = this.time.now() + seconds * 1000
    while (!holds()) {
      if (!this.time.step(end)) throw new Error(`it did not come to be within ${seconds} s of virtual time`)
    }
  }

  /** The master that leads, as far as it knows itself. */
  get leader(): SimulatedMaster | undefined {
    return [...this.masters.values()].find(({ actor }) => actor.present === 'leading')
  }

  private ports(who: string): Omit<Ports, 'post'> {
    return {
      clock: this.time,
      note: (level, message) => {
        this.notes.push(`${this.time.passed} ${who} ${level}: ${message}`)
      },
      tracer: { on: this.options.onStep !== undefined, step: (step) => this.options.onStep?.(step) },
      end: (code, message) => {
        this.notes.push(`${this.time.passed} ${who} ends, ${code}: ${message}`)
      },
    }
  }

  /** A post for an actor that does not exist yet: what comes before it is bound is lost, as before a process is up. */
  private post(station: Station, speaker: Speaker): { post: Post; bind: (actor: Actor) => void } {
    let bound: Actor | undefined
    const post = this.wirePost(station, speaker, (event) => bound?.hear(event))
    return {
      post,
      bind: (actor) => {
        bound = actor
      },
    }
  }

  private wirePost(station: Station, speaker: Speaker, hear: (event: Event) => void): Post {
    return new WirePost({
      wire: station,
      cluster,
      speaker,
      now: () => this.time.now(),
      hear,
      note: this.ports(station.name).note,
    })
  }

  /** Executors live on their slave's machine, and are cut off with it. */
  private hosting(station: Station): Hosting {
    return (run, ended) => {
      const work = this.options.executors?.[run.env.PROFFER_EXECUTOR_NAME ?? '']
      const post = (id: string, hear: (event: Event) => void) =>
        this.wirePost(station, { role: 'executor', id }, hear)
      return (
        work && startExecutor(run, work, { ports: this.ports(`${station.name} ${run.runId}`), post, ended })
      )
    }
  }

  private switchOff(host: SlaveHost, containers: SimulatedContainers): void {
    host.halt()
    void containers.close()
  }

  private incarnation(): string {
    return `p${++this.processes}`
  }
}
