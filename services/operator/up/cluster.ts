/** The cluster of `proffer up`: a nats-server, a master and some slaves, which live as long as this process. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type MasterSharing, readMasterSettings, readSlaveSettings } from '../../../shared/config.ts'
import type { Resources } from '../../../shared/resources.ts'
import type { Policies } from '../../../statecharts/master/allocator/allocator.ts'
import { startMaster } from '../../master/main.ts'
import {
  type ConnectionSettings,
  type GivenConnection,
  readConnection,
} from '../../runtime/bus/connection.ts'
import type { Environment } from '../../runtime/bus/natsContext.ts'
import { findNatsServer, startNatsServer } from '../../runtime/bus/natsServer.ts'
import type { Log } from '../../runtime/log.ts'
import type { MemberOptions } from '../../runtime/member.ts'
import { slaveFolder } from '../../slave/folder.ts'
import { openHoldings } from '../../slave/holdings.ts'
import { type IsolationKind, openIsolation } from '../../slave/isolation.ts'
import { detectResources } from '../../slave/machine.ts'
import { startSlave } from '../../slave/main.ts'
import { all, Operator } from '../client.ts'
import { Failure } from '../failure.ts'
import { Parts } from './clusterParts.ts'
import { shareOut } from './clusterShares.ts'

export interface ClusterOptions {
  /** How many, at least 1. */
  readonly slaves: number
  /** Absent: Docker where an engine answers. */
  readonly isolation?: IsolationKind
  readonly log: Log
  /** How its master shares out what is free, and what it decides by beside what is built in. */
  readonly sharing?: MasterSharing
  readonly policies?: Policies
  /** Its name on the bus; `main`. */
  readonly name?: string
  /** A bus that is there already; absent: a nats-server of its own. */
  readonly connection?: GivenConnection
  /** Of its own nats-server, on 127.0.0.1; absent: 4222, or a free one where that is taken. */
  readonly port?: number
  /** Told what takes its time. */
  readonly onNote?: (message: string) => void
  /** Ends the start: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface Cluster {
  readonly name: string
  /** For NATS_URL. */
  readonly url: string
  /** What each slave of this process offers, by its name. */
  readonly slaves: ReadonlyMap<string, Resources>
  readonly operator: Operator
  /** For `runScheduler`: the way here, whatever else the environment names. */
  readonly access: ClusterAccess
  /** Resolves with a sentence when a part of it has ended without being told to. */
  readonly failed: Promise<string>
  /** Stops all of it; nothing is left: no process, no container, no file. */
  stop(): Promise<void>
}

export interface ClusterAccess {
  readonly cluster: string
  readonly connection: GivenConnection
  readonly env: Environment
}

const usualPort = 4222
/** Slaves register within milliseconds; a machine that takes longer than this has nothing to share. */
const readySeconds = 30
const readyPollMs = 50
const askTimeoutMs = 2000

