import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BusError } from '../../services/runtime/bus/busError.ts'
import {
  type ConnectionSettings,
  type GivenConnection,
  readConnection,
} from '../../services/runtime/bus/connection.ts'
import { type BusOptions, connectBus } from '../../services/runtime/bus/nats.ts'
import {
  findNatsServer,
  type NatsProgram,
  type NatsServer,
  startNatsServer,
} from '../../services/runtime/bus/natsServer.ts'
import type { Bus, LinkNews } from '../../services/runtime/ports.ts'

/** A real nats-server for a test, on a free port and with a store of its own. */
export interface TestNats {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** The same port and the same store again; stops the server first where it still runs. */
  restart(): Promise<void>
  /** The same port again, with nothing in the store. */
  restartEmpty(): Promise<void>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** Ends it and removes its store. */
  stop(): Promise<void>
}

export interface TestNatsOptions {
  /** Lines of server configuration. */
  readonly config?: string
  /** False starts it without JetStream. */
  readonly jetstream?: boolean
  /** Absent: what the machine has. */
  readonly program?: NatsProgram
}

let program: Promise<NatsProgram> | undefined

function ownProgram(): Promise<NatsProgram> {
  program ??= findNatsServer(process.env)
  return program
}

export async function startTestNats(options: TestNatsOptions = {}): Promise<TestNats> {
  const storeDir = mkdtempSync(join(tmpdir(), 'proffer-test-store-'))
  const start = async (port: number): Promise<NatsServer> =>
    startNatsServer({
      storeDir,
      port,
      program: options.program ?? (await ownProgram()),
      jetstream: options.jetstream ?? true,
      extraConfig: options.config ?? '',
    })
  let server = await start(0)
  return {
    url: server.url,
    port: server.port,
    get pid() {
      return server.pid
    },
    restart: async () => {
      await server.stop()
      server = await start(server.port)
    },
    restartEmpty: async () => {
      await server.stop()
      rmSync(storeDir, { recursive: true, force: true })
      server = await start(server.port)
    },
    kill: async () => {
      server.kill('SIGKILL')
      await server.ended
    },
    signal: (signal) => server.kill(signal),
    stop: async () => {
      await server.stop()
      rmSync(storeDir, { recursive: true, force: true })
    },
  }
}

export async function withNats<T>(
  use: (nats: TestNats) => Promise<T>,
  options: TestNatsOptions = {},
): Promise<T> {
  const nats = await startTestNats(options)
  try {
    return await use(nats)
  } finally {
    await nats.stop()
  }
}

/** How to reach a server, whatever the machine's own NATS contexts and variables say. */
export function connectionTo(server: string, given: GivenConnection = {}): ConnectionSettings {
  return readConnection({ server, ...given }, { XDG_CONFIG_HOME: '/nowhere' })
}

/** A bus whose news and notes can be waited for. Quick to reconnect, so that a test need not wait. */
export async function testBus(
  connection: ConnectionSettings | string,
  options: Partial<BusOptions> = {},
): Promise<{ bus: Bus; news: Heard<LinkNews>; notes: Heard<string> }> {
  const notes = new Heard<string>()
  const bus = await connectBus({
    connection: typeof connection === 'string' ? connectionTo(connection) : connection,
    name: 'test',
    // So that a machine under load does not make a timeout of what is only slow.
    bucketTimeoutMs: 20_000,
    reconnectMinMs: 20,
    reconnectMaxMs: 100,
    onNote: (note) => notes.add(note.message),
    ...options,
  })
  const news = new Heard<LinkNews>()
  bus.onLink((item) => news.add(item))
  return { bus, news, notes }
}

/** Everything that was heard, and a way to wait for what is still to come. */
export class Heard<T> {
  readonly all: T[] = []
  readonly #waiting: { readonly fits: (item: T) => boolean; readonly found: (item: T) => void }[] = []

  add(item: T): void {
    this.all.push(item)
    for (const [index, { fits, found }] of [...this.#waiting.entries()].reverse()) {
      if (!fits(item)) continue
      this.#waiting.splice(index, 1)
      found(item)
    }
  }

  /** The first that fits, of what was heard or will be. */
  async first(fits: (item: T) => boolean = () => true): Promise<T> {
    const heard = this.all.find(fits)
    if (heard !== undefined) return heard
    return new Promise((found) => this.#waiting.push({ fits, found }))
  }

  /** Resolves when as many have been heard. */
  async count(wanted: number): Promise<readonly T[]> {
    while (this.all.length < wanted)
      await new Promise<T>((found) => this.#waiting.push({ fits: () => true, found }))
    return this.all
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function text(payload: Uint8Array): string {
  return new TextDecoder().decode(payload)
}

/** The code of the BusError that this throws, or `nothing`. */
export function codeOf(act: () => unknown): string {
  try {
    act()
    return 'nothing'
  } catch (error) {
    return error instanceof BusError ? error.code : `not a BusError: ${error}`
  }
}

/** The BusError that this rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<BusError> {
  const outcome = await promise.catch((error: unknown) => error)
  if (outcome instanceof BusError) return outcome
  throw new Error(`not a BusError: ${outcome}`)
}
