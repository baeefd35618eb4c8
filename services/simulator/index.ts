/**
 * A whole cluster in one process on virtual time: the same charts, the same messages as bytes on the same subjects,
 * a network with weather, a lease and containers. Published as `proffer/testing`, so that framework authors test
 * their own schedulers: nothing here sleeps, and one seed gives one trace, byte for byte.
 */

import type { Attributes } from '../../shared/attributes.ts'
import { encode } from '../../shared/codec.ts'
import {
  executorSettings,
  type MasterSettings,
  readMasterSettings,
  readSchedulerSettings,
  readSettings,
  readSlaveSettings,
} from '../../shared/config.ts'
import type { FrameworkId } from '../../shared/ids.ts'
import type { Taken } from '../../shared/messages.ts'
import type { Resources } from '../../shared/resources.ts'
import { type Address, type Speaker, subject } from '../../shared/subjects.ts'
import type { Step } from '../../shared/trace.ts'
import type { Policies } from '../../statecharts/master/allocator/allocator.ts'
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
import type { Author } from '../scheduler/author.ts'
import type { Framework } from '../scheduler/framework.ts'
import { type GivenRoles, readRoles } from '../scheduler/roles.ts'
import { type Amounts, toResources } from '../scheduler/task.ts'
import { type Hosting, plainScript, type Script, SimulatedContainers } from './containers.ts'
import { SimulatedDisk } from './disk.ts'
import { startExecutor } from './executors.ts'
import { SimulatedHoldings } from './holdings.ts'
import { Network, type Station } from './network.ts'
import { SimulatedProcess } from './process.ts'
import { SimulatedStore } from './store.ts'
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
  /** Policies beside those that every master knows. */
  readonly policies?: Policies
  readonly spread?: MasterSettings['spread']
  readonly revokeFor?: MasterSettings['revokeFor']
  readonly slave?: Readonly<Record<string, number>>
  /** Hears each step of each actor. */
  readonly onStep?: (step: Step) => void
}

interface Simulated {
  readonly station: Station
  readonly process: SimulatedProcess
  /** SIGKILL. */
  halt(): void
}
export interface SimulatedMaster extends Simulated {
  readonly actor: Actor
  readonly ledger: Master
}
export interface SimulatedSlave extends Simulated {
  readonly host: SlaveHost
  readonly ledger: Slave
  readonly containers: SimulatedContainers
  readonly disk: SimulatedDisk
  readonly holdings: SimulatedHoldings
}
export interface SimulatedFramework extends Simulated {
  readonly author: Author
  readonly actor: Actor
  readonly ledger: SchedulerLedger
}

export interface SlaveTraits {
  readonly resources: Amounts | Resources
  /** What of them is for one role alone, by role. */
  readonly reserved?: Readonly<Record<string, Amounts | Resources>>
  readonly attributes?: Attributes
  readonly isolation?: string
}
export interface FrameworkTraits extends GivenRoles {
  readonly takes?: readonly Taken[]
  readonly failoverSeconds?: number
  readonly frameworkId?: FrameworkId
  /** The framework's own name, where several schedulers stand by for one another under names of their own. */
  readonly standbyOf?: string
}

const cluster = 'sim'

export class SimulatedCluster {
  readonly time = new VirtualTime()
  readonly network: Network
  readonly chance: Chance
  /** Where masters' leases are, and schedulers'; and what outlives every leader. */
  readonly leases: SimulatedStore
  readonly registry: SimulatedStore
  readonly masters = new Map<string, SimulatedMaster>()
  readonly slaves = new Map<string, SimulatedSlave>()
  readonly frameworks = new Map<string, SimulatedFramework>()
  /** What actors noted for people, with who and when. */
  readonly notes: string[] = []
  private readonly options: ClusterOptions
  private readonly masterSettings: MasterSettings
  /** What each process was started with, by its name, so that it can be started again. */
  private readonly starts = new Map<string, () => void>()
  private processes = 0

  constructor(options: ClusterOptions = {}) {
    this.options = options
    const { weights = {}, policy = 'drf', spread = 'whole', revokeFor = 'guarantee', master = {} } = options
    this.masterSettings = readMasterSettings(master, { weights, policy, spread, revokeFor })
    this.chance = new Chance(options.seed ?? 1)
    this.network = new Network(this.time, this.chance, options.weather ?? fair)
    const ttlMs = this.masterSettings.leaseTtlSeconds * 1000
    this.leases = new SimulatedStore(this.time, this.chance, ttlMs)
    this.registry = new SimulatedStore(this.time, this.chance, Number.POSITIVE_INFINITY)
  }

