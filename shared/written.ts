/**
 * Resources, attributes, rules on them and weights as people write them on a command line, and back:
 *
 *     cpus:4;mem:8192;disk:20000;ports:[31000-32000];gpus:1;licences:2
 *     rack:r1;zone:a
 *     rack:r1|r2;zone:a*;ssd;!old
 *     batch=2,web=0.5
 *
 * Memory and disk are MiB; thousandths of a CPU, and of what a slave declares by a name of its own, count. What a
 * name cannot hold as it stands is written `%3B`. Whatever makes no sense is refused with a RangeError whose
 * message says what and why.
 */
import type { AttributeRule, AttributeRules, Attributes } from './attributes.ts'
import { countPorts, type Kind, maxQuantity, type PortRange, type Resources } from './resources.ts'
import type { Quota } from './roles.ts'
import { maxNameLength } from './tasks.ts'

/** How each resource that every slave has is written: the smallest unit is `1 / scale`. */
const kinds = {
  cpus: { field: 'cpuMilli', scale: 1000, unit: 'CPUs' },
  mem: { field: 'memMb', scale: 1, unit: 'MiB' },
  disk: { field: 'diskMb', scale: 1, unit: 'MiB' },
  gpus: { field: 'gpus', scale: 1, unit: 'GPUs' },
} as const
type KindName = keyof typeof kinds
const isKind = (name: string): name is KindName => Object.hasOwn(kinds, name)
const scalarScale = 1000
const maxScalarNameLength = 64
const maxAttributeNameLength = 128
const maxPort = 65535

const form = 'write resources as cpus:4;mem:8192;disk:20000;ports:[31000-32000]'

const quotaForm = 'write amounts as cpus:40;mem:80000'

/** What is not written is none. */
export const parseResources = (text: string): Resources => ({
  cpuMilli: 0,
  memMb: 0,
  diskMb: 0,
  gpus: 0,
  ...parseAmounts(text, form, parsePorts),
})

/** What is not written is not spoken of. */
export const parseQuota = (text: string): Quota => parseAmounts(text, quotaForm, refusePorts)

interface Written extends Partial<Record<Kind, number>> {
  ports?: PortRange[]
  scalars?: Record<string, number>
}

function parseAmounts(text: string, howTo: string, readPorts: typeof parsePorts): Written {
  const written: Written = {}
  const scalars = new Map<string, number>()
  for (const [name, value, quoted] of entries(text, maxScalarNameLength, howTo)) {
    if (name === 'ports' && !quoted) written.ports = readPorts(value)
    else if (isKind(name) && !quoted) written[kinds[name].field] = parseAmount(name, value)
    else scalars.set(name, parseAmount(name, value, scalarScale))
  }
  if (scalars.size > 0) written.scalars = Object.fromEntries(scalars)
  return written
}

/** `parseResources` reads it back as it was. */
export function writeResources(resources: Resources): string {
  const written = Object.entries(kinds).map(
    ([name, { field, scale }]) => `${name}:${writeAmount(resources[field], scale)}`,
  )
  if (resources.ports) written.push(`ports:[${resources.ports.map(writeRange).join(',')}]`)
  for (const [name, quantity] of Object.entries(resources.scalars ?? {}))
    written.push(`${writeScalarName(name)}:${writeAmount(quantity, scalarScale)}`)
  return written.join(';')
}

/** One amount in its smallest unit: `parseAmount('cpus', '0.5')` is 500. */
export function parseAmount(
  name: string,
  text: string,
  scale = isKind(name) ? kinds[name].scale : 1,
): number {
  const unit = isKind(name) ? ` of ${kinds[name].unit}` : ''
  const [, whole, fraction = ''] = /^\s*(\d{1,15})(?:\.(\d+))?\s*$/.exec(text) ?? []
  if (whole === undefined) throw new RangeError(`${name} is "${text}": ${whyNoAmount(text)} number${unit}`)
  const digits = fraction.replace(/0+$/, '')
  const places = Math.log10(scale)
  if (digits.length > places) throw new RangeError(`${name} is "${text}": ${tooFine(name, scale)}`)
  const quantity = Number(whole) * scale + Number(digits.padEnd(places, '0'))
  if (quantity > maxQuantity)
    throw new RangeError(`${name} is "${text}": more than ${maxQuantity / scale} makes no sense`)
  return quantity
}

