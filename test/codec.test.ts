import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exampleAnswer, exampleBody } from '../services/operator/docs/reference.ts'
import { decode, decodeAnswer, encode, unpack } from '../shared/codec.ts'
import type { ExecutorId, FrameworkId, SlaveId } from '../shared/ids.ts'
import { type AskType, type MessageType, messages, messageTypes, type Role } from '../shared/messages.ts'
import { sizeOf, split } from '../shared/split.ts'
import { packSteps, stepsIn } from '../shared/steps.ts'
import {
  type Address,
  parseSubject,
  type Speaker,
  subject,
  subscriptions,
  token,
  untoken,
} from '../shared/subjects.ts'

const bytes = (...given: number[]) => Uint8Array.from(given)
/** As it comes from the bus: a plain array of bytes, where the encoder gives a Buffer. */
const sent = (body: object) => new Uint8Array(encode(body))
const text = (letters: string) => [0xa0 + letters.length, ...Buffer.from(letters)]
const task = {
  taskId: 't1',
  resources: { cpuMilli: 1, memMb: 1, diskMb: 0, gpus: 0 },
  command: { shell: 'true' },
}
const accept = (more: object = {}, resources: object = {}) => ({
  frameworkId: '7-F1',
  offerIds: ['7-O1'],
  refuseSeconds: 5,
  tasks: [{ ...task, resources: { ...task.resources, ...resources } }],
  ...more,
})
const code = (type: MessageType, payload: Uint8Array) => {
  const decoded = decode(type, payload)
  return decoded.ok ? 'ok' : decoded.code
}

test.each(messageTypes)('%s comes out as it went in', (type) => {
  const body = exampleBody(type)
  expect(decode(type, sent(body))).toEqual({ ok: true, body })
})

describe('bytes that are not one msgpack map are refused:', () => {
  test.each<[string, Uint8Array]>([
    ['nothing', bytes()],
    ['text that is no msgpack', Buffer.from('{"frameworkId":"7-F1"}')],
    ['an array', bytes(0x90)],
    ['nil', bytes(0xc0)],
    ['a number', bytes(0x07)],
    ['byte strings', bytes(0xc4, 1, 0)],
    ['a timestamp', bytes(0xd6, 0xff, 0, 0, 0, 1)],
    ['an unknown extension', bytes(0xd4, 5, 0)],
    ["our own library's records", bytes(0xd4, 0x72, 0x40, 0x91, ...text('a'), 1)],
    ['a byte that msgpack does not use', bytes(0xc1)],
    ['a map and something behind it', bytes(0x80, 0x80)],
    ['a map that is cut off', encode(accept()).subarray(0, 20)],
    ['a map of four billion entries', bytes(0xdf, 0xff, 0xff, 0xff, 0xff)],
    [
      'a thousand arrays that claim to be long',
      bytes(0x81, ...text('a'), ...Array(1000).fill([0xdd, 1, 255, 255, 255]).flat()),
    ],
    ['a deep well', Buffer.concat([bytes(0x81, ...text('a')), Buffer.alloc(500_000, 0x91)])],
  ])('%s', (_what, payload) => {
    expect(code('cluster.get', payload)).toBe('bad-bytes')
    expect(decodeAnswer('cluster.get', payload)).toMatchObject({ ok: false, code: 'bad-bytes' })
  })

  test('and whatever else: it never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (payload) => {
        expect(['ok', 'bad-bytes', 'bad-message']).toContain(code('cluster.get', payload))
      }),
    )
  })
})