/**
 * Starts a cluster, and resolves when the leader knows every slave. What was started is stopped when the rest cannot
 * be. Rejects with NatsServerError, BusError or Failure.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const parts = new Parts()
  try {
    return await open(options, parts)
  } catch (error) {
    await parts.stop()
    throw error
  }
}

async function open(options: ClusterOptions, parts: Parts): Promise<Cluster> {
  const { log, signal, name = 'main' } = options
  const folder = mkdtempSync(join(tmpdir(), 'proffer-up-'))
  parts.add(async () => rmSync(folder, { recursive: true, force: true }))
  const access: ClusterAccess = options.connection
    ? { cluster: name, connection: options.connection, env: process.env }
    : // Contexts and credentials of the user are for other servers than ours.
      { cluster: name, connection: await openBus(options, folder, parts), env: { HOME: folder } }
  const connection = readConnection(access.connection, access.env)

  const member = { connection, cluster: name, log: options.connection ? log : whileUp(log, parts) }
  signal?.throwIfAborted()
  // The master comes last, to be the first to stop: slaves that leave are no news to anybody then.
  const slaves = await openSlaves(options, member, folder, parts)
  const { sharing, policies = {} } = options
  const settings = readMasterSettings({}, sharing)
  const masterName = partName(options, 'master')
  parts.watch(await startMaster({ ...member, name: masterName, settings, policies, replicas: 1 }))
  const operator = await openOperator(connection, name, parts)
  const failure = parts.failed.then((sentence) => Promise.reject(new Failure(sentence)))
  await Promise.race([registered(operator, [...slaves.keys()], signal), failure])

  const url = connection.servers.map((server) => `nats://${server}`).join(',')
  return { name, url, slaves, operator, access, failed: parts.failed, stop: () => parts.stop() }
}

async function openBus(options: ClusterOptions, folder: string, parts: Parts): Promise<GivenConnection> {
  const { onNote, signal } = options
  const program = await findNatsServer(process.env, onNote ? { onNote } : {})
  signal?.throwIfAborted()
  const port = options.port ?? ((await isFree(usualPort)) ? usualPort : 0)
  const server = await startNatsServer({ storeDir: join(folder, 'nats'), port, program })
  parts.add(() => server.stop())
  void server.ended.then(() => parts.fail(`nats-server (process ${server.pid}) has ended`))
  return { server: server.url }
}

async function openOperator(
  connection: ConnectionSettings,
  cluster: string,
  parts: Parts,
): Promise<Operator> {
  const title = 'proffer up'
  const operator = await Operator.connect({ connection, cluster, user: 'up', timeoutMs: askTimeoutMs, title })
  parts.add(() => operator.close())
  return operator
}

async function openSlaves(
  options: ClusterOptions,
  member: Omit<MemberOptions, 'title' | 'who'>,
  folder: string,
  parts: Parts,
): Promise<ReadonlyMap<string, Resources>> {
  const shares = shareOut(detectResources(folder), options.slaves)
  const slaves = new Map(shares.map((share, index) => [partName(options, `slave-${index + 1}`), share]))
  const { onNote = () => {} } = options
  let kind = options.isolation
  for (const [name, resources] of slaves) {
    options.signal?.throwIfAborted()
    const workDir = slaveFolder(folder, 'main', name)
    const isolation = await openIsolation(kind, workDir, onNote).catch((error: Error) => {
      throw new Failure(error.message)
    })
    kind = isolation.name
    const settings = readSlaveSettings()
    // With its cluster gone there is nobody whom a slave could tell how its tasks ended: they end before it does.
    const kill = () => isolation.close({ kill: true })
    const what = { name, settings, resources, attributes: {}, isolation, held: await openHoldings(workDir) }
    const slave = await startSlave({ ...member, ...what, killOnStop: false }).catch(
      async (error: unknown) => {
        await kill()
        throw error
      },
    )
    parts.watch(slave, ({ code, message }) => {
      if (code !== 'slave-gone') return false
      onNote(`${name} is gone, and the others go on: ${message}`)
      return true
    })
    parts.add(kill)
  }
  return slaves
}

async function registered(operator: Operator, names: readonly string[], signal?: AbortSignal): Promise<void> {
  const deadline = performance.now() + readySeconds * 1000
  while (performance.now() < deadline) {
    const rows = await all(operator.slaves()).catch(() => [])
    const active = new Set(rows.filter(({ state }) => state === 'active').map((row) => row.name))
    if (names.every((name) => active.has(name))) return
    await pause(readyPollMs, undefined, signal && { signal }).catch(() => signal?.throwIfAborted())
  }
  throw new Failure(`the cluster did not come up within ${readySeconds} s: --verbose says more`)
}

/** On a bus that was there before, others may be of the same name. */
const partName = ({ connection }: ClusterOptions, name: string): string =>
  connection ? `${hostname()}-${process.pid}-${name}` : name

/** Our own server's end is told once, and not by each part that misses it. */
const whileUp = (log: Log, parts: Parts): Log => ({
  info: log.info.bind(log),
  warn: (...said: Parameters<Log['warn']>) => {
    const [fields] = said as readonly unknown[]
    const isLink = typeof fields === 'object' && fields !== null && 'link' in fields
    return isLink || parts.hasFailed ? log.info(...said) : log.warn(...said)
  },
  error: log.error.bind(log),
  fatal: log.fatal.bind(log),
})

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1')
  try {
    await once(probe, 'listening')
    return true
  } catch {
    return false
  } finally {
    await new Promise((resolve) => probe.close(resolve))
  }
}
