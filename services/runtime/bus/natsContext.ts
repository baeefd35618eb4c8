import { readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ConnectionError } from './natsUrl.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What a context file of the `nats` command says, as far as it is understood here. */
export interface NatsContext {
  /** For messages: `NATS context "prod"`. */
  readonly origin: string
  readonly fields: Readonly<Partial<Record<ContextField, string>>>
  readonly tlsFirst: boolean
}

const understood = [
  'url',
  'token',
  'user',
  'password',
  'creds',
  'nkey',
  'user_jwt',
  'user_seed',
  'cert',
  'key',
  'ca',
  'inbox_prefix',
  'jetstream_domain',
  'jetstream_api_prefix',
] as const
export type ContextField = (typeof understood)[number]

/** Fields that change how a connection is made and that we cannot honour: better refused than ignored. */
const refused: Readonly<Record<string, string>> = {
  nsc: 'looks its user up with nsc: write the credentials file with `nsc generate creds` and name it as creds',
  socks_proxy: 'uses a SOCKS proxy, which is not supported: reach the server directly',
  windows_cert_store:
    'uses the Windows certificate store, which is not supported: name cert, key and ca files',
}

/** The context of that name, or the file when it ends in `.json`. */
export function readContext(name: string, env: Environment): NatsContext {
  const origin = `NATS context ${JSON.stringify(name)}`
  const path = contextPath(name, origin, env)
  const content = parse(readText(path, origin, env), `${origin} (${path})`)
  for (const [field, why] of Object.entries(refused)) {
    if (content[field]) throw new ConnectionError(`${origin} ${why}`)
  }
  return { origin, fields: pick(content, origin), tlsFirst: content['tls_first'] === true }
}

/** The name that `nats context select` has left behind, if any. */
export function selectedContext(env: Environment): string | undefined {
  try {
    return readFileSync(join(folder(env), 'context.txt'), 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

function contextPath(name: string, origin: string, env: Environment): string {
  if (name.endsWith('.json')) return name
  const plain = name !== '' && !name.includes('..') && !/[/\\]/.test(name)
  if (!plain) throw new ConnectionError(`${origin} is not a context name`)
  return join(folder(env), 'context', `${name}.json`)
}

function readText(path: string, origin: string, env: Environment): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    const known = knownContexts(env)
    const others = known.length > 0 ? `known are ${known.join(', ')}` : 'none is saved here'
    throw new ConnectionError(`${origin} is not known, there is no file ${path}: ${others}`)
  }
}

/** The parser's own message would quote the file, and the file holds passwords. */
function parse(text: string, what: string): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(text)
    if (typeof content === 'object' && content !== null) return { ...content }
  } catch {}
  throw new ConnectionError(`${what} is not a JSON object: write it with \`nats context add\``)
}

function pick(content: Readonly<Record<string, unknown>>, origin: string): NatsContext['fields'] {
  const fields: Partial<Record<ContextField, string>> = {}
  for (const field of understood) {
    const value = content[field] ?? ''
    if (typeof value !== 'string') throw new ConnectionError(`${origin}: ${field} must be text`)
    if (value !== '') fields[field] = value
  }
  return fields
}

function knownContexts(env: Environment): string[] {
  try {
    const files = readdirSync(join(folder(env), 'context')).filter((file) => file.endsWith('.json'))
    return files.map((file) => file.slice(0, -'.json'.length)).sort()
  } catch {
    return []
  }
}

function folder(env: Environment): string {
  return join(env['XDG_CONFIG_HOME'] || join(home(env), '.config'), 'nats')
}

export function home(env: Environment): string {
  return env['HOME'] || homedir()
}