describe('a message of the wrong shape is refused:', () => {
  test.each<[string, object]>([
    ['a field is missing', { frameworkId: '7-F1' }],
    ['nil for a field', accept({ refuseSeconds: null })],
    ['text for a number', accept({ refuseSeconds: '5' })],
    ['a negative time', accept({ refuseSeconds: -1 })],
    ['an absurd time', accept({ refuseSeconds: 1e9 })],
    ['a time that is no number', accept({ refuseSeconds: Number.NaN })],
    ['a time without end', accept({ refuseSeconds: Number.POSITIVE_INFINITY })],
    ['an offer too few', accept({ offerIds: [] })],
    ['offers too many', accept({ offerIds: Array(1001).fill('7-O1') })],
    ['an id that is too long', accept({ frameworkId: 'F'.repeat(65) })],
    ['an empty id', accept({ frameworkId: '' })],
    ['negative resources', accept({}, { cpuMilli: -1 })],
    ['resources that are no number', accept({}, { cpuMilli: Number.NaN })],
    ['resources without end', accept({}, { memMb: Number.POSITIVE_INFINITY })],
    ['more than anybody has', accept({}, { memMb: 1e12 })],
    ['half a thousandth', accept({}, { cpuMilli: 0.5 })],
    ['a negative scalar', accept({}, { scalars: { licences: -1 } })],
    ['a negative scalar behind a line break', accept({}, { scalars: { 'a\nb': -1 } })],
    ['a scalar without a name', accept({}, { scalars: { '': 1 } })],
    ['a scalar with a name that is too long', accept({}, { scalars: { ['k'.repeat(65)]: 1 } })],
    ['a port that is none', accept({}, { ports: [[0, 70_000]] })],
    ['an end without a beginning', accept({}, { ports: [[1]] })],
    [
      'environment that is no text',
      accept({ tasks: [{ ...task, command: { shell: 'x', env: { 'A B': 5 } } }] }),
    ],
    ['an argument with a zero', accept({ tasks: [{ ...task, command: { argv: ['a\0b'] } }] })],
    ['payload that is no bytes', accept({ tasks: [{ ...task, payload: 'x' }] })],
  ])('%s', (_what, body) => expect(code('offer.accept', encode(body))).toBe('bad-message'))

  test.each(['a'.repeat(10_000), 'e\u0301'.repeat(10_000), '👨‍👩‍👧'.repeat(10_000), ''])(
    'a framework name of $length letters',
    (name) => {
      const body = { ...exampleBody('framework.subscribe'), name }
      expect(code('framework.subscribe', encode(body))).toBe('bad-message')
    },
  )

  test('and the complaint names the field, short and in one line', () => {
    const body = accept({}, { scalars: { [`x\r\n${'y'.repeat(5000)}`]: -1 } })
    const decoded = decode('offer.accept', encode(body))
    expect(decoded).toMatchObject({
      ok: false,
      message: expect.stringMatching(/tasks\.0\.resources\.scalars/),
    })
    expect(JSON.stringify(decoded)).toMatch(/^[^\n\r]{1,300}$/)
  })
})

describe('strangers may', () => {
  test('send more than we know: it is left out of account', () => {
    expect(code('offer.accept', encode(accept({ novelty: { deep: [1] }, frameworkid: 1 })))).toBe('ok')
  })

  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'send a key %s',
    (key) => {
      const payload = Buffer.concat([
        bytes(0x81, 0xa0 + key.length),
        Buffer.from(key),
        bytes(0x81, ...text('polluted'), 1),
      ])
      const body = unpack(payload)
      expect(Object.getPrototypeOf(body)).toBe(Object.prototype)
      expect(Object.getPrototypeOf({ ...body })).toBe(Object.prototype)
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
      expect(code('cluster.get', payload)).toBe('ok')
    },
  )

  test('write an integer as a float, or in 64 bits', () => {
    const float = bytes(0x81, ...text('limit'), 0xcb, 0x40, 0x24, 0, 0, 0, 0, 0, 0)
    const long = bytes(0x81, ...text('limit'), 0xcf, 0, 0, 0, 0, 0, 0, 0, 10)
    for (const payload of [float, long])
      expect(decode('slaves.list', payload)).toEqual({ ok: true, body: { limit: 10 } })
  })
})

describe('an answer', () => {
  const asks = messageTypes.filter((type): type is AskType => messages[type].kind === 'ask')
  test.each(asks)('to %s is a yes, or a refusal', (type) => {
    expect(decodeAnswer(type, sent(exampleAnswer(type) ?? {}))).toEqual(exampleAnswer(type))
    const no = { ok: false, code: 'unheard', message: 'not now' }
    expect(decodeAnswer(type, encode(no))).toEqual(no)
  })

  test.each<[string, object]>([
    ['neither yes nor no', { slaveId: '7-S1' }],
    ['a yes that lacks something', { ok: true }],
    ['a no without a reason', { ok: false }],
    ['yes in a word', { ok: 'yes', slaveId: '7-S1' }],
  ])('that is %s is refused by whoever asked', (_what, answer) => {
    expect(decodeAnswer('offer.accept', encode(answer))).toMatchObject({ ok: false, code: 'bad-message' })
  })
})