/** What a slave says of itself. */
export function parseAttributes(text: string): Attributes {
  const attributes = new Map<string, string>()
  for (const [name, value] of entries(
    text,
    maxAttributeNameLength,
    'write attributes as rack:r1;zone:a',
    decode,
  )) {
    if (value.length > maxNameLength)
      throw new RangeError(
        `attribute ${name} has ${value.length} characters, of which ${maxNameLength} may be`,
      )
    attributes.set(name, value)
  }
  return Object.fromEntries(attributes)
}

/** `parseAttributes` reads it back as it was. */
export const writeAttributes = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([name, value]) => `${encode(name)}:${encodeValue(value)}`)
    .join(';')

/**
 * What slaves must say of themselves: `zone` (it has one), `!zone` (it has none), `zone:a`, `zone:a|b` (one of them),
 * `zone:rack-*` (like it).
 */
export function parseRules(text: string): AttributeRules {
  const rules = new Map<string, AttributeRule>()
  for (const entry of text.split(';')) {
    const [, not, written = '', value] = /^\s*(!?)([^:]*)(?::([\s\S]*))?$/.exec(entry) ?? []
    const name = attributeName(entry, written.trim())
    if (rules.has(name)) throw new RangeError(`${name} stands twice in "${text}": give it once`)
    if (not && value !== undefined)
      throw new RangeError(`"${entry}": a ! goes with a name alone, for slaves that have no such attribute`)
    rules.set(name, value === undefined ? { exists: !not } : ruleOf(entry, value.trim()))
  }
  return Object.fromEntries(rules)
}

function attributeName(entry: string, written: string): string {
  const [odd] = /[=|*?!]/.exec(written) ?? []
  if (odd === '=') throw new RangeError(`"${entry}": write a rule as zone:a, and a = in a name as %3D`)
  if (odd !== undefined)
    throw new RangeError(
      `"${entry}": the name of an attribute is no pattern; write ${odd} as ${escaped(odd)}`,
    )
  const name = decode(written)
  if (name === '')
    throw new RangeError(
      `"${entry}" names no attribute: write rules as zone, !zone, zone:a, zone:a|b or zone:a*`,
    )
  if (name.length > maxAttributeNameLength)
    throw new RangeError(
      `the name "${name.slice(0, 20)}..." has more than ${maxAttributeNameLength} characters`,
    )
  return name
}

function ruleOf(entry: string, written: string): AttributeRule {
  const choices = written.split('|').map(decode)
  if (choices.some(({ length }) => length > maxNameLength))
    throw new RangeError(`"${entry.slice(0, 20)}...": a value has at the most ${maxNameLength} characters`)
  const isPattern = /[*?]/.test(written)
  if (choices.length > 1) {
    if (isPattern) throw new RangeError(`"${entry}": a rule has either choices (|) or a pattern (* and ?)`)
    if (choices.includes('')) throw new RangeError(`"${entry}": a choice is empty`)
    return { oneOf: choices }
  }
  const [value = ''] = choices
  if (!isPattern) return value
  if (/%2a|%3f/i.test(written))
    throw new RangeError(`"${entry}": in a pattern * and ? cannot stand for themselves; write ? there`)
  return { pattern: value }
}

/** Weights by role. Whether they lie where weights may lie is for the settings to say. */
export function parseWeights(text: string): Record<string, number> {
  const weights = new Map<string, number>()
  for (const entry of text.split(',')) {
    const at = entry.lastIndexOf('=')
    const role = entry.slice(0, at).trim()
    if (at < 0 || role === '')
      throw new RangeError(`"${entry}" is no weight: write weights as batch=2,web=0.5`)
    if (weights.has(role)) throw new RangeError(`role ${role} has two weights: give it one`)
    const value = entry.slice(at + 1).trim()
    if (!/^\d+(\.\d+)?$/.test(value))
      throw new RangeError(
        `the weight of role ${role} is "${value}": it must be a plain number such as 2 or 0.5`,
      )
    weights.set(role, Number(value))
  }
  return Object.fromEntries(weights)
}

