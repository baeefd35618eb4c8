import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAccount, createOperator, createUser, type KeyPair } from 'nkeys.js'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readConnection } from '../../services/runtime/bus/connection.ts'
import {
  bytes,
  connectionTo,
  Heard,
  rejection,
  startTestNats,
  type TestNats,
  testBus,
  text,
  withNats,
} from './bus-world.ts'

// A machine under load is slow, not wrong.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const none = new Uint8Array(0)
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'proffer-test-users-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

describe('users', () => {
  const config = `authorization { users = [
    { user: all, password: "p@ss:w/rd" }
    { user: some, password: pw, permissions: { publish: ["ok", "_INBOX_some.>"], subscribe: ["ok", "_INBOX_some.>"] } }
  ] }`

  test('come from the URL, and a wrong one is refused without its password', async () => {
    await withNats(
      async ({ port }) => {
        const good = await testBus(`nats://all:p%40ss%3Aw%2Frd@127.0.0.1:${port}`)
        await good.bus.flush()
        await good.bus.drain()
        for (const given of [{}, { user: 'all', password: 'wrongsecret' }]) {
          const refused = testBus(connectionTo(`127.0.0.1:${port}`, given), { waitForServer: true })
          const error = await rejection(refused)
          expect(error.code).toBe('denied')
          expect(error.message).not.toContain('wrongsecret')
        }
      },
      { config },
    )
  })

  test('hear what they may not do', async () => {
    await withNats(
      async ({ port }) => {
        const given = { user: 'some', password: 'pw', inboxPrefix: '_INBOX_some' }
        const { bus, news } = await testBus(connectionTo(`127.0.0.1:${port}`, given))
        const heard = new Heard<string>()
        bus.publish('secret.say', none)
        expect(await news.first(({ link }) => link === 'denied')).toEqual({
          link: 'denied',
          operation: 'publish',
          subject: 'secret.say',
        })
        bus.subscribe('secret.hear', () => heard.add('secret'))
        const denied = await news.first((item) => item.link === 'denied' && item.operation === 'subscription')
        expect(denied).toMatchObject({ subject: 'secret.hear' })
        expect((await rejection(bus.request('secret.ask', none, 60_000))).code).toBe('denied')
        bus.subscribe('ok', (message) => bus.publish(message.replyTo ?? 'ok', bytes('fine')))
        expect(text(await bus.request('ok', none, 20_000))).toBe('fine')
        await bus.drain()
      },
      { config },
    )
  })

  test('who may not hear answers is told so at once', async () => {
    await withNats(
      async ({ port }) => {
        const { bus } = await testBus(connectionTo(`127.0.0.1:${port}`, { user: 'some', password: 'pw' }))
        bus.subscribe('ok', () => undefined)
        const error = await rejection(bus.request('ok', none, 60_000))
        expect(error.code).toBe('denied')
        expect(error.message).toContain('inbox prefix')
        await bus.drain()
      },
      { config },
    )
  })
})

describe('keys', () => {
  test('an nkey is read from the file that a context of the nats command names', async () => {
    const user = createUser()
    file('user.nk', `${text(user.getSeed())}\n`)
    const config = `authorization { users = [ { nkey: ${user.getPublicKey()} } ] }`
    await withNats(
      async ({ url }) => {
        const context = file('mine.json', JSON.stringify({ url, nkey: '$KEYS/user.nk' }))
        const { bus } = await testBus(readConnection({ context }, { KEYS: folder }))
        await bus.flush()
        await bus.drain()
        expect((await rejection(testBus(url))).code).toBe('denied')
      },
      { config },
    )
  })

  test('a credentials file works, and its last good content while it is being replaced', async () => {
    const operator = createOperator()
    const account = createAccount()
    const user = createUser()
    const limits = {
      subs: -1,
      data: -1,
      payload: -1,
      imports: -1,
      exports: -1,
      wildcards: true,
      conn: -1,
      leaf: -1,
    }
    const accountJwt = jwt(operator, account, { type: 'account', limits })
    const userJwt = jwt(account, user, { type: 'user', subs: -1, data: -1, payload: -1, pub: {}, sub: {} })
    const config = `operator: "${jwt(operator, operator, { type: 'operator' })}"
      resolver: MEMORY
      resolver_preload: { ${account.getPublicKey()}: "${accountJwt}" }`
    await withNats(
      async (nats) => {
        const creds = file('user.creds', credsOf(userJwt, user))
        const { bus, news } = await testBus(connectionTo(nats.url, { creds }))
        await bus.flush()
        file('user.creds', 'half')
        await nats.restart()
        await news.first(({ link }) => link === 'reconnected')
        await bus.flush()
        await bus.drain()
        const error = await rejection(testBus(connectionTo(nats.url, { creds })))
        expect(error.message).toContain('holds no user JWT')
      },
      { config, jetstream: false },
    )
  })
})