  addMaster(name: string, skewMs = 0): SimulatedMaster {
    const { station, process, reach } = this.machine(name, skewMs)
    const ledger = newMaster(name, this.incarnation(), this.masterSettings, this.options.policies)
    const { post, bind } = this.post(station, process, { role: 'master', id: '' })
    const lease = this.leases.lease('leader', reach)
    const registry = this.registry.registry(reach)
    const actor = new Actor(
      { chart: masterChart, ledger, role: 'master', id: name },
      { ...this.ports(name, process), post, lease, registry },
    )
    bind(actor)
    const halt = () => this.end(process, actor)
    this.masters.set(name, { station, process, actor, ledger, halt })
    this.starts.set(name, () => this.addMaster(name, skewMs))
    actor.hear({ type: 'start', at: process.now() })
    return this.masters.get(name) as SimulatedMaster
  }

  addSlave(name: string, has: SlaveTraits, skewMs = 0): SimulatedSlave {
    const { station } = this.machine(name, skewMs)
    const disk = new SimulatedDisk(this.time, this.chance, () => this.network.weather.delayMs[1] / 4)
    const holdings = new SimulatedHoldings(this.time, disk)
    const containers = new SimulatedContainers(
      this.time,
      this.options.script ?? plainScript,
      this.hosting(station),
      holdings.volumes,
    )
    const start = () => this.startSlave(name, has, { station, containers, disk, holdings, skewMs })
    this.starts.set(name, start)
    return start()
  }

  /** With a function, each process of it gets an author of its own, as real ones would. */
  addFramework(
    name: string,
    author: Framework | (() => Framework),
    more: FrameworkTraits = {},
  ): SimulatedFramework {
    const framework = typeof author === 'function' ? author() : author
    const { station, process, reach } = this.machine(name)
    const { failoverSeconds = 600, takes = [], frameworkId, standbyOf } = more
    const principal = standbyOf ?? name
    const { post, bind } = this.post(station, process, { role: 'scheduler', id: principal })
    const identity = {
      name: principal,
      principal,
      instance: this.incarnation(),
      failoverSeconds,
      takes,
      standby: standbyOf !== undefined,
    }
    const filters = readRoles(principal, more)
    const { leaseTtlSeconds, leaderPingSeconds } = this.masterSettings
    const settings = readSchedulerSettings({ leaseTtlSeconds, leaderPingSeconds })
    const scheduler = schedulerActor(
      { identity, filters, framework, settings, ...(frameworkId && { frameworkId }) },
      { ...this.ports(name, process), post, lease: this.leases.lease(`framework.${principal}`, reach) },
    )
    const { actor, ledger } = scheduler
    bind(actor)
    const simulated = { station, process, ...scheduler, halt: () => this.end(process, actor) }
    this.frameworks.set(name, simulated)
    this.starts.set(name, () => {
      const again = this.frameworks.get(name)?.ledger.frameworkId ?? ledger.frameworkId
      this.addFramework(name, author, again && !standbyOf ? { ...more, frameworkId: again } : more)
    })
    actor.hear({ type: 'start', at: process.now() })
    return simulated
  }

  /** Its machine is switched off, with all that runs on it. It does not come back. */
  kill(name: string): void {
    void this.slaves.get(name)?.containers.close()
    this.crash(name)
    for (const kind of [this.masters, this.slaves, this.frameworks]) kind.delete(name)
  }

  /** Its process dies at once; what a slave runs goes on, and its disk keeps what was safe. */
  crash(name: string): void {
    const process = this.masters.get(name) ?? this.slaves.get(name) ?? this.frameworks.get(name)
    process?.halt()
    this.slaves.get(name)?.containers.leaveAlone()
  }

  /** Its process dies, if it has not, and is started again. */
  restart(name: string): void {
    this.crash(name)
    this.starts.get(name)?.()
  }

  /** Whether its process lives and has not ended by itself. */
  isUp(name: string): boolean {
    const slave = this.slaves.get(name)
    const { process, actor } = this.masters.get(name) ?? this.frameworks.get(name) ?? {}
    const present = slave?.host.slave.present ?? actor?.present
    return (slave?.process ?? process)?.lives === true && present !== 'stopped'
  }

  /** A process sleeps, and wakes still believing what it believed. */
  pause(name: string, sleeps: boolean): void {
    const { process } = this.masters.get(name) ?? this.slaves.get(name) ?? this.frameworks.get(name) ?? {}
    if (sleeps) process?.pause()
    else process?.resume()
  }

