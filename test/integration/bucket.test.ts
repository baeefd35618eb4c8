import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { JetStream } from '../../services/runtime/bus/jetstream.ts'
import { openBucket } from '../../services/runtime/bus/kv.ts'
import type { Bucket, Bus, Written } from '../../services/runtime/ports.ts'
import {
  bytes,
  connectionTo,
  rejection,
  startTestNats,
  type TestNats,
  testBus,
  text,
  withNats,
} from './bus-world.ts'

// A machine under load is slow, not wrong.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let nats: TestNats
let bus: Bus
let bucket: Bucket

beforeAll(async () => {
  nats = await startTestNats()
  ;({ bus } = await testBus(nats.url))
  bucket = await bus.bucket('registry', { replicas: 1 })
})
afterAll(async () => {
  await bus.drain()
  await nats.stop()
})

function revisionOf(written: Written): number {
  if (written.outcome === 'written') return written.revision
  throw new Error(`not written: ${written.outcome}`)
}

async function valueAt(key: string): Promise<string | undefined> {
  const found = await bucket.read(key)
  return found && text(found.value)
}

/** Speaks JetStream itself, for what only others would do. */
function jetstream(of: Bus, version = of.serverVersion): JetStream {
  const link = {
    apiPrefix: '$JS.API',
    server: () => ({ version, hasJetStream: true }),
    ask: (subject: string, payload: Uint8Array, timeoutMs: number) => of.request(subject, payload, timeoutMs),
    note: () => undefined,
  }
  return new JetStream(link, { bucketTimeoutMs: 5_000, bucketOpenMs: 5_000 })
}

describe('compare and set', () => {
  test('a key is created once', async () => {
    const revision = revisionOf(await bucket.create('once', bytes('one')))
    expect(await bucket.create('once', bytes('two'))).toEqual({ outcome: 'conflict' })
    expect(await bucket.read('once')).toMatchObject({ value: bytes('one'), revision })
  })

  test('an update counts only over the revision that it names', async () => {
    const first = revisionOf(await bucket.create('up', bytes('one')))
    const second = revisionOf(await bucket.update('up', bytes('two'), first))
    expect(second).toBeGreaterThan(first)
    expect(await bucket.update('up', bytes('three'), first)).toEqual({ outcome: 'conflict' })
    expect(await bucket.update('absent', bytes('three'), first)).toEqual({ outcome: 'conflict' })
    expect(await valueAt('up')).toBe('two')
  })

  test('a removal counts only over the revision that it names, and leaves the key vacant', async () => {
    const first = revisionOf(await bucket.create('gone', bytes('one')))
    const second = revisionOf(await bucket.update('gone', bytes('two'), first))
    expect(await bucket.remove('gone', first)).toEqual({ outcome: 'conflict' })
    const tombstone = revisionOf(await bucket.remove('gone', second))
    expect(await bucket.read('gone')).toBeUndefined()
    expect(await bucket.update('gone', bytes('three'), second)).toEqual({ outcome: 'conflict' })
    expect(revisionOf(await bucket.create('gone', bytes('four')))).toBeGreaterThan(tombstone)
    expect(await valueAt('gone')).toBe('four')
  })

  test('of two who create, exactly one wins, also over a tombstone', async () => {
    const other = await testBus(nats.url)
    const others = await other.bus.bucket('registry', { replicas: 1 })
    for (let round = 0; round < 50; round += 1) {
      const outcomes = await Promise.all([
        bucket.create('race', bytes(`mine ${round}`)),
        others.create('race', bytes(`theirs ${round}`)),
      ])
      expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['conflict', 'written'])
      const mine = outcomes[0]?.outcome === 'written'
      expect(await valueAt('race')).toBe(`${mine ? 'mine' : 'theirs'} ${round}`)
      const winner = outcomes.find(({ outcome }) => outcome === 'written')
      if (winner) revisionOf(await bucket.remove('race', revisionOf(winner)))
    }
    await other.bus.drain()
  })

  test('of many who update the same revision, exactly one wins', async () => {
    const first = revisionOf(await bucket.create('crowd', bytes('start')))
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => bucket.update('crowd', bytes(`${i}`), first)),
    )
    expect(all.filter(({ outcome }) => outcome === 'written')).toHaveLength(1)
  })

  test('what a limit has left behind counts as vacant', async () => {
    // From 2.11 on a lapsed value leaves an empty one with this header, where the stream is told to.
    const subject = '$KV.registry.lapsed'
    const header = 'NATS/1.0\r\nNats-Marker-Reason: MaxAge\r\n\r\n'
    expect(revisionOf(await bucket.create('lapsed', bytes('one')))).toBeGreaterThan(0)
    await publishRaw(nats.port, `HPUB ${subject} ${header.length} ${header.length}\r\n${header}\r\n`)
    expect(await bucket.read('lapsed')).toBeUndefined()
    expect((await bucket.create('lapsed', bytes('two'))).outcome).toBe('written')
  })
})

