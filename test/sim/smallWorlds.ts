/** Small worlds to be walked through completely: who is there, how it begins, what may happen, and how it must end. */
import type { SimulatedCluster } from '../../services/simulator/index.ts'
import {
  executorSettings,
  readMasterSettings,
  readSchedulerSettings,
  readSettings,
  readSlaveSettings,
} from '../../shared/config.ts'
import type { FrameworkId, SlaveId } from '../../shared/ids.ts'
import { commandExecutorId } from '../../shared/ids.ts'
import type { Resources } from '../../shared/resources.ts'
import { newExecutor } from '../../statecharts/executor/ledger.ts'
import { type Master, newMaster } from '../../statecharts/master/ledger.ts'
import { newScheduler, type Scheduler } from '../../statecharts/scheduler/ledger.ts'
import type { Saved } from '../../statecharts/slave/checkpoint.ts'
import { newSlave, type Slave } from '../../statecharts/slave/ledger.ts'
import { recall, runIdsOf } from '../../statecharts/slave/recovery.ts'
import { checkPromises, type History, newHistory } from './checkers.ts'
import {
  hear,
  keep,
  leaseTtlMs,
  newProcess,
  type Process,
  processOf,
  type World,
} from './smallWorldActors.ts'

/** How often something may go wrong on each way through a world. */
export interface Mischances {
  /** Messages that are lost, and that come twice. */
  readonly losses: number
  readonly doubles: number
  /** Wakes and timeouts that come before all that is on its way has arrived; each lets time jump. */
  readonly waits: number
  /** Processes that are killed, and started again. */
  readonly crashes: number
}

export interface Scenario {
  readonly name: string
  readonly masters: readonly string[]
  /** Whether there are a slave and a framework, too. */
  readonly isPeopled: boolean
  /** Each is a task of its own; `forever` ends only when it is killed, which its author wants at some time. */
  readonly tasks: readonly ('ends' | 'forever')[]
  /** How many of them one accept takes. */
  readonly together: number
  /** Whether the walk begins with all registered, and an offer in the author's hands. */
  readonly settledIn: boolean
  readonly mischances: Mischances
  /** Whether what one says to another arrives in the order in which it was said, as on one connection of a bus. */
  readonly inOrder: boolean
  /** The wakes and timeouts that come while the walk lasts; all others come when the world is let come to rest. */
  readonly clocks: readonly string[]
  /** Whether the store of the leases takes its time. */
  readonly slowStore?: boolean
  /** Whose process may be killed. */
  readonly mortal: readonly string[]
}

export interface SmallWorld extends World {
  readonly scenario: Scenario
  readonly left: { -readonly [Kind in keyof Mischances]: number }
  readonly toLaunch: string[]
  readonly toKill: string[]
  readonly launched: Set<string>
  readonly history: History
  lives: number
}

const masterSettings = readMasterSettings({ leaseTtlSeconds: leaseTtlMs / 1000, leaderPings: 2 })
const schedulerSettings = readSchedulerSettings({ leaseTtlSeconds: leaseTtlMs / 1000 })
const slaveSettings = readSlaveSettings()
const executorsSettings = readSettings(executorSettings)
const has: Resources = { cpuMilli: 2000, memMb: 512, diskMb: 0, gpus: 0 }
export const takes: Resources = { cpuMilli: 1000, memMb: 128, diskMb: 0, gpus: 0 }
const beginning = Date.UTC(2011, 2, 30)

export function newWorld(scenario: Scenario): SmallWorld {
  const told: SmallWorld['told'] = []
  const taskIds = scenario.tasks.map((_, i) => `t${i + 1}`)
  const world: SmallWorld = {
    scenario,
    now: beginning,
    processes: new Map(),
    bag: [],
    lease: { revision: 0, value: undefined },
    registry: new Map(),
    runs: new Map(),
    begun: new Map(),
    safe: [],
    offers: [],
    told,
    slowStore: scenario.slowStore ?? false,
    left: { ...scenario.mischances },
    toLaunch: [...taskIds],
    toKill: taskIds.filter((_, i) => scenario.tasks[i] === 'forever'),
    launched: new Set(),
    // A map can be copied; nothing here lives long enough to be forgotten.
    history: { ...newHistory(told), obeyed: new Map() },
    lives: 0,
  }
  for (const name of scenario.masters) startMaster(world, name)
  return world
}

export function startMaster(world: SmallWorld, name: string): void {
  const nonce = `p${++world.lives}`
  enter(world, newProcess(name, 'master', '', newMaster(name, nonce, masterSettings)))
}

