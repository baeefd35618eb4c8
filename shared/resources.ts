/**
 * Resources in fixed point: every quantity is a whole number of its smallest unit, so shares can be compared
 * exactly and nothing is lost or gained by adding and subtracting.
 */
import Type, { type TSchema } from 'typebox'

/** Nobody may claim more of anything: sums over 50,000 slaves stay exact in a double. */
export const maxQuantity = 1e11
const maxSum = Number.MAX_SAFE_INTEGER
/** A slave's ports, in how many pieces; and as many pieces as 65535 ports can make. */
const maxRanges = 1024
const maxSumRanges = 32_768

/** Values by name, whatever the names. Closed: a key that the pattern does not know would pass with any value. */
export const ByName = <Value extends TSchema>(
  maxLength: number,
  value: Value,
  options: { description: string; examples: Record<string, Type.Static<Value>>[] },
) =>
  Type.Record(Type.String({ pattern: `^[\\s\\S]{1,${maxLength}}$` }), value, {
    ...options,
    additionalProperties: false,
  })

export const PortRange = Type.Tuple(
  [Type.Integer({ minimum: 1, maximum: 65535 }), Type.Integer({ minimum: 1, maximum: 65535 })],
  { description: 'first and last port, both included', examples: [[31000, 31009]] },
)
export type PortRange = Type.Static<typeof PortRange>

const amountExamples = [
  { cpuMilli: 500, memMb: 64, diskMb: 0, gpus: 0 },
  {
    cpuMilli: 4000,
    memMb: 8192,
    diskMb: 100_000,
    gpus: 1,
    ports: [[31000, 31009]],
    scalars: { licences: 2000 },
  },
]

const amountUpTo = (maximum: number, ranges: number, description: string) => {
  const quantity = (unit: string, example: number) =>
    Type.Integer({ minimum: 0, maximum, description: unit, examples: [example] })
  return Type.Object(
    {
      cpuMilli: quantity('thousandths of a CPU', 500),
      memMb: quantity('memory, MiB', 64),
      diskMb: quantity('disk, MiB', 0),
      gpus: quantity('whole GPUs', 0),
      ports: Type.Optional(
        Type.Array(PortRange, { maxItems: ranges, description: 'port ranges, in order, apart' }),
      ),
      scalars: Type.Optional(
        ByName(64, quantity('thousandths', 1000), {
          description: 'anything else that a slave declares, by name, in thousandths',
          examples: [{ licences: 2000 }],
        }),
      ),
    },
    { description, examples: amountExamples },
  )
}
export const Resources = amountUpTo(
  maxQuantity,
  maxRanges,
  'An amount of every resource; what is absent is none. Sums that the leader reports may exceed the bounds.',
)
/** What many have together: within what is exact, but not within what one may claim. */
export const ResourceSum = (description: string) => amountUpTo(maxSum, maxSumRanges, description)
export type Resources = Type.Static<typeof Resources>

export const none: Resources = { cpuMilli: 0, memMb: 0, diskMb: 0, gpus: 0 }

/** The resources that every slave has; the order is that of every table we print. */
export const kinds = ['cpuMilli', 'memMb', 'diskMb', 'gpus'] as const
export type Kind = (typeof kinds)[number]

export function add(a: Resources, b: Resources): Resources {
  return build(
    {
      cpuMilli: a.cpuMilli + b.cpuMilli,
      memMb: a.memMb + b.memMb,
      diskMb: a.diskMb + b.diskMb,
      gpus: a.gpus + b.gpus,
    },
    a.ports || b.ports ? joinPorts([...(a.ports ?? []), ...(b.ports ?? [])]) : undefined,
    a.scalars || b.scalars ? combineScalars(a.scalars, b.scalars, 1) : undefined,
  )
}

/** What is left of `a` without `b`. The caller has asked `fits(b, a)`: a negative rest is our own mistake. */
export function subtract(a: Resources, b: Resources): Resources {
  return build(
    {
      cpuMilli: a.cpuMilli - b.cpuMilli,
      memMb: a.memMb - b.memMb,
      diskMb: a.diskMb - b.diskMb,
      gpus: a.gpus - b.gpus,
    },
    a.ports ? (b.ports ? cutPorts(a.ports, b.ports) : a.ports) : undefined,
    a.scalars || b.scalars ? combineScalars(a.scalars, b.scalars, -1) : undefined,
  )
}

/** Whether all of `part` can be taken out of `whole`. */
export function fits(part: Resources, whole: Resources): boolean {
  if (part.cpuMilli > whole.cpuMilli || part.memMb > whole.memMb) return false
  if (part.diskMb > whole.diskMb || part.gpus > whole.gpus) return false
  if (part.scalars && !scalarsFit(part.scalars, whole.scalars ?? {})) return false
  return !part.ports || portsFit(part.ports, whole.ports ?? [])
}