  /** Cuts a machine off from the network, or joins it again; its processes notice, as a client of a bus does. */
  connect(name: string, connected: boolean): void {
    const [master, slave, framework] = [
      this.masters.get(name),
      this.slaves.get(name),
      this.frameworks.get(name),
    ]
    const known = master ?? slave ?? framework
    if (!known || known.station.connected === connected) return
    known.station.connected = connected
    const actor = master?.actor ?? slave?.host.slave ?? framework?.actor
    const type = connected ? 'reconnected' : 'disconnected'
    if (connected || master) known.process.run(() => actor?.hear({ type, at: known.process.now() }))
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
    const wire = this.network.station('stranger').wire(new SimulatedProcess(this.time))
    const bytes = payload instanceof Uint8Array ? payload : encode(payload)
    const where = subject(cluster, type, speaker, to)
    if (hear) wire.request(where, bytes, 5000, hear)
    else wire.publish(where, bytes)
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
    return [...this.masters.values()].find(
      ({ actor, process }) => process.lives && actor.present === 'leading',
    )
  }

  private startSlave(name: string, has: SlaveTraits, machine: SlaveMachine): SimulatedSlave {
    const { station, containers, disk, holdings, skewMs } = machine
    const process = new SimulatedProcess(this.time, skewMs)
    const host = new SlaveHost({
      identity: {
        name,
        incarnation: this.incarnation(),
        resources: resourcesOf(has.resources),
        reserved: Object.entries(has.reserved ?? {}).map(([role, reserved]) => ({
          role,
          resources: resourcesOf(reserved),
        })),
        attributes: has.attributes ?? {},
        isolation: has.isolation ?? 'process',
        executorEnv: {},
      },
      settings: readSlaveSettings(this.options.slave),
      executorSettings: readSettings(executorSettings),
      isolation: containers,
      records: disk.crash(),
      holdings: holdings.crash(),
      post: (hear) => this.wirePost(station, process, { role: 'slave', id: name }, hear),
      ports: { ...this.ports(name, process), disk, holdings },
    })
    const halt = () => {
      process.kill()
      host.halt()
    }
    this.slaves.set(name, { station, process, host, ledger: host.ledger, containers, disk, holdings, halt })
    void containers.retain(host.runIds)
    host.start()
    return this.slaves.get(name) as SimulatedSlave
  }

  private machine(name: string, skewMs = 0) {
    const station = this.network.station(name)
    const process = new SimulatedProcess(this.time, skewMs)
    return { station, process, reach: { process, connected: () => station.connected } }
  }

  private end(process: SimulatedProcess, actor: Actor): void {
    process.kill()
    actor.halt()
  }

  private ports(who: string, process: SimulatedProcess): Omit<Ports, 'post'> {
    return {
      clock: process,
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
  private post(
    station: Station,
    process: SimulatedProcess,
    speaker: Speaker,
  ): { post: Post; bind: (actor: Actor) => void } {
    let bound: Actor | undefined
    const post = this.wirePost(station, process, speaker, (event) => bound?.hear(event))
    return {
      post,
      bind: (actor) => {
        bound = actor
      },
    }
  }

  private wirePost(
    station: Station,
    process: SimulatedProcess,
    speaker: Speaker,
    hear: (event: Event) => void,
  ): Post {
    return new WirePost({
      wire: station.wire(process),
      cluster,
      speaker,
      now: () => process.now(),
      hear,
      note: this.ports(station.name, process).note,
    })
  }

  /** Executors live on their slave's machine, and are cut off with it; they outlive its process. */
  private hosting(station: Station): Hosting {
    return (run, ended) => {
      const work = this.options.executors?.[run.env.PROFFER_EXECUTOR_NAME ?? '']
      const process = new SimulatedProcess(this.time)
      const post = (id: string, hear: (event: Event) => void) =>
        this.wirePost(station, process, { role: 'executor', id }, hear)
      const ports = this.ports(`${station.name} ${run.runId}`, process)
      return work && startExecutor(run, work, { ports, post, ended })
    }
  }

  private incarnation(): string {
    return `p${++this.processes}`
  }
}

const resourcesOf = (has: Amounts | Resources): Resources => ('cpuMilli' in has ? has : toResources(has))

/** What outlives a slave's process. */
interface SlaveMachine {
  readonly station: Station
  readonly containers: SimulatedContainers
  readonly disk: SimulatedDisk
  readonly holdings: SimulatedHoldings
  readonly skewMs: number
}
