/** The bus of the run: three servers with replicated JetStream, or one where only an old nats-server is to be had. */
import { randomInt } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connectBus } from '../../services/runtime/bus/nats.ts'
import { findNatsServer } from '../../services/runtime/bus/natsServer.ts'
import type { Bus } from '../../services/runtime/ports.ts'
import { connectionTo } from './look.ts'
import type { PartPlan } from './part.ts'

export interface BusPlan {
  /** All servers, with commas between. */
  readonly server: string
  readonly version: string
  readonly replicas: number
  readonly parts: readonly PartPlan[]
}

/** From here on nothing that a killed server had acknowledged is lost in a cluster of three. */
const clustersFrom = '2.10'
const startMs = 30_000
const compare = new Intl.Collator('en', { numeric: true }).compare

export async function planBus(folder: string, env: Readonly<Record<string, string>>): Promise<BusPlan> {
  const { path, version } = await newestServer()
  const replicas = compare(version, clustersFrom) >= 0 ? 3 : 1
  const ports = await freePorts(2 * replicas)
  const [clients, routes] = [ports.slice(0, replicas), ports.slice(replicas)]
  const parts = clients.map((port, index) => {
    const file = join(folder, `n${index}.conf`)
    mkdirSync(join(folder, `n${index}`), { recursive: true })
    writeFileSync(file, configOf(folder, index, port, routes))
    return { kind: 'nats' as const, name: `n${index}`, command: path, words: ['-c', file], env }
  })
  return { server: clients.map((port) => `nats://127.0.0.1:${port}`).join(','), version, replicas, parts }
}

async function newestServer(): Promise<{ path: string; version: string }> {
  const paths = (process.env['PROFFER_NATS_SERVERS'] ?? '').split(delimiter).filter((path) => path !== '')
  const own = await findNatsServer(process.env)
  const others = await Promise.all(paths.map((path) => findNatsServer({ NATS_SERVER: path })))
  const found = [own, ...others].flatMap((program) => (program.kind === 'binary' ? [program] : []))
  const newest = found.sort((a, b) => compare(b.version, a.version))[0]
  if (!newest) throw new Error('no nats-server is installed here; name one in PROFFER_NATS_SERVERS')
  return newest
}

function configOf(folder: string, index: number, port: number, routes: readonly number[]): string {
  const lines = [
    'host: "127.0.0.1"',
    `port: ${port}`,
    `server_name: n${index}`,
    `jetstream { store_dir: ${JSON.stringify(join(folder, `n${index}`))} }`,
  ]
  if (routes.length > 1) {
    const urls = routes.map((route) => `"nats://127.0.0.1:${route}"`).join(', ')
    lines.push(`cluster { name: chaos, listen: "127.0.0.1:${routes[index]}", routes: [${urls}] }`)
  }
  return `${lines.join('\n')}\n`
}

/** Resolves when JetStream puts a stream on all servers. */
export async function busReady({ server, replicas }: BusPlan): Promise<void> {
  const patience = Date.now() + startMs
  await Promise.all(server.split(',').map((url) => listens(Number(url.split(':').at(-1)), patience)))
  const bus = await connectBus({ connection: connectionTo(server), name: 'chaos' })
  const stream = { name: 'placed', subjects: ['placed'], storage: 'memory', num_replicas: replicas }
  try {
    while (!(await answers(bus, 'STREAM.CREATE.placed', stream))) await again(patience)
    await answers(bus, 'STREAM.DELETE.placed', {})
  } finally {
    await bus.drain()
  }
}

async function answers(bus: Bus, call: string, body: object): Promise<boolean> {
  try {
    const bytes = await bus.request(`$JS.API.${call}`, new TextEncoder().encode(JSON.stringify(body)), 1000)
    return !('error' in JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return false
  }
}

async function listens(port: number, patience: number): Promise<void> {
  while (!(await isTaken(port))) await again(patience)
}

async function again(patience: number): Promise<void> {
  if (Date.now() > patience) throw new Error(`the bus was not ready within ${startMs / 1000} s`)
  await pause(50)
}

const isTaken = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

/** Below those that the system gives to whoever asks for any, or another would be given one while its server is down. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInt(10_000, 32_000)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const holder = createServer()
    holder.once('error', () => resolve(false))
    holder.listen(port, '127.0.0.1', () => holder.close(() => resolve(true)))
  })
