import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { checkServerIdentity } from 'node:tls'
import {
  type Authenticator,
  type ConnectionOptions,
  connect,
  createInbox,
  credsAuthenticator,
  headers as emptyHeaders,
  jwtAuthenticator,
  type NatsConnection,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from 'nats'
import type { Bus } from '../ports.ts'
import { type BusBounds, busBounds } from './busBounds.ts'
import type { Client } from './busClient.ts'
import { BusError } from './busError.ts'
import type { ConnectionSettings, Credentials, TlsFiles } from './connection.ts'
import type { BusNote, Headers } from './jetstream.ts'
import { NatsBus } from './natsBus.ts'
import { connectFailure } from './natsErrors.ts'
import { Pace } from './pace.ts'

export { type BusBounds, busBounds } from './busBounds.ts'
export { BusError, type BusErrorCode } from './busError.ts'
export type { BusNote } from './jetstream.ts'

export interface BusOptions extends Partial<BusBounds> {
  readonly connection: ConnectionSettings
  /** What `nats server report connections` shows. */
  readonly name: string
  readonly onNote?: (note: BusNote) => void
  /** Waits for a server that is not there yet, instead of failing. */
  readonly waitForServer?: boolean
  /** Ends that wait. */
  readonly signal?: AbortSignal
}

/** The only file that knows the `nats` package. Throws BusError `unreachable`, `denied` or `failed`. */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const bounds: BusBounds = { ...busBounds, ...options }
  const settings = options.connection
  const note = guarded(options.onNote)
  const pace = new Pace(bounds)
  const connection = await dial(options, clientOptions(options, bounds, pace), note)
  return new NatsBus({ client: asClient(connection, settings), settings, bounds, pace, note })
}

/** The client can wait for its first server too, but then it waits for ever with a wrong password as well. */
async function dial(
  options: BusOptions,
  client: ConnectionOptions,
  note: (note: BusNote) => void,
): Promise<NatsConnection> {
  const pace = new Pace({ ...busBounds, ...options })
  for (;;) {
    try {
      return await connect(client)
    } catch (error) {
      const failure = connectFailure(error, options.connection)
      if (!options.waitForServer || failure.code !== 'unreachable' || options.signal?.aborted) throw failure
      note({ level: 'warn', message: `${failure.message}; trying again` })
    }
    pace.tried()
    // An abort ends the pause early; the next failure is then the last.
    await pause(pace.delayMs(), undefined, { ...(options.signal && { signal: options.signal }) }).catch(
      () => undefined,
    )
  }
}

function clientOptions(options: BusOptions, bounds: BusBounds, pace: Pace): ConnectionOptions {
  const { connection, name } = options
  const authenticator = authenticatorOf(connection.credentials)
  return {
    servers: [...connection.servers],
    name,
    timeout: bounds.connectTimeoutMs,
    pingInterval: bounds.pingMs,
    maxPingOut: bounds.maxPingsOut,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => pace.delayMs(),
    // A server that has just been given new users may refuse us for a moment.
    ignoreAuthErrorAbort: true,
    // A stack for each request halves their rate.
    noAsyncTraces: true,
    // The client's own look-up ignores the hosts file.
    resolve: false,
    ...(authenticator && { authenticator }),
    ...(connection.inboxPrefix && { inboxPrefix: connection.inboxPrefix }),
    ...(connection.tls && { tls: tlsOptions(connection.tls, connection.servers) }),
  }
}

/**
 * Without its own look-up the client forgets a server's name and would check the certificate against nothing
 * useful. A certificate of any of the servers that the user named is one that the user meant.
 */
function tlsOptions(files: TlsFiles, servers: readonly string[]): NonNullable<ConnectionOptions['tls']> {
  const hosts = [...new Set(servers.map((server) => server.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')))]
  const names = hosts.filter((host) => isIP(host) === 0)
  const options = {
    ...(files.ca && { caFile: files.ca }),
    ...(files.cert && { certFile: files.cert }),
    ...(files.key && { keyFile: files.key }),
    ...(files.first && { handshakeFirst: true }),
    ...(names.length === 1 && { servername: names[0] }),
    checkServerIdentity: (name: string, certificate: Parameters<typeof checkServerIdentity>[1]) => {
      const failures = hosts.map((host) => checkServerIdentity(host, certificate))
      return failures.includes(undefined)
        ? undefined
        : (failures[0] ?? checkServerIdentity(name, certificate))
    },
  }
  return options
}

function authenticatorOf(credentials: Credentials): Authenticator | undefined {
  switch (credentials.kind) {
    case 'none':
      return undefined
    case 'creds':
      return fromFile(credentials.file, 'user JWT and seed', credsAuthenticator)
    case 'nkey':
      return fromFile(credentials.file, 'nkey seed', (content) => nkeyAuthenticator(seedIn(content)))
    case 'jwt':
      return jwtAuthenticator(credentials.jwt, new TextEncoder().encode(credentials.seed))
    case 'user':
      return usernamePasswordAuthenticator(credentials.user, credentials.password)
    case 'token':
      return tokenAuthenticator(credentials.token)
  }
}

/** Read at each connect, so that it may be renewed; while it is being written, its last good content serves. */
function fromFile(file: string, what: string, make: (content: Uint8Array) => Authenticator): Authenticator {
  let good: Uint8Array | undefined
  const authenticator: Authenticator = (nonce) => {
    try {
      const content = readFileSync(file)
      const proof = make(content)(nonce)
      good = content
      return proof
    } catch {
      if (good) return make(good)(nonce)
      throw new BusError('denied', `${file} holds no ${what}`)
    }
  }
  authenticator('probe')
  return authenticator
}

function seedIn(content: Uint8Array): Uint8Array {
  const [seed] = /^\s*S[A-Z2-7]{57}\s*$/m.exec(new TextDecoder().decode(content)) ?? []
  if (!seed) throw new Error('no seed')
  return new TextEncoder().encode(seed.trim())
}

function asClient(connection: NatsConnection, settings: ConnectionSettings): Client {
  return {
    get info() {
      return connection.info
    },
    publish: (subject, payload, replyTo, headers) => {
      if (replyTo === undefined) connection.publish(subject, payload)
      else if (headers)
        connection.publish(subject, payload, { reply: replyTo, headers: clientHeaders(headers) })
      else connection.publish(subject, payload, { reply: replyTo })
    },
    subscribe: (subject, callback) => {
      const subscription = connection.subscribe(subject, { callback })
      return () => subscription.unsubscribe()
    },
    status: () => connection.status(),
    createInbox: () => createInbox(settings.inboxPrefix),
    flush: () => connection.flush(),
    reconnect: () => connection.reconnect(),
    drain: () => connection.drain(),
    close: () => connection.close(),
    closed: () => connection.closed(),
    getServer: () => connection.getServer(),
    stats: () => connection.stats(),
  }
}

function clientHeaders(headers: Headers): ReturnType<typeof emptyHeaders> {
  const made = emptyHeaders()
  for (const [name, value] of Object.entries(headers)) made.set(name, value)
  return made
}

/** A note that cannot be taken must not stop what it tells of. */
function guarded(onNote: BusOptions['onNote']): (note: BusNote) => void {
  return (note) => {
    try {
      onNote?.(note)
    } catch {}
  }
}