export function startFramework(world: SmallWorld): void {
  const identity = {
    name: 'F0',
    principal: 'F0',
    instance: `p${++world.lives}`,
    failoverSeconds: 600,
    takes: [],
    standby: false,
  }
  const ledger = newScheduler(identity, schedulerSettings, {
    wishes: new Map([['F0', { wanted: true, filters: {} }]]),
  })
  enter(world, newProcess('F0', 'scheduler', 'F0', ledger))
}

/** A slave with its command executor; what an earlier process put down it knows again. */
export function startSlave(world: SmallWorld): void {
  const incarnation = `p${++world.lives}`
  const identity = {
    name: 'S0',
    incarnation,
    resources: has,
    reserved: [],
    attributes: {},
    isolation: 'process',
    executorEnv: {},
  }
  const slave = newSlave(identity, slaveSettings)
  recall(slave, structuredClone(world.safe) as readonly Saved[], world.now)
  const runIds = runIdsOf(slave)
  for (const runId of world.runs.keys()) if (!runIds.has(runId)) world.runs.delete(runId)
  const command = newExecutor(
    {
      slaveId: 'S0' as SlaveId,
      slaveName: 'S0',
      executorId: commandExecutorId,
      name: commandExecutorId,
      frameworkId: '' as FrameworkId,
      principal: '',
      custom: false,
    },
    executorsSettings,
  )
  enter(world, newProcess('X0', 'executor', 'command', command))
  enter(world, newProcess('S0', 'slave', 'S0', slave))
}

/** It is there from now on; nothing that was on its way to an earlier process of that name reaches it. */
function enter(world: SmallWorld, process: Process): void {
  process.asked = world.processes.get(process.name)?.asked ?? 0
  world.processes.set(process.name, process)
  const kept = world.bag.filter(({ to }) => to !== process.name)
  world.bag.splice(0, world.bag.length, ...kept)
  hear(world, process, { type: 'start', at: world.now })
}

/** A process is killed, and started again; of what a slave was writing the first so many writes are safe. */
export function crash(world: SmallWorld, name: string, keeps = 0): void {
  if (name === 'S0') {
    const writes = processOf(world, name).gate.flatMap((effect) =>
      effect.do === 'save' || effect.do === 'compact' ? [effect] : [],
    )
    for (const write of writes.slice(0, keeps)) keep(world, write)
    startSlave(world)
  } else {
    // So long nobody leads, until its lease has lapsed.
    world.lease.value = undefined
    startMaster(world, name)
  }
}

/** The promises, as they are checked in the simulator. */
export function check(world: SmallWorld): void {
  checkPromises(asCluster(world), world.history)
  for (const [task, times] of world.begun)
    if (times > 1) throw new Error(`promise 3 is broken: ${task} is begun twice`)
}

/** What the checkers look at, in the shape in which they find it. */
function asCluster(world: SmallWorld): SimulatedCluster {
  const masters = [...world.processes.values()].flatMap((each): [string, object][] =>
    each.role === 'master'
      ? [[each.name, { actor: { present: each.state }, ledger: each.ledger, process: { lives: each.lives } }]]
      : [],
  )
  const running = new Map([...world.runs].filter(([, { ended }]) => !ended))
  const slave = world.processes.get('S0')
  const slaves = slave ? [['S0', { containers: { running }, ledger: slave.ledger }] as const] : []
  const leases = { losses: 0, revision: world.lease.revision }
  return { masters: new Map(masters), slaves: new Map(slaves), leases } as object as SimulatedCluster
}

/** What is missing to a good end, in words; undefined when nothing is. */
export function missing(world: SmallWorld): string | undefined {
  const leaders = [...world.processes.values()].filter(
    ({ role, state }) => role === 'master' && state === 'leading',
  )
  if (leaders.length !== 1) return `${leaders.length} masters lead`
  const master = leaders[0]?.ledger as Master
  if (!world.processes.has('F0')) return undefined
  const slave = processOf(world, 'S0').ledger as Slave
  const framework = processOf(world, 'F0').ledger as Scheduler
  const untold = [...world.launched].filter((taskId) => !isTold(world, taskId))
  if (untold.length > 0) return `promise 4: ${untold} not told to be over`
  if (master.taskCount > 0 || master.booked.cpuMilli > 0) return 'promise 1: something is still booked'
  if (slave.tasks.size > 0) return `promise 4: the slave still holds ${[...slave.tasks.keys()]}`
  if ([...world.runs.values()].some(({ ended }) => !ended)) return 'promise 3: something still runs'
  if (framework.tasks.size > 0) return 'promise 4: the framework still holds a task'
  return processOf(world, 'S0').state === 'registered' ? undefined : 'the slave is not registered'
}

const isTold = ({ history }: SmallWorld, taskId: string): boolean =>
  [...history.lastTold].some(([key, seq]) => key.includes(` ${taskId} `) && seq === Number.POSITIVE_INFINITY)
