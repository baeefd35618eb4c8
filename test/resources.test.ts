import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  countPorts,
  fits,
  flawOf,
  inWords,
  isNone,
  listPorts,
  none,
  type PortRange,
  pickPorts,
  type Resources,
  subtract,
  sum,
} from '../shared/resources.ts'

const quantity = fc.integer({ min: 0, max: 3 })
/** Names that every object seems to have are names like any other. */
const scalars = fc.dictionary(fc.constantFrom('licences', 'constructor', 'toString', 'a b'), quantity)
/** Some ports out of few, so that neighbours and gaps are common. */
const ports = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 20 })
const amount = fc
  .record({ cpuMilli: quantity, memMb: quantity, diskMb: quantity, gpus: quantity, scalars, ports })
  .map(({ ports, scalars, ...plain }) => resources(plain, ports, scalars))
/** Two amounts whose ports are not the same. */
const apart = fc
  .tuple(amount, amount)
  .map(([a, b]): [Resources, Resources] => [a, { ...b, ports: ranges(portsOf(b).filter(isNotIn(a))) }])

describe('amounts', () => {
  test('taking away what was added gives back what was there', () => {
    fc.assert(
      fc.property(apart, ([a, b]) => {
        expect(plain(subtract(add(a, b), b))).toEqual(plain(a))
      }),
    )
  })

  test('the order of adding does not matter', () => {
    fc.assert(
      fc.property(apart, ([a, b]) => {
        expect(plain(add(a, b))).toEqual(plain(add(b, a)))
        expect(plain(sum([a, b]))).toEqual(plain(add(a, b)))
      }),
    )
  })

  test('adding and taking away change nothing that they were given', () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        const before = structuredClone([a, b])
        add(a, b)
        subtract(a, b)
        expect([a, b]).toEqual(before)
      }),
    )
  })

  test('a part fits into the whole, and what is left of it too', () => {
    fc.assert(
      fc.property(apart, ([a, b]) => {
        const whole = add(a, b)
        expect(fits(a, whole) && fits(b, whole) && fits(subtract(whole, a), whole)).toBe(true)
        expect(fits(whole, a)).toBe(isNone(b))
      }),
    )
  })

  test('fit when nothing negative would be left', () => {
    fc.assert(
      fc.property(amount, amount, (part, whole) => {
        const rest = subtract(whole, part)
        const left = [rest.cpuMilli, rest.memMb, rest.diskMb, rest.gpus, ...Object.values(rest.scalars ?? {})]
        const hasPorts = countPorts(rest.ports) === countPorts(whole.ports) - countPorts(part.ports)
        expect(fits(part, whole)).toBe(hasPorts && left.every((quantity) => quantity >= 0))
      }),
    )
  })

  test('what is not there is none of it', () => {
    expect(fits({ ...none, scalars: { constructor: 0 } }, none)).toBe(true)
    expect(fits({ ...none, scalars: { constructor: 1 } }, none)).toBe(false)
    expect(fits({ ...none, ports: [[1, 1]] }, none)).toBe(false)
    expect(isNone({ ...none, ports: [], scalars: { licences: 0 } })).toBe(true)
  })
})

test('in words, what is none is not spoken of', () => {
  expect(inWords({ ...none, cpuMilli: 1500, diskMb: 10, scalars: { licences: 2000 } })).toBe(
    '1.5 cpus, 10 MiB disk, 2 licences',
  )
  expect(inWords({ ...none, memMb: 64, ports: [[1, 3]], scalars: { licences: 0 } })).toBe('64 MiB, ports 1-3')
  expect(inWords(none)).toBe('nothing')
})

describe('ports', () => {
  test('are joined and cut as sets are', () => {
    fc.assert(
      fc.property(ports, ports, (a, b) => {
        const [whole, part] = [resources({}, a), resources({}, b)]
        expect(portsOf(add(whole, part))).toEqual(sorted([...new Set([...a, ...b])]))
        expect(portsOf(subtract(whole, part))).toEqual(sorted(a.filter((port) => !b.includes(port))))
        expect(fits(part, whole)).toBe(b.every((port) => a.includes(port)))
      }),
    )
  })

  test('that touch are one range when they were joined, and fit where they touch', () => {
    const declared = {
      ...none,
      ports: [
        [1, 5],
        [6, 10],
      ] satisfies PortRange[],
    }
    expect(add(declared, none).ports).toEqual([[1, 10]])
    expect(fits({ ...none, ports: [[4, 7]] }, declared)).toBe(true)
    expect(subtract(declared, { ...none, ports: [[4, 7]] }).ports).toEqual([
      [1, 3],
      [8, 10],
    ])
  })

  test('are picked from the first on, or not at all', () => {
    fc.assert(
      fc.property(ports, fc.nat(25), (given, count) => {
        const picked = pickPorts(ranges(given), count)
        expect(picked && listPorts(picked)).toEqual(
          count <= given.length ? sorted(given).slice(0, count) : undefined,
        )
      }),
    )
    expect(pickPorts(undefined, 0)).toEqual([])
    expect(pickPorts(undefined, 1)).toBeUndefined()
  })

  test.each<[string, PortRange[], boolean]>([
    [
      'in order and apart',
      [
        [1, 2],
        [4, 4],
      ],
      true,
    ],
    [
      'in order and touching',
      [
        [1, 2],
        [3, 4],
      ],
      true,
    ],
    ['backwards', [[2, 1]], false],
    [
      'overlapping',
      [
        [1, 3],
        [3, 4],
      ],
      false,
    ],
    [
      'out of order',
      [
        [4, 5],
        [1, 2],
      ],
      false,
    ],
  ])('that are %s', (_what, given, isSound) => {
    expect(flawOf({ ...none, ports: given }) === undefined).toBe(isSound)
  })
})

function resources(
  plain: Partial<Resources>,
  ports: readonly number[] = [],
  scalars: Record<string, number> = {},
): Resources {
  return { ...none, ...plain, ports: ranges(ports), scalars }
}

const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)
const ranges = (ports: readonly number[]): PortRange[] => sorted(ports).map((port) => [port, port])
const portsOf = ({ ports }: Resources) => listPorts(ports)
const isNotIn = (amount: Resources) => (port: number) => !portsOf(amount).includes(port)

/** The same amount has one form: each port by itself, and no zeros. */
const plain = (amount: Resources) => ({
  ...amount,
  ports: portsOf(amount),
  scalars: Object.fromEntries(Object.entries(amount.scalars ?? {}).filter(([, quantity]) => quantity !== 0)),
})