export const sum = (amounts: Iterable<Resources>): Resources => {
  let total = none
  for (const amount of amounts) total = add(total, amount)
  return total
}

export function isNone(amount: Resources): boolean {
  if (amount.cpuMilli || amount.memMb || amount.diskMb || amount.gpus || amount.ports?.length) return false
  return !amount.scalars || Object.values(amount.scalars).every((quantity) => quantity === 0)
}

/** How many ports the ranges hold. */
export const countPorts = (ranges: readonly PortRange[] = []): number =>
  ranges.reduce((count, [first, last]) => count + last - first + 1, 0)

/** The first `count` ports of the ranges, or undefined when there are fewer. */
export function pickPorts(ranges: readonly PortRange[] | undefined, count: number): PortRange[] | undefined {
  const picked: PortRange[] = []
  let missing = count
  for (const [first, last] of ranges ?? []) {
    if (missing === 0) break
    const taken = Math.min(missing, last - first + 1)
    picked.push([first, first + taken - 1])
    missing -= taken
  }
  return missing === 0 ? picked : undefined
}

/** Each port of the ranges, one by one. */
export const listPorts = (ranges: readonly PortRange[] = []): number[] =>
  ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i))

/** What is wrong with an amount that a stranger sent, beyond its shape; undefined when nothing is. */
export function flawOf(amount: Resources): string | undefined {
  let previous = 0
  for (const [first, last] of amount.ports ?? []) {
    if (last < first) return `the port range ${first}-${last} ends before it begins`
    if (first <= previous) return `the port ranges overlap or are out of order at ${first}`
    previous = last
  }
  return undefined
}

function build(
  amounts: { cpuMilli: number; memMb: number; diskMb: number; gpus: number },
  ports: PortRange[] | undefined,
  scalars: Record<string, number> | undefined,
): Resources {
  const built: Resources = amounts
  if (ports?.length) built.ports = ports
  if (scalars) built.scalars = scalars
  return built
}

function combineScalars(a: Record<string, number> = {}, b: Record<string, number> = {}, sign: 1 | -1) {
  const combined: Record<string, number> = { ...a }
  for (const [name, quantity] of Object.entries(b))
    combined[name] = quantityOf(combined, name) + sign * quantity
  for (const name of Object.keys(combined)) if (combined[name] === 0) delete combined[name]
  return Object.keys(combined).length > 0 ? combined : undefined
}

const scalarsFit = (part: Record<string, number>, whole: Record<string, number>) =>
  Object.entries(part).every(([name, quantity]) => quantity <= quantityOf(whole, name))

/** A slave may name a scalar `constructor`, which every object seems to have. */
const quantityOf = (scalars: Record<string, number>, name: string): number =>
  Object.hasOwn(scalars, name) ? (scalars[name] ?? 0) : 0

/** Ranges in order, neighbours joined. */
function joinPorts(ranges: PortRange[]): PortRange[] {
  const joined: PortRange[] = []
  for (const [first, last] of ranges.sort((a, b) => a[0] - b[0])) {
    const previous = joined.at(-1)
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last)
    else joined.push([first, last])
  }
  return joined
}

function cutPorts(whole: PortRange[], part: PortRange[]): PortRange[] {
  let rest: PortRange[] = whole
  for (const [from, to] of part) {
    rest = rest.flatMap(([first, last]): PortRange[] => {
      if (to < first || from > last) return [[first, last]]
      const left: PortRange[] = first < from ? [[first, from - 1]] : []
      return last > to ? [...left, [to + 1, last]] : left
    })
  }
  return rest
}

/** Ranges that touch are one: what is booked of them was joined. */
function portsFit(part: PortRange[], whole: PortRange[]): boolean {
  const joined = joinPorts([...whole])
  return part.every(([from, to]) => joined.some(([first, last]) => first <= from && to <= last))
}

/** For people: what is none is not spoken of, but that all of it is none. */
export function inWords({ cpuMilli, memMb, diskMb, gpus, ports, scalars }: Resources): string {
  const words = [
    cpuMilli && `${cpuMilli / 1000} cpus`,
    memMb && `${memMb} MiB`,
    diskMb && `${diskMb} MiB disk`,
    gpus && `${gpus} gpus`,
    ports?.length && `ports ${ports.slice(0, 3).map(([first, last]) => `${first}-${last}`)}`,
    ...Object.entries(scalars ?? {}).map(([name, quantity]) => quantity && `${quantity / 1000} ${name}`),
  ]
  return words.filter(Boolean).join(', ') || 'nothing'
}
