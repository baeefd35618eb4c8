import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AttributeRules, unmetRule } from '../shared/attributes.ts'
import { maxQuantity, type PortRange, type Resources } from '../shared/resources.ts'
import {
  parseAmount,
  parseAttributes,
  parseQuota,
  parseResources,
  parseRules,
  parseWeights,
  writeAttributes,
  writeResources,
} from '../shared/written.ts'

const none = { cpuMilli: 0, memMb: 0, diskMb: 0, gpus: 0 }

test.each<[string, Resources]>([
  ['cpus:4', { ...none, cpuMilli: 4000 }],
  ['cpus:0.25; mem:64', { ...none, cpuMilli: 250, memMb: 64 }],
  ['cpus:0.5000', { ...none, cpuMilli: 500 }],
  [
    'ports:[31000-31009,8080]',
    {
      ...none,
      ports: [
        [8080, 8080],
        [31000, 31009],
      ],
    },
  ],
  ['ports:[]', { ...none, ports: [] }],
  [
    'cpus:4;mem:8192;disk:20000;ports:[31000-32000];gpus:1;licences:2',
    {
      cpuMilli: 4000,
      memMb: 8192,
      diskMb: 20000,
      gpus: 1,
      ports: [[31000, 32000]],
      scalars: { licences: 2000 },
    },
  ],
  ['%63pus:1', { ...none, scalars: { cpus: 1000 } }],
])('%s', (text, resources) => {
  expect(parseResources(text)).toEqual(resources)
})

test.each([
  ['', 'is not name:value'],
  ['cpus', '"cpus" is not name:value: write resources as cpus:4;mem:8192'],
  ['cpus=4', 'is not name:value'],
  [':4', 'is not name:value'],
  ['cpus:', 'cpus is "": it must be a plain number of CPUs'],
  ['cpus:-1', 'cpus is "-1": an amount is never negative'],
  ['cpus:NaN', 'cpus is "NaN": it must be a plain number of CPUs'],
  ['cpus:Infinity', 'must be a plain number'],
  ['cpus:1e3', 'must be a plain number'],
  ['cpus:0x10', 'must be a plain number'],
  ['cpus:0.0001', 'only thousandths count'],
  ['mem:8g', 'mem is "8g": it must be a plain number of MiB'],
  ['mem:0.5', 'only whole MiB count'],
  ['gpus:1.5', 'only whole GPUs count'],
  ['mem:99999999999999', 'more than 100000000000 makes no sense'],
  ['licences:1000000000', 'more than 100000000 makes no sense'],
  ['mem:9999999999999999999999', 'must be a plain number'],
  ['cpus:1;cpus:2', 'cpus stands twice in "cpus:1;cpus:2"'],
  ['x:1;%78:2', 'x stands twice'],
  ['%63pus:1;%63pus:2', 'cpus stands twice'],
  ['cpus:1;', '"" is not name:value'],
  ['ports:31000', 'write ports as [31000-32000,33000]'],
  ['ports:[0-10]', 'port 0 is out of range'],
  ['ports:[65536]', 'port 65536 is out of range'],
  ['ports:[10-5]', 'the ports 10-5 end before they begin'],
  ['ports:[10-20,15-30]', 'the ranges overlap at 15'],
  ['ports:[a-b]', '"a-b" is no range of ports'],
  ['%zz:1', 'write % as %25'],
  [`${'n'.repeat(65)}:1`, 'more than 64 characters'],
])('%s is refused', (text, complaint) => {
  expect(() => parseResources(text)).toThrow(RangeError)
  expect(() => parseResources(text)).toThrow(complaint)
})

// Every name that the protocol lets a slave declare, but for half characters.
const name = (maxLength: number) =>
  fc.string({ unit: 'grapheme', minLength: 1, maxLength }).filter((text) => text.length <= maxLength)
const quantity = fc.integer({ min: 0, max: maxQuantity })
const ports = fc
  .uniqueArray(fc.integer({ min: 1, max: 65535 }), { minLength: 2, maxLength: 12 })
  .map((edges) => edges.sort((a, b) => a - b))
  .map((edges) =>
    edges.flatMap((first, i): PortRange[] => (i % 2 === 0 ? [[first, edges[i + 1] ?? first]] : [])),
  )
const resources = fc
  .record(
    {
      cpuMilli: quantity,
      memMb: quantity,
      diskMb: quantity,
      gpus: quantity,
      ports,
      scalars: fc.dictionary(
        fc.oneof(name(64), fc.constantFrom('cpus', 'mem', 'ports', 'constructor', 'a:b;c%')),
        quantity,
        { minKeys: 1 },
      ),
    },
    { requiredKeys: ['cpuMilli', 'memMb', 'diskMb', 'gpus'] },
  )
  .map((made) => made as Resources)

test('what is written is read back as it was', () => {
  fc.assert(
    fc.property(resources, (amount) => {
      expect(parseResources(writeResources(amount))).toEqual(amount)
    }),
  )
})

