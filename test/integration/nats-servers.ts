/** The nats-servers that are to be had here, of several versions, and clusters of three of them. */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, vi } from 'vitest'
import { findNatsServer, type NatsProgram, startNatsServer } from '../../services/runtime/bus/natsServer.ts'
import type { Bus } from '../../services/runtime/ports.ts'
import { bytes, testBus, text } from './bus-world.ts'

/** The machine's own, and those that PROFFER_NATS_SERVERS names with colons between; each version once, oldest first. */
export async function natsPrograms(env: NodeJS.ProcessEnv = process.env): Promise<NatsProgram[]> {
  const paths = (env['PROFFER_NATS_SERVERS'] ?? '').split(delimiter).filter((path) => path !== '')
  const own = await findNatsServer(env)
  const others = await Promise.all(paths.map((path) => findNatsServer({ NATS_SERVER: path })))
  const byVersion = new Map([own, ...others].map((program) => [program.version, program]))
  const compare = new Intl.Collator('en', { numeric: true }).compare
  return [...byVersion.values()].sort((a, b) => compare(a.version, b.version))
}

/** Servers with JetStream that are one bus, each with a store of its own. Counted from 0. */
export interface TestNatsCluster {
  /** All of them, with commas between. */
  readonly url: string
  readonly urls: readonly string[]
  readonly version: string
  /** SIGKILL; resolves when it is gone. */
  kill(index: number): Promise<void>
  /** The same port and the same store again; kills it first where it still runs. */
  restart(index: number): Promise<void>
  /** Ends all and removes their stores. */
  stop(): Promise<void>
}

/** Starts three of this binary. Resolves when JetStream puts a stream on all of them. */
export async function startTestNatsCluster(path: string): Promise<TestNatsCluster> {
  const program = await findNatsServer({ NATS_SERVER: path })
  const folder = mkdtempSync(join(tmpdir(), 'proffer-test-cluster-'))
  const routes = await freePorts(3)
  const start = (index: number, port = 0) =>
    startNatsServer({
      storeDir: join(folder, nameOf(index)),
      port,
      program,
      extraConfig: clusterConfig(index, routes),
    })
  const servers = await Promise.all(routes.map((_, index) => start(index)))
  const at = (index: number) => {
    const server = servers[index]
    if (!server) throw new Error(`there is no server ${index}`)
    return server
  }
  const kill = async (index: number) => {
    at(index).kill('SIGKILL')
    await at(index).ended
  }
  const urls = servers.map(({ url }) => url)
  const cluster: TestNatsCluster = {
    url: urls.join(','),
    urls,
    version: program.version,
    kill,
    restart: async (index) => {
      await kill(index)
      servers[index] = await start(index, at(index).port)
    },
    stop: async () => {
      await Promise.all(servers.map((_, index) => kill(index)))
      rmSync(folder, { recursive: true, force: true })
    },
  }
  try {
    await placed(cluster)
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/** Which server leads the stream of a bucket, once one does. */
export async function leaderOf(bus: Bus, bucket: string): Promise<number> {
  const leads = async () => (await ask(bus, `STREAM.INFO.KV_${bucket}`, {})).cluster?.leader
  return Number((await vi.waitUntil(leads, patience)).replace('n', ''))
}

/** Resolves when every server has all that the bucket holds. */
export async function wholeAgain(bus: Bus, bucket: string): Promise<void> {
  const isWhole = async () => {
    const { cluster } = await ask(bus, `STREAM.INFO.KV_${bucket}`, {})
    return cluster?.replicas?.filter(({ current, offline }) => current && !offline).length === 2
  }
  await vi.waitUntil(isWhole, patience)
}

const patience = { timeout: 30_000, interval: 50 }

const nameOf = (index: number): string => `n${index}`

function clusterConfig(index: number, routes: readonly number[]): string {
  const urls = routes.map((port) => `"nats://127.0.0.1:${port}"`).join(', ')
  return [
    `server_name: ${nameOf(index)}`,
    `cluster { name: test-${routes[0]}, listen: "127.0.0.1:${routes[index]}", routes: [${urls}] }`,
  ].join('\n')
}

/**
 * A server must know the ports of the others before they start, so they are chosen here: below those that the system
 * gives to whoever asks for any, or one of our own servers would be given it meanwhile.
 */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInt(10_000, 32_000)
    if (!chosen.has(port) && (await isFree(port))) ports.add(port)
    chosen.add(port)
  }
  return [...ports]
}

const chosen = new Set<number>()

async function isFree(port: number): Promise<boolean> {
  const holder = createServer().listen(port, '127.0.0.1')
  try {
    await once(holder, 'listening')
    await once(holder.close(), 'close')
    return true
  } catch {
    return false
  }
}

/** Servers are ready before they have met and chosen who leads. */
async function placed(cluster: TestNatsCluster): Promise<void> {
  const { bus } = await testBus(cluster.url)
  const stream = { name: 'placed', subjects: ['placed'], storage: 'memory', num_replicas: 3 }
  await vi.waitFor(async () => {
    const { error } = await ask(bus, 'STREAM.CREATE.placed', stream)
    expect(error).toBeUndefined()
  }, patience)
  await ask(bus, 'STREAM.DELETE.placed', {})
  await bus.drain()
}

interface ApiAnswer {
  readonly error?: unknown
  readonly cluster?: {
    readonly leader?: string
    readonly replicas?: readonly { readonly current: boolean; readonly offline?: boolean }[]
  }
}

/** Nobody answers where nobody leads yet. */
async function ask(bus: Bus, call: string, body: object): Promise<ApiAnswer> {
  try {
    return JSON.parse(text(await bus.request(`$JS.API.${call}`, bytes(JSON.stringify(body)), 500)))
  } catch (error) {
    return { error: String(error) }
  }
}
