import {
  type ContextField,
  type Environment,
  type NatsContext,
  readContext,
  selectedContext,
} from './natsContext.ts'

/** What the command line may say, named as the `nats` command names it. Empty text says nothing. */
export interface GivenConnection {
  readonly server?: string | undefined
  readonly context?: string | undefined
  readonly creds?: string | undefined
  readonly nkey?: string | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly token?: string | undefined
  readonly tlsca?: string | undefined
  readonly tlscert?: string | undefined
  readonly tlskey?: string | undefined
  readonly inboxPrefix?: string | undefined
}

export type Setting =
  | 'server'
  | 'user'
  | 'password'
  | 'creds'
  | 'nkey'
  | 'token'
  | 'jwt'
  | 'seed'
  | 'ca'
  | 'cert'
  | 'key'
  | 'inboxPrefix'
  | 'domain'
  | 'apiPrefix'

/** One place that may name the bus: the flags, a context, the environment. */
export interface Layer {
  readonly given: Readonly<Partial<Record<Setting, string>>>
  readonly tlsFirst: boolean
  /** The `nats` command takes the first credential of a context in a fixed order; elsewhere two are a mistake. */
  readonly isContext: boolean
  /** How this place calls a setting: `--creds`, `NATS_CREDS`, `creds of NATS context "prod"`. */
  name(setting: Setting): string
}

/** The places in the order they are asked. A context named by a flag is asked with the flags. */
export function readLayers(given: GivenConnection, env: Environment): Layer[] {
  const flags = layerOfFlags(given)
  const environment = layerOfEnvironment(env)
  if (given.context) return [flags, layerOfContext(readContext(given.context, env)), environment]

  const ambient = env['NATS_CONTEXT'] || selectedContext(env)
  if (!ambient) return [flags, environment]
  return [flags, environment, layerOfContext(readContext(ambient, env))]
}

function layerOfFlags(given: GivenConnection): Layer {
  const { server, user, password, creds, nkey, token, tlsca, tlscert, tlskey, inboxPrefix } = given
  const settings = {
    server,
    user,
    password,
    creds,
    nkey,
    token,
    inboxPrefix,
    ca: tlsca,
    cert: tlscert,
    key: tlskey,
  }
  const odd: Partial<Record<Setting, string>> = {
    ca: '--tlsca',
    cert: '--tlscert',
    key: '--tlskey',
    inboxPrefix: '--inbox-prefix',
  }
  return layer(settings, (setting) => odd[setting] ?? `--${setting}`)
}

const variables: Partial<Record<Setting, string>> = {
  server: 'NATS_URL',
  user: 'NATS_USER',
  password: 'NATS_PASSWORD',
  creds: 'NATS_CREDS',
  nkey: 'NATS_NKEY',
  token: 'NATS_TOKEN',
  ca: 'NATS_CA',
  cert: 'NATS_CERT',
  key: 'NATS_KEY',
}

function layerOfEnvironment(env: Environment): Layer {
  const settings = Object.entries(variables).map(([setting, variable]) => [setting, env[variable]])
  return layer(Object.fromEntries(settings), (setting) => variables[setting] ?? setting)
}

const contextFields: Partial<Record<Setting, ContextField>> = {
  server: 'url',
  jwt: 'user_jwt',
  seed: 'user_seed',
  inboxPrefix: 'inbox_prefix',
  domain: 'jetstream_domain',
  apiPrefix: 'jetstream_api_prefix',
}

function layerOfContext({ origin, fields, tlsFirst }: NatsContext): Layer {
  const odd = Object.entries(contextFields).map(([setting, field]) => [setting, fields[field]])
  const { user, password, creds, nkey, token, ca, cert, key } = fields
  const same = { user, password, creds, nkey, token, ca, cert, key }
  const name = (setting: Setting) => `${contextFields[setting] ?? setting} of ${origin}`
  return { ...layer({ ...same, ...Object.fromEntries(odd) }, name), tlsFirst, isContext: true }
}

function layer(settings: Partial<Record<Setting, string | undefined>>, name: Layer['name']): Layer {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value))
  return { given, name, tlsFirst: false, isContext: false }
}