type Entry = readonly [name: string, value: string, quoted: boolean]

/** `name:value` between semicolons; a name that stands twice would leave one of the two unheard. */
function entries(
  text: string,
  maxLength: number,
  howTo: string,
  read = (value: string): string => value,
): Entry[] {
  const seen = new Set<string>()
  return text.split(';').map((entry) => {
    const at = entry.indexOf(':')
    const written = entry.slice(0, at).trim()
    if (at < 0 || written === '') throw new RangeError(`"${entry}" is not name:value: ${howTo}`)
    const name = decode(written)
    if (name.length > maxLength)
      throw new RangeError(`the name "${name.slice(0, 20)}..." has more than ${maxLength} characters`)
    // `%63pus` is not the CPUs but something that a slave declares by that name.
    const quoted = name !== written
    const key = quoted && (isKind(name) || name === 'ports') ? written : name
    if (seen.has(key)) throw new RangeError(`${name} stands twice in "${text}": give it once`)
    seen.add(key)
    return [name, read(entry.slice(at + 1).trim()), quoted]
  })
}

function parsePorts(text: string): PortRange[] {
  const [, inner] = /^\[(.*)\]$/.exec(text) ?? []
  if (inner === undefined) throw new RangeError(`ports is "${text}": write ports as [31000-32000,33000]`)
  const ranges = inner.trim() === '' ? [] : inner.split(',').map(parseRange)
  ranges.sort(([a], [b]) => a - b)
  let [, previous] = [0, 0]
  for (const [first, last] of ranges) {
    if (first <= previous) throw new RangeError(`ports is "${text}": the ranges overlap at ${first}`)
    previous = last
  }
  return ranges
}

function refusePorts(): never {
  throw new RangeError(`ports are nobody's share: ${quotaForm}`)
}

function parseRange(text: string): PortRange {
  const [, from, to = from] = /^\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?$/.exec(text) ?? []
  if (from === undefined)
    throw new RangeError(`"${text}" is no range of ports: write 31000-32000, or one port`)
  const [first, last] = [Number(from), Number(to)]
  const stranger = [first, last].find((port) => port < 1 || port > maxPort)
  if (stranger !== undefined)
    throw new RangeError(`port ${stranger} is out of range: ports are 1 to ${maxPort}`)
  if (last < first) throw new RangeError(`the ports ${first}-${last} end before they begin`)
  return [first, last]
}

const writeRange = (range: PortRange): string =>
  countPorts([range]) === 1 ? `${range[0]}` : `${range[0]}-${range[1]}`

function writeAmount(quantity: number, scale: number): string {
  const places = Math.log10(scale)
  const digits = `${quantity}`.padStart(places + 1, '0')
  const fraction = places === 0 ? '' : digits.slice(-places).replace(/0+$/, '')
  return digits.slice(0, digits.length - places) + (fraction && `.${fraction}`)
}

const whyNoAmount = (text: string): string =>
  /^\s*-\s*\d/.test(text) ? 'an amount is never negative, it is a' : 'it must be a plain'
const tooFine = (name: string, scale: number): string =>
  scale === 1 ? `only whole ${isKind(name) ? kinds[name].unit : 'numbers'} count` : 'only thousandths count'

/** A slave may declare something by the name of what every slave has. */
const writeScalarName = (name: string): string =>
  isKind(name) || name === 'ports' ? `%${hex(name)}${name.slice(1)}` : encode(name)

// What separates entries, what a shell or a terminal would take for its own, and what begins an escape.
const encode = (name: string): string => escapeLetters(name, /[^\w.-]/gu)
const encodeValue = (value: string): string => escapeLetters(value, /[;%\p{Cc}]|^\s+|\s+$/gu)
const escapeLetters = (text: string, unsafe: RegExp): string => text.replace(unsafe, escaped)
const escaped = (letters: string): string =>
  Array.from(
    new TextEncoder().encode(letters),
    (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('')
const hex = (name: string): string => name.charCodeAt(0).toString(16).toUpperCase()

function decode(written: string): string {
  try {
    return decodeURIComponent(written)
  } catch {
    throw new RangeError(`"${written}" has a % that begins no letter: write % as %25`)
  }
}
