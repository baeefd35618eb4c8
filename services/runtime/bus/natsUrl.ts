/** A sentence about how the bus was named, fit for a terminal: it never carries a secret. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
}

/** What a URL may carry of credentials. */
export type UrlUser =
  | { readonly kind: 'user'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }

export interface NamedServers {
  /** `host:port`, IPv6 in brackets. */
  readonly hosts: readonly string[]
  readonly tls: boolean
  readonly user?: UrlUser
}

const defaultPort = 4222
const shape = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:([^/]*)@)?(\[[0-9a-f:.]+\]|[^\s:/[\]@]+)(?::(\d{1,5}))?\/?$/i

/** Reads `nats://user:password@host:port`, or several of them between commas. `origin` is named in errors. */
export function parseServers(list: string, origin: string): NamedServers {
  const parsed = list
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '')
    .map((url) => parseServer(url, origin))
  if (parsed.length === 0) throw new ConnectionError(`${origin} names no server`)

  const user = oneUser(
    parsed.flatMap((server) => (server.user ? [server.user] : [])),
    origin,
  )
  const hosts = [...new Set(parsed.map((server) => server.host))]
  return { hosts, tls: parsed.some((server) => server.tls), ...(user && { user }) }
}

function parseServer(url: string, origin: string): { host: string; tls: boolean; user?: UrlUser } {
  const [, scheme = 'nats', userinfo, host, port] = shape.exec(url) ?? []
  if (!host) throw malformed(url, origin)
  const tls = requiresTls(scheme.toLowerCase(), origin)
  const user = userinfo === undefined ? undefined : readUser(userinfo, origin)
  return { host: `${host}:${readPort(port, origin)}`, tls, ...(user && { user }) }
}

function requiresTls(scheme: string, origin: string): boolean {
  if (scheme === 'nats') return false
  if (scheme === 'tls') return true
  throw new ConnectionError(`${origin} uses ${scheme}://, which is not spoken here: use nats:// or tls://`)
}

function readPort(text: string | undefined, origin: string): number {
  const port = text === undefined ? defaultPort : Number(text)
  if (port >= 1 && port <= 65535) return port
  throw new ConnectionError(`${origin} names port ${port}: a port is 1 to 65535`)
}

function readUser(userinfo: string, origin: string): UrlUser | undefined {
  if (userinfo === '') return undefined
  const [user = '', ...password] = userinfo.split(':')
  if (password.length === 0) return { kind: 'token', token: decode(user, origin) }
  return { kind: 'user', user: decode(user, origin), password: decode(password.join(':'), origin) }
}

function decode(text: string, origin: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new ConnectionError(`${origin} has a % in its user or password that is not URL-encoded: write %25`)
  }
}

/** The client knows one set of credentials for all servers, so they must agree. */
function oneUser(users: readonly UrlUser[], origin: string): UrlUser | undefined {
  const [first, ...others] = users
  const agree = others.every((user) => JSON.stringify(user) === JSON.stringify(first))
  if (agree) return first
  throw new ConnectionError(`${origin} gives different users for its servers: give all of them the same`)
}

function malformed(url: string, origin: string): ConnectionError {
  const shown = JSON.stringify(url.slice(url.lastIndexOf('@') + 1))
  return new ConnectionError(`${origin} is not a NATS address (${shown}): write nats://host:port`)
}
