import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  ConnectionError,
  type ConnectionSettings,
  describeConnection,
  type GivenConnection,
  readConnection,
} from '../services/runtime/bus/connection.ts'

type Env = Record<string, string>

let home = ''

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'proffer-test-home-'))
  for (const name of ['a.creds', 'user.nk', 'ca.pem', 'cert.pem', 'key.pem']) file(name, '')
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

function file(name: string, content: string): string {
  const path = join(home, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}

function context(name: string, fields: object): void {
  file(`.config/nats/context/${name}.json`, JSON.stringify(fields))
}

function read(given: GivenConnection, env: Env = {}): ConnectionSettings {
  return readConnection(given, { HOME: home, ...env })
}

function refusal(given: GivenConnection, env: Env = {}): string {
  try {
    read(given, env)
  } catch (error) {
    if (error instanceof ConnectionError) return error.message
    throw error
  }
  throw new Error('not refused')
}

describe('an address', () => {
  const local = ['127.0.0.1:4222']
  const none = { kind: 'none' }
  const user = { kind: 'user', user: 'me', password: 'p@ss:w/rd,%' }
  test.each<[string, readonly string[], object, boolean]>([
    ['nats://127.0.0.1:4222', local, none, false],
    ['127.0.0.1', local, none, false],
    ['nats://127.0.0.1/', local, none, false],
    ['NATS://Some-Host:5222', ['Some-Host:5222'], none, false],
    ['tls://host', ['host:4222'], none, true],
    ['nats://a, b:1 ,, tls://c', ['a:4222', 'b:1', 'c:4222'], none, true],
    ['a,a:4222', ['a:4222'], none, false],
    ['nats://[::1]:5', ['[::1]:5'], none, false],
    ['[::1]', ['[::1]:4222'], none, false],
    ['nats://me:p%40ss%3Aw%2Frd%2C%25@127.0.0.1', local, user, false],
    ['nats://me:p@ss@127.0.0.1', local, { kind: 'user', user: 'me', password: 'p@ss' }, false],
    ['nats://me:@127.0.0.1', local, { kind: 'user', user: 'me', password: '' }, false],
    ['nats://to%2Bken@127.0.0.1', local, { kind: 'token', token: 'to+ken' }, false],
    ['nats://@127.0.0.1', local, none, false],
    [
      'nats://u:p@a,b,u:p@c',
      ['a:4222', 'b:4222', 'c:4222'],
      { kind: 'user', user: 'u', password: 'p' },
      false,
    ],
  ])('%s', (server, servers, credentials, tls) => {
    for (const settings of [read({ server }), read({}, { NATS_URL: server })]) {
      expect(settings.servers).toEqual(servers)
      expect(settings.credentials).toEqual(credentials)
      expect(settings.tls !== undefined).toBe(tls)
    }
  })

  test.each([
    ['nats://host:0', 'port 0'],
    ['nats://host:65536', 'port 65536'],
    ['nats://host:port', 'nats://host:port'],
    ['nats://', 'not a NATS address'],
    ['nats://two words', 'not a NATS address'],
    ['::1', 'not a NATS address'],
    ['[host]', 'not a NATS address'],
    ['http://host', 'http://'],
    ['wss://host', 'use nats:// or tls://'],
    [' , ', 'names no server'],
    ['nats://me:se%cret@host', 'URL-encoded'],
    ['nats://me:secret@', 'not a NATS address'],
    ['nats://me:secret@two words', 'not a NATS address'],
    ['nats://me:sec/ret@host', 'not a NATS address'],
    ['nats://me:secret@a,you:secret@b', 'different users'],
  ])('%s is refused', (server, why) => {
    expect(refusal({ server })).toContain(why)
    expect(refusal({ server })).not.toMatch(/se%?c\/?ret/)
    expect(refusal({}, { NATS_URL: server })).toContain('NATS_URL')
  })
})

describe('credentials', () => {
  const secret = 'SUAMOK3N5GTHZGAQC4BXCHVSKD3BVUBXNFV5TVCMQDSRAQUFCVBPNUSQAA'
  const files = (given: (path: string) => GivenConnection) => given('~/a.creds')

  test.each<[string, GivenConnection, Env, object]>([
    ['none', {}, {}, { kind: 'none' }],
    ['a user', { user: 'me', password: 'pw' }, {}, { kind: 'user', user: 'me', password: 'pw' }],
    ['a user alone is a token', { user: 'tkn' }, {}, { kind: 'token', token: 'tkn' }],
    ['a token', { token: 'tkn' }, {}, { kind: 'token', token: 'tkn' }],
    ['variables', {}, { NATS_USER: 'me', NATS_PASSWORD: 'pw' }, { kind: 'user', user: 'me', password: 'pw' }],
    [
      'a password apart',
      { user: 'me' },
      { NATS_PASSWORD: 'pw' },
      { kind: 'user', user: 'me', password: 'pw' },
    ],
    ['NATS_TOKEN', {}, { NATS_TOKEN: 'tkn' }, { kind: 'token', token: 'tkn' }],
    [
      'flags before variables',
      { token: 'mine' },
      { NATS_USER: 'you', NATS_PASSWORD: 'pw' },
      { token: 'mine' },
    ],
    ['empty says nothing', { token: '', user: '' }, { NATS_TOKEN: 'tkn', NATS_CREDS: '' }, { token: 'tkn' }],
    ['a URL over variables', { server: 'nats://u:p@h' }, { NATS_TOKEN: 'tkn' }, { user: 'u', password: 'p' }],
    ['a flag over a URL', { token: 'tkn' }, { NATS_URL: 'nats://u:p@h' }, { kind: 'token', token: 'tkn' }],
  ])('%s', (_, given, env, credentials) => {
    expect(read(given, env).credentials).toMatchObject(credentials)
  })

  test('a user stays with the URL that carries it', () => {
    expect(read({ server: 'mine' }, { NATS_URL: 'nats://u:p@theirs' }).credentials).toEqual({ kind: 'none' })
  })

  test('files may be named from home, by variables or from here', () => {
    const creds = { kind: 'creds', file: join(home, 'a.creds') }
    expect(read(files((path) => ({ creds: path }))).credentials).toEqual(creds)
    expect(read({ creds: '$HOME/a.creds' }).credentials).toEqual(creds)
    expect(read({}, { NATS_CREDS: `${'$'}{WHERE}/a.creds`, WHERE: home }).credentials).toEqual(creds)
    expect(read({}, { NATS_NKEY: join(home, 'user.nk') }).credentials).toEqual({
      kind: 'nkey',
      file: join(home, 'user.nk'),
    })
  })

  test.each<[GivenConnection, Env, string]>([
    [{ creds: '~/a.creds', user: 'me', password: 'pw' }, {}, '--user and --creds'],
    [{ creds: '~/a.creds', nkey: '~/user.nk' }, {}, '--creds and --nkey'],
    [{ user: 'me', password: 'pw', token: 'tkn' }, {}, '--user and --token'],
    [{ server: 'nats://u:p@h', token: 'tkn' }, {}, '--token and the user in --server'],
    [{}, { NATS_CREDS: '~/a.creds', NATS_TOKEN: 'tkn' }, 'NATS_CREDS and NATS_TOKEN'],
    [{ password: 'pw' }, {}, '--password needs --user'],
    [{ creds: '~/absent.creds' }, {}, 'cannot be read'],
    [{ nkey: secret }, {}, 'holds the secret itself'],
    [{}, { NATS_CREDS: '-----BEGIN NATS USER JWT-----' }, 'NATS_CREDS holds the secret itself'],
  ])('%j %j is refused', (given, env, why) => {
    expect(refusal(given, env)).toContain(why)
    expect(refusal(given, env)).not.toMatch(/pw|tkn|SUAM|BEGIN/)
  })
})

describe('TLS files', () => {
  test('require TLS', () => {
    expect(read({ tlsca: '~/ca.pem' }).tls).toEqual({ ca: join(home, 'ca.pem'), first: false })
    const env = { NATS_CERT: '~/cert.pem', NATS_KEY: '~/key.pem', NATS_CA: '~/ca.pem' }
    expect(read({}, env).tls).toEqual({
      ca: join(home, 'ca.pem'),
      cert: join(home, 'cert.pem'),
      key: join(home, 'key.pem'),
      first: false,
    })
  })

  test('come as a pair', () => {
    expect(refusal({ tlscert: '~/cert.pem' })).toContain('--tlscert and --tlskey belong together')
    expect(refusal({}, { NATS_KEY: '~/key.pem' })).toContain('NATS_CERT and NATS_KEY belong together')
  })
})

describe('a context of the nats command', () => {
  beforeAll(() => {
    context('full', {
      description: 'Everything',
      url: 'nats://one:1,nats://two:2',
      user: 'me',
      password: 'pw',
      creds: '~/a.creds',
      cert: '~/cert.pem',
      key: '~/key.pem',
      ca: '',
      tls_first: true,
      inbox_prefix: '_INBOX.me',
      jetstream_domain: 'hub',
      windows_cert_store: '',
    })
    context('creds', { url: 'tls://ngs', creds: `${'$'}{HOME}/a.creds`, nkey: '', token: '' })
    context('jwt', { user_jwt: 'eyJ', user_seed: 'SU' })
    context('prefix', { url: 'nats://p', jetstream_api_prefix: 'JS.api.' })
    context('nsc', { nsc: 'nsc://operator/account/user' })
    context('proxy', { socks_proxy: 'socks5://p' })
    context('odd', { url: 7 })
    file('.config/nats/context/broken.json', '{ "password": "secret" ')
  })

  test('gives servers, credentials, TLS and JetStream', () => {
    expect(read({ context: 'full' })).toEqual({
      servers: ['one:1', 'two:2'],
      credentials: { kind: 'user', user: 'me', password: 'pw' },
      tls: { cert: join(home, 'cert.pem'), key: join(home, 'key.pem'), first: true },
      inboxPrefix: '_INBOX.me',
      jetstreamPrefix: '$JS.hub.API',
      origin: 'url of NATS context "full"',
    })
    expect(read({ context: 'creds' }).credentials).toEqual({ kind: 'creds', file: join(home, 'a.creds') })
    expect(read({ context: 'creds' }).tls).toEqual({ first: false })
    expect(read({ context: 'jwt' }).credentials).toEqual({ kind: 'jwt', jwt: 'eyJ', seed: 'SU' })
    expect(read({ context: 'prefix' }).jetstreamPrefix).toBe('JS.api')
    expect(read({ context: 'jwt' }).servers).toEqual(['127.0.0.1:4222'])
  })

  test('is found by flag, by NATS_CONTEXT, by selection, or as a file', () => {
    expect(read({}, { NATS_CONTEXT: 'creds' }).servers).toEqual(['ngs:4222'])
    expect(read({ context: join(home, '.config/nats/context/creds.json') }).servers).toEqual(['ngs:4222'])
    file('.config/nats/context.txt', 'creds\n')
    expect(read({}).servers).toEqual(['ngs:4222'])
    expect(read({ context: 'prefix' }).servers).toEqual(['p:4222'])
    rmSync(join(home, '.config/nats/context.txt'))
    expect(read({}).servers).toEqual(['127.0.0.1:4222'])
    file('xdg/nats/context/there.json', '{"url":"nats://there"}')
    expect(read({ context: 'there' }, { XDG_CONFIG_HOME: join(home, 'xdg') }).servers).toEqual(['there:4222'])
  })

  test('comes after what is said more closely', () => {
    const env = { NATS_CONTEXT: 'creds', NATS_URL: 'nats://env' }
    expect(read({}, env).servers).toEqual(['env:4222'])
    expect(read({}, env).credentials).toMatchObject({ kind: 'creds' })
    expect(read({ context: 'creds' }, env).servers).toEqual(['ngs:4222'])
    expect(read({ context: 'creds', server: 'flag', token: 'tkn' }, env)).toMatchObject({
      servers: ['flag:4222'],
      credentials: { kind: 'token' },
    })
    expect(read({ context: 'full', password: 'mine' }).credentials).toMatchObject({
      user: 'me',
      password: 'mine',
    })
  })

  test.each<[string, string]>([
    ['absent', 'known are broken, creds, full'],
    ['../full', 'is not a context name'],
    ['nsc', 'nsc generate creds'],
    ['proxy', 'SOCKS'],
    ['odd', 'url must be text'],
    ['broken', 'not a JSON object'],
  ])('%s is refused', (name, why) => {
    expect(refusal({ context: name })).toContain(why)
    expect(refusal({ context: name })).not.toContain('secret')
    expect(refusal({}, { NATS_CONTEXT: name })).toContain(JSON.stringify(name))
  })
})

test('an inbox prefix is words between dots', () => {
  expect(read({ inboxPrefix: '_INBOX_me' }).inboxPrefix).toBe('_INBOX_me')
  for (const inboxPrefix of ['a b', 'a.*', '>', 'a\r\nb', '.a', 'a..b']) {
    expect(refusal({ inboxPrefix })).toContain('--inbox-prefix')
  }
})

describe('a description', () => {
  test.each<[GivenConnection, Env, string]>([
    [{}, {}, 'nats://127.0.0.1:4222 (from the default)'],
    [{ server: 'nats://me:pw@h' }, {}, 'nats://h:4222 as me (from --server)'],
    [
      { user: 'tkn' },
      { NATS_URL: 'tls://a,b' },
      'nats://a:4222, nats://b:4222 over TLS with a token (from NATS_URL)',
    ],
    [{ context: 'jwt' }, {}, 'nats://127.0.0.1:4222 with a user JWT (from the default)'],
  ])('%j %j', (given, env, line) => {
    expect(describeConnection(read(given, env))).toBe(line)
  })
})
