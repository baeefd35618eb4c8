import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Bus } from '../../services/runtime/ports.ts'
import {
  bytes,
  codeOf,
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

describe('on one server', () => {
  let nats: TestNats
  let bus: Bus
  let notes: Heard<string>

  beforeAll(async () => {
    nats = await startTestNats({ config: 'max_payload: 65536' })
    ;({ bus, notes } = await testBus(nats.url))
  })
  afterAll(async () => {
    await bus.drain()
    await nats.stop()
  })

  test('what is published is heard, with its subject and where to answer', async () => {
    const heard = new Heard<string>()
    bus.subscribe('a.*', (m) => heard.add(`${m.subject} ${text(m.payload)} ${m.replyTo ?? '-'}`))
    bus.subscribe('b', (m) => heard.add(`${m.subject} ${text(m.payload)} ${m.replyTo ?? '-'}`))
    bus.publish('a.x', bytes('one'))
    bus.publish('a.y', none, 'to.me')
    bus.publish('b', bytes('ü'))
    expect(await heard.count(3)).toEqual(['a.x one -', 'a.y  to.me', 'b ü -'])
    expect(bus.maxPayload).toBe(65536)
    expect(bus.serverVersion).toMatch(/^\d+\.\d+\.\d+/)
  })

  test('a hearer that throws goes on hearing, and so does every other', async () => {
    const heard = new Heard<string>()
    bus.subscribe('throwing', (message) => {
      heard.add(text(message.payload))
      throw new Error('a bug of the hearer')
    })
    bus.publish('throwing', bytes('one'))
    bus.publish('throwing', bytes('two'))
    expect(await heard.count(2)).toEqual(['one', 'two'])
    await bus.flush()
    expect(await notes.first((note) => note.includes('throwing'))).toContain('goes on listening')
  })

  test('who stops listening hears no more', async () => {
    const heard: string[] = []
    const stop = bus.subscribe('stop', (message) => heard.push(text(message.payload)))
    bus.publish('stop', bytes('one'))
    await bus.flush()
    stop()
    stop()
    bus.publish('stop', bytes('two'))
    await bus.flush()
    expect(heard).toEqual(['one'])
  })

  const injection = 'a 0\r\n\r\nPUB stolen 2\r\nhi\r\nPUB a'
  const badSubjects = ['', ' ', 'a b', 'a\tb', 'a\r\nb', injection, '.a', 'a.', 'a..b', 'a\u0000', 'a\u2028b']
  test.each([...badSubjects, 'a.*', '*', '>', 'a.>', 'a*b', 'a'.repeat(256)])(
    'cannot say to %j',
    async (subject) => {
      const stolen: string[] = []
      const stop = bus.subscribe('stolen', () => stolen.push('stolen'))
      expect(codeOf(() => bus.publish(subject, none))).toBe('bad-subject')
      expect(codeOf(() => bus.publish('good', none, subject))).toBe('bad-subject')
      expect((await rejection(bus.request(subject, none, 100))).code).toBe('bad-subject')
      await bus.flush()
      stop()
      expect(stolen).toEqual([])
    },
  )

  test.each([...badSubjects, 'a.>.b', '>.a', 'a*', 'a.b>'])('cannot listen to %j', (subject) => {
    expect(codeOf(() => bus.subscribe(subject, () => undefined))).toBe('bad-subject')
  })

  test('a payload above what the server takes is refused here', async () => {
    expect(codeOf(() => bus.publish('large', new Uint8Array(65_537)))).toBe('too-large')
    const heard = new Heard<number>()
    bus.subscribe('large', (message) => heard.add(message.payload.length))
    bus.publish('large', new Uint8Array(65_536))
    expect(await heard.first()).toBe(65_536)
  })

  test('a request is answered; many are', async () => {
    bus.subscribe('echo', (message) => bus.publish(message.replyTo ?? 'nobody', message.payload))
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, i) => bus.request('echo', bytes(`${i}`), 20_000)),
    )
    expect(answers.map(text)).toEqual(Array.from({ length: 500 }, (_, i) => `${i}`))
  })

  test('an empty answer is an answer', async () => {
    bus.subscribe('empty', (message) => bus.publish(message.replyTo ?? 'nobody', none))
    expect((await bus.request('empty', none, 20_000)).length).toBe(0)
  })

  test('a request that nobody hears fails at once', async () => {
    expect((await rejection(bus.request('nobody.home', none, 60_000))).code).toBe('no-responders')
  })

  test('a request that nobody answers times out', async () => {
    bus.subscribe('silent', () => undefined)
    expect((await rejection(bus.request('silent', none, 20))).code).toBe('timeout')
  })

  test('requests in flight are bounded', async () => {
    const small = await testBus(nats.url, { maxRequests: 2 })
    bus.subscribe('slow', () => undefined)
    await bus.flush()
    const waiting = [small.bus.request('slow', none, 20_000), small.bus.request('slow', none, 20_000)]
    expect((await rejection(small.bus.request('slow', none, 20_000))).code).toBe('too-many-requests')
    await small.bus.drain()
    const ends = await Promise.all(waiting.map(rejection))
    expect(ends.map((end) => end.code)).toEqual(['closed', 'closed'])
  })

  test('what a stuck server has not taken is bounded, and free again once it has', async () => {
    const small = await testBus(nats.url, { maxOutboxBytes: 100_000, measureOutboxBytes: 10_000 })
    const burst = () => {
      for (let sent = 0; sent < 100; sent += 1) small.bus.publish('burst', new Uint8Array(10_000))
    }
    expect(codeOf(burst)).toBe('outbox-full')
    await small.bus.flush()
    await small.bus.flush()
    expect(codeOf(() => small.bus.publish('burst', new Uint8Array(50_000)))).toBe('nothing')
    await small.bus.drain()
  })

  test('a bus that was drained has said everything, and says no more', async () => {
    const heard = new Heard<string>()
    bus.subscribe('last', (message) => heard.add(text(message.payload)))
    await bus.flush()
    const other = await testBus(nats.url)
    other.bus.publish('last', bytes('words'))
    await Promise.all([other.bus.drain(), other.bus.drain()])
    expect(await heard.first()).toBe('words')
    expect(await other.news.first(({ link }) => link === 'closed')).toBeTruthy()
    expect(codeOf(() => other.bus.publish('last', none))).toMatch(/closed|disconnected/)
    expect(codeOf(() => other.bus.subscribe('last', () => undefined))).toBe('closed')
  })

  test('whoever listens to the link may throw', async () => {
    const other = await testBus(nats.url)
    other.bus.onLink(() => {
      throw new Error('a bug of the hearer')
    })
    expect(await other.notes.first()).toContain('thrown')
    expect(await other.news.first()).toMatchObject({ link: 'up' })
    await other.bus.drain()
  })
})

