/** A value as people read it: fields by name, amounts with their units, ids as the things that they name. */
import type { Resources } from '../../../../shared/resources.ts'
import type { Thing } from '../../language.ts'
import { amounts, dayTime, grouped } from '../parts/words.ts'

export interface Branch {
  readonly name: string
  /** The whole of a leaf; of a branch what is in it, in short. */
  readonly text: string
  readonly thing?: Pick<Thing, 'kind' | 'key'>
  readonly branches: readonly Branch[]
}

/** What a value that is deeper down needs to know of what is around it. */
interface Around {
  readonly frameworkId?: string
}

export function treeOf(name: string, value: unknown, around: Around = {}): Branch {
  if (typeof value !== 'object' || value === null) return leaf(name, value, around)
  if (isResources(value)) return { name, text: amounts(value), branches: [] }
  if (Array.isArray(value)) return listOf(name, value, around)
  const within = ownFramework(value) ?? around
  const branches = Object.entries(value).map(([field, inner]) => treeOf(field, inner, within))
  return { name, text: inShort(branches), branches }
}

function listOf(name: string, list: readonly unknown[], around: Around): Branch {
  if (list.length === 0) return { name, text: 'none', branches: [] }
  const member = singular(name)
  const branches = list.map((item, i) => ({ ...treeOf(member, item, around), name: `${i + 1}` }))
  return { name, text: `${grouped(list.length)} of them`, branches }
}

function leaf(name: string, value: unknown, around: Around): Branch {
  const thing = typeof value === 'string' ? thingOf(name, value, around) : undefined
  return { name, text: inWords(name, value), branches: [], ...(thing && { thing }) }
}

/** Units stand last in the name of a field: `refuseSeconds`, `memMb`. */
function inWords(name: string, value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value !== 'number') return String(value)
  if (isMoment(name, value)) return dayTime(value)
  const [, word, shown] = units.find(([unit]) => name.endsWith(unit)) ?? []
  return word ? `${grouped(shown ? shown(value) : value)} ${word}` : `${value}`
}

const units: readonly (readonly [unit: string, word: string, shown?: (value: number) => number])[] = [
  ['Seconds', 's'],
  ['Ms', 'ms'],
  ['Mb', 'MiB'],
  ['Milli', 'CPU', (value) => value / 1000],
]

/** ms since 1970, of this century: what is so large and called so is nothing else. */
const isMoment = (name: string, value: number): boolean =>
  value > 946_684_800_000 && value < 4_102_444_800_000 && /(^at|At|since|Until)$/.test(name)

const isResources = (value: object): value is Resources => 'cpuMilli' in value && 'memMb' in value

function ownFramework(value: object): Around | undefined {
  const { frameworkId } = value as { frameworkId?: unknown }
  return typeof frameworkId === 'string' ? { frameworkId } : undefined
}

function thingOf(name: string, id: string, { frameworkId }: Around): Branch['thing'] {
  switch (name) {
    case 'frameworkId':
      return { kind: 'framework', key: id }
    case 'slaveId':
      return { kind: 'slave', key: id }
    case 'offerId':
      return { kind: 'offer', key: id }
    case 'taskId':
      return frameworkId === undefined ? undefined : { kind: 'task', key: `${frameworkId} ${id}` }
    default:
      return undefined
  }
}

const singular = (name: string): string => name.replace(/s$/, '')

const mostInShort = 64

function inShort(branches: readonly Branch[]): string {
  const leaves = branches.filter(({ branches: inner }) => inner.length === 0)
  const text = leaves.map((one) => `${one.name} ${one.text}`).join(', ')
  if (leaves.length === 0) return branches.map(({ name }) => name).join(', ')
  return text.length > mostInShort ? `${text.slice(0, mostInShort)}…` : text
}