describe('reading', () => {
  test('gives all that stands', async () => {
    const slaves = await bus.bucket('slaves', { replicas: 1 })
    expect(await slaves.entries()).toEqual(new Map())
    const names = Array.from({ length: 300 }, (_, i) => `slave.S${i}`)
    await Promise.all(names.map(async (name) => revisionOf(await slaves.create(name, bytes(name)))))
    const removed = await slaves.read('slave.S7')
    if (removed) revisionOf(await slaves.remove('slave.S7', removed.revision))
    const entries = await slaves.entries()
    expect([...entries.keys()]).toEqual(names.filter((name) => name !== 'slave.S7').sort())
    for (const [name, { value }] of entries) expect(text(value)).toBe(name)
    expect(entries.get('slave.S9')).toEqual(await slaves.read('slave.S9'))
  })

  test('1,100 keys are read together sooner than one by one', async () => {
    const many = await bus.bucket('many', { replicas: 1 })
    const names = Array.from({ length: 1_100 }, (_, i) => `slave.S${i}`)
    await Promise.all(names.map(async (name) => revisionOf(await many.create(name, new Uint8Array(200)))))
    const began = performance.now()
    for (const name of names) await many.read(name)
    const oneByOne = performance.now() - began
    const together: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const before = performance.now()
      expect((await many.entries()).size).toBe(names.length)
      together.push(performance.now() - before)
    }
    expect(Math.min(...together)).toBeLessThan(oneByOne / 2)
  })

  test('tells when it was written, by the clock of the server', async () => {
    const before = Date.now()
    const first = revisionOf(await bucket.create('when', bytes('one')))
    const created = await bucket.read('when')
    revisionOf(await bucket.update('when', bytes('two'), first))
    const updated = await bucket.read('when')
    const times = [before, created?.writtenAt ?? 0, updated?.writtenAt ?? 0, Date.now()]
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  test('gives back any bytes, and none', async () => {
    const any = Uint8Array.from({ length: 256 }, (_, i) => i)
    revisionOf(await bucket.create('bytes', any))
    revisionOf(await bucket.create('no-bytes', new Uint8Array(0)))
    expect((await bucket.read('bytes'))?.value).toEqual(any)
    expect((await bucket.read('no-bytes'))?.value).toEqual(new Uint8Array(0))
    expect(await bucket.read('never')).toBeUndefined()
  })

  test.each(['', 'a b', 'a\r\nb', '.a', 'a.', 'a..b', 'a*', '>', 'ü'])('refuses the key %j', async (key) => {
    expect((await rejection(bucket.read(key))).code).toBe('bad-subject')
    expect((await rejection(bucket.create(key, bytes('x')))).code).toBe('bad-subject')
  })

  test('refuses a value above what the server takes', async () => {
    expect((await rejection(bucket.create('large', new Uint8Array(bus.maxPayload)))).code).toBe('too-large')
  })
})

describe('opening', () => {
  test('a value lapses after its time', async () => {
    const lease = await bus.bucket('lease', { replicas: 1, ttlMs: 300 })
    const before = performance.now()
    const first = revisionOf(await lease.create('leader', bytes('one')))
    let second = await lease.create('leader', bytes('two'))
    while (second.outcome === 'conflict') second = await lease.create('leader', bytes('two'))
    expect(performance.now() - before).toBeGreaterThanOrEqual(300)
    expect(revisionOf(second)).toBeGreaterThan(first)
  })

  test('the same options open it again, others are refused', async () => {
    await bus.bucket('drift', { replicas: 1, ttlMs: 2_000 })
    await bus.bucket('drift', { replicas: 1, ttlMs: 2_000 })
    const shorter = await rejection(bus.bucket('drift', { replicas: 1, ttlMs: 1_000 }))
    expect(shorter.code).toBe('bucket-refused')
    expect(shorter.message).toContain('live 2 s, not 1 s')
    expect((await rejection(bus.bucket('drift', { replicas: 1 }))).message).toContain('not for ever')
  })

  test('two who make it at once share it', async () => {
    const [mine, theirs] = await Promise.all([
      bus.bucket('together', { replicas: 1 }),
      bus.bucket('together', { replicas: 1 }),
    ])
    revisionOf(await mine.create('key', bytes('one')))
    expect((await theirs.create('key', bytes('two'))).outcome).toBe('conflict')
  })

  test('replicas are refused where compare-and-set is unsound on them', async () => {
    const old = await rejection(openBucket(jetstream(bus, '2.9.20'), 'replicated', { replicas: 3 }))
    expect(old.code).toBe('bucket-refused')
    expect(old.message).toContain('2.9.21')
    for (const sound of ['2.9.21', '2.10.0', '2.10.0-RC.1', '3.0.0']) {
      const alone = await rejection(openBucket(jetstream(bus, sound), 'replicated', { replicas: 3 }))
      expect(alone.message).toContain('non-clustered')
    }
  })

  test.each(['', 'a.b', 'a b', 'ü', 'a>'])('refuses the name %j', async (name) => {
    expect((await rejection(bus.bucket(name, { replicas: 1 }))).code).toBe('bad-subject')
  })

  test('a server without JetStream is told from one that is busy', async () => {
    await withNats(
      async ({ url }) => {
        const other = await testBus(url)
        const error = await rejection(other.bus.bucket('any', { replicas: 1 }))
        expect(error.code).toBe('no-jetstream')
        expect(error.message).toContain('-js')
        await other.bus.drain()
      },
      { jetstream: false },
    )
  })

  test('a user who may not is told so', async () => {
    const config = 'authorization { users: [ { user: u, password: p, permissions: { publish: "ok" } } ] }'
    await withNats(
      async ({ url }) => {
        const other = await testBus(connectionTo(url, { user: 'u', password: 'p' }))
        expect((await rejection(other.bus.bucket('any', { replicas: 1 }))).code).toBe('denied')
        await other.bus.drain()
      },
      { config },
    )
  })
})

describe('when the server goes', () => {
  test('nobody knows, and what was written is there when it is back', async () => {
    await withNats(async (server) => {
      const patient = await testBus(server.url)
      const hasty = await testBus(server.url, { bucketTimeoutMs: 200 })
      const kept = await patient.bus.bucket('lease', { replicas: 1 })
      const lease = await hasty.bus.bucket('lease', { replicas: 1 })
      const revision = revisionOf(await kept.create('leader', bytes('one')))

      server.signal('SIGSTOP')
      // A signal takes its time: what is sent at once may be answered yet.
      await vi.waitUntil(() => / T /.test(readFileSync(`/proc/${server.pid}/stat`, 'utf8')))
      expect(await lease.update('leader', bytes('two'), revision)).toEqual({ outcome: 'unknown' })
      expect((await rejection(lease.read('leader'))).code).toBe('timeout')
      const cut = kept.update('leader', bytes('three'), revision)
      await server.kill()
      expect(await cut).toEqual({ outcome: 'unknown' })
      await hasty.news.first(({ link }) => link === 'down')
      expect(await lease.create('leader', bytes('four'))).toEqual({ outcome: 'unknown' })
      expect(await lease.remove('leader', revision)).toEqual({ outcome: 'unknown' })
      expect((await rejection(lease.read('leader'))).code).toBe('disconnected')

      await server.restart()
      await patient.news.first(({ link }) => link === 'reconnected')
      expect((await kept.read('leader'))?.revision).toBeGreaterThanOrEqual(revision)
      await Promise.all([patient.bus.drain(), hasty.bus.drain()])
    })
  })
})

async function publishRaw(port: number, command: string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const answers = socket.setEncoding('utf8')
  socket.write(`CONNECT {"verbose":false,"headers":true}\r\n${command}PING\r\n`)
  for await (const answer of answers) if (String(answer).includes('PONG')) return
}
