import { accessSync, constants } from 'node:fs'
import { resolve } from 'node:path'
import { type GivenConnection, type Layer, readLayers, type Setting } from './connectionLayers.ts'
import { type Environment, home } from './natsContext.ts'
import { ConnectionError, parseServers, type UrlUser } from './natsUrl.ts'

export type { GivenConnection } from './connectionLayers.ts'
export { ConnectionError } from './natsUrl.ts'

/** How to reach the bus. Holds secrets: print it with describeConnection only. */
export interface ConnectionSettings {
  /** `host:port`. */
  readonly servers: readonly string[]
  readonly credentials: Credentials
  /** Present when TLS is required; without it TLS is still used where the server asks for it. */
  readonly tls?: TlsFiles
  readonly inboxPrefix?: string
  /** Where JetStream's API is found, `$JS.API` when absent. */
  readonly jetstreamPrefix?: string
  /** What named the server, for a person. */
  readonly origin: string
}

export type Credentials =
  | UrlUser
  | { readonly kind: 'none' }
  | { readonly kind: 'creds' | 'nkey'; readonly file: string }
  | { readonly kind: 'jwt'; readonly jwt: string; readonly seed: string }

export interface TlsFiles {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** The handshake comes before the server's first word. */
  readonly first: boolean
}

const defaultServer = 'nats://127.0.0.1:4222'

/**
 * Flags come first, with them a context that a flag names; then the environment; then the context that NATS_CONTEXT
 * names or `nats context select` has chosen; then nats://127.0.0.1:4222. Server, credentials and TLS files are each
 * taken whole from the first place that gives any, as the `nats` command does. Throws ConnectionError.
 */
export function readConnection(given: GivenConnection, env: Environment): ConnectionSettings {
  const layers = readLayers(given, env)
  const named = layers.find((layer) => layer.given.server)
  const origin = named?.name('server') ?? 'the default'
  const servers = parseServers(named?.given.server ?? defaultServer, origin)
  const tls = readTls(layers, env) ?? (servers.tls && { first: false })
  const inboxPrefix = readInboxPrefix(layers)
  const jetstreamPrefix = readJetstreamPrefix(layers)
  return {
    servers: servers.hosts,
    credentials: readCredentials(layers, { layer: named, user: servers.user }, env),
    ...(tls && { tls }),
    ...(inboxPrefix && { inboxPrefix }),
    ...(jetstreamPrefix && { jetstreamPrefix }),
    origin,
  }
}

/** One line without secrets. */
export function describeConnection(settings: ConnectionSettings): string {
  const servers = settings.servers.map((host) => `nats://${host}`).join(', ')
  const tls = settings.tls ? ' over TLS' : ''
  return `${servers}${tls}${describeCredentials(settings.credentials)} (from ${settings.origin})`
}

function describeCredentials(credentials: Credentials): string {
  switch (credentials.kind) {
    case 'none':
      return ''
    case 'creds':
      return ` with the credentials of ${credentials.file}`
    case 'nkey':
      return ` with the nkey of ${credentials.file}`
    case 'jwt':
      return ' with a user JWT'
    case 'user':
      return ` as ${credentials.user}`
    case 'token':
      return ' with a token'
  }
}

/** A user in a URL belongs to that URL: it counts only where that URL is the one in use. */
interface NamedBy {
  readonly layer: Layer | undefined
  readonly user: UrlUser | undefined
}

function readCredentials(layers: readonly Layer[], url: NamedBy, env: Environment): Credentials {
  for (const layer of layers) {
    const urlUser = layer === url.layer ? url.user : undefined
    const kinds = credentialKinds(layer, urlUser)
    const [first, second] = kinds
    if (second && !layer.isContext)
      throw new ConnectionError(`${first?.name} and ${second.name}: give one of them`)
    if (first) return first.read(layers, env)
  }
  const alone = layers.find(({ given }) => given.password)
  if (alone) throw new ConnectionError(`${alone.name('password')} needs ${alone.name('user')} beside it`)
  return { kind: 'none' }
}

interface CredentialKind {
  readonly name: string
  read(layers: readonly Layer[], env: Environment): Credentials
}