describe('a name as a token', () => {
  test.each([
    ['plain-Name_1', 'plain-Name_1'],
    ['a.b', 'a=2Eb'],
    ['a b', 'a=20b'],
    ['a\r\nPUB x', 'a=0D=0APUB=20x'],
    ['*', '=2A'],
    ['>', '=3E'],
    ['=', '=3D'],
    ['=2E', '=3D2E'],
    ['größe', 'gr=C3=B6=C3=9Fe'],
    ['日本', '=E6=97=A5=E6=9C=AC'],
    ['%41', '=2541'],
  ])('%j is %s', (name, written) => {
    expect(token(name)).toBe(written)
    expect(untoken(written)).toBe(name)
  })

  test.each([
    ['empty', ''],
    ['10 kB', 'a'.repeat(10_000)],
    ['10 kB to be encoded', ' '.repeat(10_000)],
    ['half a character', 'a\ud800b'],
    ['the other half', '\udc00'],
  ])('is not made of what is %s', (_what, name) => expect(() => token(name)).toThrow(RangeError))

  test.each(['', '=', '=2', '=2e', '=41', '=ZZ', '=FF', 'a.b', 'a b', '*', '%41', '=C3'])(
    'is never %j',
    (written) => {
      expect(untoken(written)).toBeUndefined()
    },
  )

  test('is safe, and stands for that name alone', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 70, unit: 'grapheme' }), (name) => {
        fc.pre(new TextEncoder().encode(name).length <= 300)
        expect(token(name)).toMatch(/^[A-Za-z0-9_=-]+$/)
        expect(untoken(token(name))).toBe(name)
      }),
    )
  })

  test('that is no token is undefined, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (written) => {
        const name = untoken(written)
        if (name !== undefined) expect(token(name)).toBe(written)
      }),
    )
  })
})

const odd = 'a.b *>=\r\nö'
const places: Readonly<Record<Role | 'all', Address>> = {
  master: { role: 'master' },
  scheduler: { role: 'scheduler', principal: odd, frameworkId: '7-F1' as FrameworkId },
  slave: { role: 'slave', slaveId: '7-S1' as SlaveId },
  executor: { role: 'executor', slaveId: '7-S1' as SlaveId, executorId: `7-F1/${odd}` as ExecutorId },
  operator: { role: 'all' },
  all: { role: 'all' },
}
const routes = messageTypes.flatMap((type) =>
  messages[type].routes.map(([from, to]) => [type, from, to] as const),
)

/** The leader's word on a task stands where a slave's does: its seq of 0 tells them apart. */
const isTakenFor = (type: MessageType, from: Role): Role =>
  type === 'status.update' && from === 'master' ? 'slave' : from

describe('a subject', () => {
  test.each(routes)('of %s tells that %s says it to %s', (type, from, to) => {
    const written = subject('c.1', type, { role: from, id: odd }, places[to])
    const hearers: Role[] = to === 'all' ? ['master', 'scheduler', 'slave', 'executor'] : [to]
    for (const hearer of hearers) {
      const parsed = parseSubject('c.1', hearer, written)
      expect(parsed).toMatchObject({ type, from: { role: isTakenFor(type, from) } })
      if (typeof parsed === 'object' && parsed.from.id !== '') expect(parsed.from.id).toBe(odd)
    }
    expect(subscriptions('c.1', places[to]).some((pattern) => covers(pattern, written))).toBe(true)
  })

  test("of a framework's names the framework", () => {
    const written = subject('c', 'status.update', { role: 'slave', id: 'S' }, places.scheduler)
    const heard = { type: 'status.update', from: { role: 'slave', id: '' } }
    const framework = { principal: odd, frameworkId: '7-F1' }
    expect(parseSubject('c', 'scheduler', written)).toEqual({ ...heard, framework })
    expect(parseSubject('c', 'master', written)).toEqual({ ...heard, framework })
    expect(subscriptions('c', places.master).some((pattern) => covers(pattern, written))).toBe(true)
  })

  test('says who speaks to everybody but those whom it can only be one', () => {
    const named = routes.filter(([type, from, to]) =>
      subject('c', type, { role: from, id: 'me' }, places[to]).includes('.me.'),
    )
    expect(new Set(named.map(([, from, to]) => `${from} to ${to}`))).toEqual(
      new Set([
        'scheduler to master',
        'slave to master',
        'operator to master',
        'scheduler to slave',
        'executor to slave',
        'operator to slave',
        'scheduler to executor',
        'executor to scheduler',
      ]),
    )
  })

  const scheduler: Speaker = { role: 'scheduler', id: 'me' }
  test.each<[string, Role, string]>([
    ['of another cluster', 'master', subject('other', 'offer.accept', scheduler, places.master)],
    [
      'of a cluster whose name begins alike',
      'master',
      subject('c-2', 'offer.accept', scheduler, places.master),
    ],
    ["of a scheduler that says a slave's message", 'master', 'proffer.c.master.framework.me.slave.beat'],
    ["of a scheduler that says a leader's message", 'slave', 'proffer.c.slave.S.framework.me.task.launch'],
    [
      'of a framework that speaks for the leader',
      'scheduler',
      'proffer.c.framework.p.7-F1.executor.e.offer.make',
    ],
    ["with a message for somebody else's ears", 'slave', 'proffer.c.master.framework.me.offer.accept'],
    ['with nobody who speaks', 'master', 'proffer.c.master.offer.accept'],
    ['with half a speaker', 'master', 'proffer.c.master.me.offer.accept'],
    ['with too many words', 'master', 'proffer.c.master.framework.me.too.offer.accept'],
    ['with too few words', 'master', 'proffer.c.master'],
    ['with empty words', 'master', 'proffer.c.master.framework..offer.accept'],
    ['with a role that is none', 'master', 'proffer.c.master.constructor.me.offer.accept'],
    ['with a message that is none', 'master', 'proffer.c.master.framework.me.to.string'],
    ['with a name that is none', 'master', 'proffer.c.master.framework.=2e.offer.accept'],
    ['with a framework that is none', 'scheduler', 'proffer.c.framework.=.7-F1.offer.make'],
    ['of a service', 'master', '_INBOX.x.1'],
    ['that is empty', 'master', ''],
  ])('%s is none of ours, and the complaint says why', (_what, hearer, written) => {
    expect(parseSubject('c', hearer, written)).toEqual(expect.stringMatching(/^[^\n\r]+$/))
  })
})

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme', maxLength: 400 }),
    fc.double(),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 60 }), tie('value')),
  ),
})).value