function jwt(issuer: KeyPair, subject: KeyPair, nats: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const ids = {
    jti: 'test',
    iat: 1_700_000_000,
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: 'test',
  }
  const signed = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part({ ...ids, nats: { ...nats, version: 2 } })}`
  return `${signed}.${Buffer.from(issuer.sign(bytes(signed))).toString('base64url')}`
}

function credsOf(userJwt: string, user: KeyPair): string {
  const block = (what: string, content: string) =>
    `-----BEGIN ${what}-----\n${content}\n------END ${what}------\n\n`
  return block('NATS USER JWT', userJwt) + block('USER NKEY SEED', text(user.getSeed()))
}

describe.skipIf(!hasOpenssl())('TLS', () => {
  let nats: TestNats
  let ca = ''

  beforeAll(async () => {
    ca = authority('ca')
    const { cert, key } = certificate('server', 'ca', 'IP:127.0.0.1,DNS:localhost')
    nats = await startTestNats({
      jetstream: false,
      config: `tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${ca}", verify: true }`,
    })
  })
  afterAll(() => nats.stop())

  test('with our own certificate, to a server known by address or by name', async () => {
    const { cert, key } = certificate('client', 'ca', 'DNS:client')
    for (const host of ['127.0.0.1', 'localhost']) {
      const given = { tlsca: ca, tlscert: cert, tlskey: key }
      const { bus } = await testBus(connectionTo(`tls://${host}:${nats.port}`, given))
      await bus.flush()
      await bus.drain()
    }
  })

  test('not to a server that another authority vouches for', async () => {
    const error = await rejection(
      testBus(connectionTo(nats.url, { tlsca: authority('other') }), { waitForServer: true }),
    )
    expect(error.message).toContain('No TLS')
  })

  test('not to a server with a certificate for another name', async () => {
    const { cert, key } = certificate('elsewhere', 'ca', 'DNS:elsewhere.example')
    const config = `tls { cert_file: "${cert}", key_file: "${key}" }`
    await withNats(
      async ({ url }) => {
        const error = await rejection(testBus(connectionTo(url, { tlsca: ca }), { waitForServer: true }))
        expect(error.message).toContain('No TLS')
      },
      { config, jetstream: false },
    )
  })

  test('not without TLS where it was asked for', async () => {
    await withNats(
      async ({ port }) => {
        const error = await rejection(testBus(`tls://127.0.0.1:${port}`))
        expect(error.message).toContain('does not offer it')
      },
      { jetstream: false },
    )
  })
})

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function openssl(...words: string[]): void {
  execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' })
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

function authority(name: string): string {
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '1',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
  )
  return join(folder, `${name}.pem`)
}

function certificate(name: string, by: string, names: string): { cert: string; key: string } {
  file(`${name}.ext`, `subjectAltName=${names}\n`)
  openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`)
  const signer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial', '-extfile', `${name}.ext`]
  openssl('x509', '-req', '-in', `${name}.csr`, '-days', '1', ...signer, '-out', `${name}.pem`)
  return { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) }
}