describe('attributes', () => {
  test('by name', () => {
    expect(parseAttributes('rack:r1; zone:a:b')).toEqual({ rack: 'r1', zone: 'a:b' })
    expect(() => parseAttributes('rack')).toThrow('write attributes as rack:r1;zone:a')
    expect(() => parseAttributes('rack:a;rack:b')).toThrow('rack stands twice')
    expect(() => parseAttributes(`rack:${'x'.repeat(256)}`)).toThrow('256 characters')
  })

  test('what is written is read back as it was', () => {
    const attributes = fc.dictionary(name(128), fc.string({ unit: 'grapheme', maxLength: 100 }), {
      minKeys: 1,
    })
    fc.assert(
      fc.property(attributes, (some) => {
        expect(parseAttributes(writeAttributes(some))).toEqual(some)
      }),
    )
  })
})

describe('a quota', () => {
  test.each([
    ['cpus:40;mem:80000', { cpuMilli: 40_000, memMb: 80_000 }],
    ['cpus:0', { cpuMilli: 0 }],
    ['disk:5;gpus:1;licences:0.5', { diskMb: 5, gpus: 1, scalars: { licences: 500 } }],
    ['%70orts:3', { scalars: { ports: 3000 } }],
  ])('%s speaks of nothing else', (text, quota) => {
    expect(parseQuota(text)).toEqual(quota)
  })

  test.each([
    ['', '"" is not name:value: write amounts as cpus:40;mem:80000'],
    ['ports:[1-2]', "ports are nobody's share: write amounts as cpus:40;mem:80000"],
    ['cpus:-1', 'an amount is never negative'],
    ['cpus:1;cpus:2', 'cpus stands twice'],
    ['mem:8g', 'must be a plain number of MiB'],
  ])('%s is refused', (text, complaint) => {
    expect(() => parseQuota(text)).toThrow(complaint)
  })
})

describe('rules on attributes', () => {
  test.each<[string, AttributeRules]>([
    ['zone', { zone: { exists: true } }],
    ['!zone', { zone: { exists: false } }],
    ['zone:a', { zone: 'a' }],
    ['zone:', { zone: '' }],
    ['zone:a:b', { zone: 'a:b' }],
    ['zone:a|b', { zone: { oneOf: ['a', 'b'] } }],
    ['zone:a*', { zone: { pattern: 'a*' } }],
    ['zone:?-1', { zone: { pattern: '?-1' } }],
    [' rack:r1 ; !old ;zone: a|b ', { rack: 'r1', old: { exists: false }, zone: { oneOf: ['a', 'b'] } }],
    ['a%3Db:%7C%2A', { 'a=b': '|*' }],
    ['__proto__:x', Object.fromEntries([['__proto__', 'x']])],
  ])('%s', (text, rules) => {
    expect(parseRules(text)).toEqual(rules)
  })

  test.each([
    ['', '"" names no attribute: write rules as zone, !zone, zone:a, zone:a|b or zone:a*'],
    ['!', '"!" names no attribute'],
    [':a', '":a" names no attribute'],
    ['zone=a', '"zone=a": write a rule as zone:a, and a = in a name as %3D'],
    ['zo*ne', '"zo*ne": the name of an attribute is no pattern; write * as %2A'],
    ['a|b:c', 'write | as %7C'],
    ['!!zone', 'write ! as %21'],
    ['!zone:a', '"!zone:a": a ! goes with a name alone'],
    ['zone:a*|b', 'either choices (|) or a pattern'],
    ['zone:a|', 'a choice is empty'],
    ['zone:%2A*', 'in a pattern * and ? cannot stand for themselves'],
    ['zone:a;zone:b', 'zone stands twice'],
    ['%zz', 'write % as %25'],
    [`${'n'.repeat(129)}:a`, 'more than 128 characters'],
    [`zone:${'x'.repeat(256)}`, 'at the most 255 characters'],
  ])('%s is refused', (text, complaint) => {
    expect(() => parseRules(text)).toThrow(RangeError)
    expect(() => parseRules(text)).toThrow(complaint)
  })

  test('whatever a slave says of itself, a rule written in the same way is met by it', () => {
    const attributes = fc.dictionary(name(100), name(100), { minKeys: 1 })
    fc.assert(
      fc.property(attributes, (some) => {
        const written = writeAttributes(some).replace(
          /[|*?!]/g,
          (letter) => `%${letter.charCodeAt(0).toString(16)}`,
        )
        expect(unmetRule(some, parseRules(written))).toBeUndefined()
      }),
    )
  })
})

test('weights by role', () => {
  expect(parseWeights('batch=2, web=0.5')).toEqual({ batch: 2, web: 0.5 })
  expect(parseWeights('a=b=2')).toEqual({ 'a=b': 2 })
  for (const [text, complaint] of [
    ['batch', '"batch" is no weight'],
    ['', 'is no weight'],
    ['=2', 'is no weight'],
    ['batch=', 'must be a plain number'],
    ['batch=-1', 'must be a plain number'],
    ['batch=NaN', 'must be a plain number'],
    ['batch=1,batch=2', 'two weights'],
  ] as const)
    expect(() => parseWeights(text)).toThrow(complaint)
})

test('one amount', () => {
  expect(parseAmount('cpus', '0.5')).toBe(500)
  expect(parseAmount('mem', '64')).toBe(64)
  expect(() => parseAmount('mem', '-64')).toThrow('mem is "-64": an amount is never negative')
})