describe('long lists', () => {
  test('are measured: never much too low', () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(sizeOf({ given })).toBeGreaterThanOrEqual(encode({ given }).length * 0.97)
      }),
    )
  })

  test('are split into lists that hold everything, in order, each small enough', () => {
    const items = fc.array(fc.string({ maxLength: 40 }))
    fc.assert(
      fc.property(
        items,
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 20 }),
        (given, maxBytes, maxItems) => {
          const lists = split(given, maxBytes, maxItems)
          expect(lists.flat()).toEqual(given)
          for (const list of lists) {
            expect(list.length).toBeGreaterThan(0)
            expect(list.length).toBeLessThanOrEqual(maxItems)
            if (list.length > 1)
              expect(list.reduce((size, item) => size + sizeOf(item), 0)).toBeLessThanOrEqual(maxBytes)
          }
        },
      ),
    )
  })
})

describe('steps of a trace', () => {
  const heard = { seconds: 5 }
  const answer = { ok: true, frameworkId: '7-F1' }
  const said = { offerIds: ['7-O1'] }
  const step = {
    n: 1,
    at: 2,
    role: 'scheduler',
    id: 'f',
    heard: { type: 'watch.renew', body: heard },
    before: 'a',
    after: 'b',
    effects: [
      { do: 'say', type: 'offer.accept', body: said },
      { do: 'reply', answer },
      { do: 'tell', news: { body: 1 } },
    ],
  } as const

  test('come out as they went in, whether what they carry was at hand as bytes or not', () => {
    expect(stepsIn(packSteps([step], new Map()))).toEqual([step])
    const written = new Map<object, Uint8Array>([heard, answer, said].map((it) => [it, encode(it)]))
    expect(stepsIn(packSteps([step, step], written))).toEqual([step, step])
  })

  test('rubbish among them is left out', () => {
    const wrong = [null, 7, {}, { ...step, n: '1' }, { ...step, effects: [null] }, { ...step, effects: {} }]
    expect(stepsIn(encode({ steps: [...wrong, step] }))).toEqual([step])
    expect(stepsIn(bytes(0xc1))).toEqual([])
    const odd = { ...step, heard: { type: 'x', body: bytes(0xc1) } }
    expect(stepsIn(encode({ steps: [odd] }))).toEqual([{ ...step, heard: { type: 'x', body: {} } }])
  })
})

/** Whether NATS would deliver it there. */
function covers(pattern: string, written: string): boolean {
  const words = written.split('.')
  return pattern.split('.').every((word, i, all) => {
    if (word === '>') return words.length > i
    return (word === '*' || word === words[i]) && (i < all.length - 1 || words.length === all.length)
  })
}