describe('when the server goes', () => {
  test('nothing is queued silently, and after its return everything flows again', async () => {
    await withNats(async (nats) => {
      const { bus, news } = await testBus(nats.url)
      const heard = new Heard<string>()
      bus.subscribe('back', (message) => heard.add(text(message.payload)))
      bus.subscribe('silent', () => undefined)
      await bus.flush()
      const waiting = rejection(bus.request('silent', none, 60_000))

      await nats.kill()
      expect((await news.first(({ link }) => link === 'down')).link).toBe('down')
      expect((await waiting).code).toBe('disconnected')
      expect(codeOf(() => bus.publish('back', bytes('lost')))).toBe('disconnected')
      expect((await rejection(bus.request('back', none, 60_000))).code).toBe('disconnected')
      expect((await rejection(bus.flush())).code).toBe('disconnected')
      bus.subscribe('later', (message) => heard.add(text(message.payload)))

      await nats.restart()
      await news.first(({ link }) => link === 'reconnected')
      bus.publish('back', bytes('one'))
      bus.publish('later', bytes('two'))
      expect(await heard.count(2)).toEqual(['one', 'two'])
      expect((await rejection(bus.request('nobody', none, 60_000))).code).toBe('no-responders')
      await bus.drain()
    })
  })

  test('a drain with the link down ends', async () => {
    await withNats(async (nats) => {
      const { bus, news } = await testBus(nats.url)
      await nats.kill()
      await news.first(({ link }) => link === 'down')
      await bus.drain()
      await news.first(({ link }) => link === 'closed')
    })
  })

  test('a server that is stopped in its tracks is noticed by its silence', async () => {
    await withNats(async (nats) => {
      const { bus, news, notes } = await testBus(nats.url, { pingMs: 50 })
      nats.signal('SIGSTOP')
      await news.first(({ link }) => link === 'down')
      expect(notes.all.join()).toContain('no longer answers')
      nats.signal('SIGCONT')
      await news.first(({ link }) => link === 'reconnected')
      await bus.drain()
    })
  })

  test('a lame duck is told, and left when there is another server', async () => {
    await withNats((first) =>
      withNats(async (second) => {
        const { bus, news } = await testBus(`${first.url},${second.url}`)
        const up = await news.first()
        const [lame, other] =
          'server' in up && up.server.endsWith(`:${first.port}`) ? [first, second] : [second, first]
        lame.signal('SIGUSR2')
        await news.first(({ link }) => link === 'lame-duck')
        const moved = await news.first(({ link }) => link === 'reconnected')
        expect(moved).toMatchObject({ server: `127.0.0.1:${other.port}` })
        await bus.drain()
        // It would take its time to close.
        await lame.kill()
      }),
    )
  })
})

describe('a first connection', () => {
  test('says what to do when there is no server', async () => {
    const url = await withNats(async ({ url }) => url)
    const error = await rejection(testBus(url))
    expect(error.code).toBe('unreachable')
    expect(error.message).toContain(url)
    expect(error.message).toContain('NATS_URL')
  })

  test('waits for a server where it shall, and no longer than it shall', async () => {
    await withNats(async (nats) => {
      await nats.kill()
      const notes = new Heard<string>()
      const onNote = (note: { message: string }) => notes.add(note.message)
      const gaveUp = new AbortController()
      const waiting = testBus(nats.url, { waitForServer: true, onNote })
      const givenUp = testBus(nats.url, { waitForServer: true, signal: gaveUp.signal }).catch(
        (error: unknown) => error,
      )
      expect(await notes.first()).toContain('trying again')
      gaveUp.abort()
      expect(await givenUp).toBeInstanceOf(Error)
      await nats.restart()
      const { bus } = await waiting
      await bus.flush()
      await bus.drain()
    })
  })
})