/** In the order in which the `nats` command takes one of a context. */
function credentialKinds(layer: Layer, urlUser: UrlUser | undefined): CredentialKind[] {
  const { user, creds, nkey, token, jwt } = layer.given
  const kinds: (CredentialKind | false)[] = [
    user !== undefined && { name: layer.name('user'), read: (layers) => readUser(user, layer, layers) },
    creds !== undefined && {
      name: layer.name('creds'),
      read: (_, env) => readFileKind('creds', creds, layer, env),
    },
    nkey !== undefined && {
      name: layer.name('nkey'),
      read: (_, env) => readFileKind('nkey', nkey, layer, env),
    },
    token !== undefined && { name: layer.name('token'), read: () => ({ kind: 'token', token }) },
    jwt !== undefined && { name: layer.name('jwt'), read: () => readJwt(jwt, layer) },
    urlUser !== undefined && { name: `the user in ${layer.name('server')}`, read: () => urlUser },
  ]
  return kinds.filter((kind) => kind !== false)
}

/** A user alone is a token, as `nats --user` has it. Its password may be given in another place than the user. */
function readUser(user: string, layer: Layer, layers: readonly Layer[]): Credentials {
  const places = layers.filter((other) => other === layer || !other.isContext)
  const password = places.find((other) => other.given.password)?.given.password
  if (password) return { kind: 'user', user, password }
  return layer.isContext ? { kind: 'user', user, password: '' } : { kind: 'token', token: user }
}

function readFileKind(kind: 'creds' | 'nkey', value: string, layer: Layer, env: Environment): Credentials {
  const secretItself = /^S[A-Z2-7]{57}$/.test(value.trim()) || value.includes('-----')
  const name = layer.name(kind)
  if (secretItself) throw new ConnectionError(`${name} holds the secret itself: name the file that holds it`)
  return { kind, file: readableFile(value, name, env) }
}

function readJwt(jwt: string, layer: Layer): Credentials {
  const { seed } = layer.given
  if (seed) return { kind: 'jwt', jwt, seed }
  throw new ConnectionError(`${layer.name('jwt')} needs ${layer.name('seed')} beside it`)
}

function readTls(layers: readonly Layer[], env: Environment): TlsFiles | undefined {
  const layer = layers.find(({ given, tlsFirst }) => given.ca || given.cert || given.key || tlsFirst)
  if (!layer) return undefined
  const { cert, key } = layer.given
  if (Boolean(cert) !== Boolean(key)) {
    throw new ConnectionError(
      `${layer.name('cert')} and ${layer.name('key')} belong together: give both or none`,
    )
  }
  const file = (setting: 'ca' | 'cert' | 'key') => {
    const path = layer.given[setting]
    return path && { [setting]: readableFile(path, layer.name(setting), env) }
  }
  return { ...file('ca'), ...file('cert'), ...file('key'), first: layer.tlsFirst }
}

function readInboxPrefix(layers: readonly Layer[]): string | undefined {
  return readWords(layers, 'inboxPrefix')
}

function readJetstreamPrefix(layers: readonly Layer[]): string | undefined {
  const domain = readWords(layers, 'domain')
  return domain ? `$JS.${domain}.API` : readWords(layers, 'apiPrefix')?.replace(/\.$/, '')
}

/** Subjects are built on these, so they must be words between dots. */
function readWords(layers: readonly Layer[], setting: Setting): string | undefined {
  const layer = layers.find(({ given }) => given[setting])
  const words = layer?.given[setting]
  if (layer && words && !/^[\w$-]+(\.[\w$-]+)*\.?$/.test(words)) {
    throw new ConnectionError(
      `${layer.name(setting)} must be words between dots, of letters, digits, _ - and $`,
    )
  }
  return words
}

function readableFile(path: string, name: string, env: Environment): string {
  const file = resolve(expand(path, env))
  try {
    accessSync(file, constants.R_OK)
    return file
  } catch {
    throw new ConnectionError(`${name} names ${file}, which cannot be read`)
  }
}

/** `~` and `$NAME` or `${NAME}`, as the `nats` command expands them. */
function expand(path: string, env: Environment): string {
  const whole = path.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, plain?: string) => {
    return env[braced ?? plain ?? ''] ?? ''
  })
  return whole === '~' || whole.startsWith('~/') ? home(env) + whole.slice(1) : whole
}
