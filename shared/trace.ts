/**
 * One step of one actor: what it heard, the state that it was in, the state that it came to, and what it asked
 * of the world. Stories, logs, the simulator and every visualizer read this one shape.
 */
import type { Role } from './messages.ts'
import type { Resources } from './resources.ts'

export interface Step {
  /** Counts the steps of this actor. */
  readonly n: number
  /** ms by the actor's own clock. */
  readonly at: number
  readonly role: Role
  readonly id: string
  readonly heard: { readonly type: string; readonly [field: string]: unknown }
  readonly before: string
  readonly after: string
  readonly effects: readonly { readonly do: string }[]
  /** What became of offers, tasks, slaves and frameworks, as this actor sees them, in order. */
  readonly moves?: readonly Move[]
}

/** Things that have a life of their own; see statecharts/lives.ts. */
export const livingThings = ['offer', 'task', 'slave', 'framework'] as const
export type Living = (typeof livingThings)[number]

/** One step in the life of one thing. */
export interface Move {
  readonly life: Living
  /** A task goes by its key: its framework's id, a space, its own id. */
  readonly id: string
  /** What has happened to it. */
  readonly fact: string
  /** Empty where the actor did not know of it before. */
  readonly before: string
  readonly after: string
  /** What it is: said when the actor comes to know of it, and again where that has changed. */
  readonly of?: Traits
}
export interface Traits {
  /** For people. */
  readonly name?: string
  readonly frameworkId?: string
  readonly slaveId?: string
  readonly role?: string
  /** Those that a framework is in. */
  readonly roles?: readonly string[]
  /** What a task or an offer holds; all that a slave has. */
  readonly resources?: Resources
  readonly revocable?: boolean
}

/** How a thing stands, by whoever was asked. */
export type Known = Pick<Move, 'life' | 'id' | 'after'> & { readonly of: Traits }

/** How everything stands, and who leads: where a trace begins. */
export interface Standing {
  readonly known: readonly Known[]
  readonly leader: { readonly name: string; readonly epoch: number }
}

/** Whoever watches says so again after so many ms. */
export const watchRenewedMs = 2000

/** The first line of a saved trace: whoever reads one looks for this. Each line behind it is a step, or one of `Aside`. */
export const traceHead = { proffer: 'trace', version: 1 } as const
export type Aside =
  | Standing
  /** A promise was broken by the step before; in the words of whoever found out. */
  | { readonly broken: string }

/** A step on one line, without its time: `master M0  slave.register  leading  -> reply ok`. */
export function stepInWords({ role, id, heard, before, after, effects }: Step): string {
  const states = before === after ? after : `${before} > ${after}`
  const asked = effects.map(effectInWords).join('; ')
  return `${role} ${id}  ${heardInWords(heard)}  [${states}]${asked && `  -> ${asked}`}`
}

/** Deep enough for every message's own fields, and not for what they hold. */
function heardInWords({ type, body, answer, result, from, ...rest }: Step['heard']): string {
  const said = (body ?? answer ?? result ?? rest) as object
  return [type, ...fieldsInWords(said)].join(' ')
}

export function effectInWords(effect: { readonly do: string }): string {
  const { do: kind, ...fields } = effect as { do: string } & Record<string, unknown>
  switch (kind) {
    case 'say':
    case 'ask':
      return [kind, fields.type, ...fieldsInWords(fields.body as object)].join(' ')
    case 'reply':
      return ['reply', ...fieldsInWords(fields.answer as object)].join(' ')
    case 'tell': {
      const { news, status, ...more } = fields.news as Record<string, unknown>
      return ['tell', news, ...fieldsInWords((status ?? more) as object)].join(' ')
    }
    case 'run':
      return `run ${(fields.run as { runId: string }).runId}`
    case 'note':
      return `note "${fields.message}"`
    case 'wake':
      return `wake ${fields.name}`
    case 'listen':
    case 'unlisten':
      return `${kind} ${(fields.address as { role: string }).role}`
    default:
      return [kind, ...fieldsInWords(fields)].join(' ')
  }
}

/** What a reader follows by: who, which, how it went. Amounts and the rest are in the step itself. */
const telling = [
  'ok',
  'code',
  'outcome',
  'op',
  'revision',
  'epoch',
  'frameworkId',
  'slaveId',
  'offerId',
  'taskId',
  'state',
  'seq',
  'acked',
  'reason',
  'refuseSeconds',
  'runId',
]
/** Lists whose members are told by their ids alone. */
const lists: Readonly<Record<string, string>> = {
  roles: 'role',
  wanted: '',
  offers: 'offerId',
  offerIds: '',
  tasks: 'taskId',
  taskIds: '',
  updates: 'taskId state seq',
  acks: 'taskId seq',
  statuses: 'taskId state',
  expected: 'taskId',
  launches: 'tasks',
}

function fieldsInWords(said: object): string[] {
  const words: string[] = []
  for (const [field, value] of Object.entries(said)) {
    const members = lists[field]
    if (members !== undefined && Array.isArray(value)) words.push(`${field}=${listInWords(value, members)}`)
    else if (telling.includes(field) && typeof value !== 'object') words.push(`${field}=${value}`)
  }
  return words
}

function listInWords(list: readonly unknown[], members: string): string {
  const shown = list.slice(0, 5).map((item) => memberInWords(item, members))
  return `[${shown.join(' ')}${list.length > 5 ? ` +${list.length - 5}` : ''}]`
}

function memberInWords(item: unknown, members: string): string {
  if (typeof item !== 'object' || item === null) return String(item)
  const fields = item as Record<string, unknown>
  if (members === 'tasks') return listInWords((fields.tasks as unknown[]) ?? [], 'taskId')
  if (fields.task) return memberInWords(fields.task, members)
  return members
    .split(' ')
    .map((member) => fields[member])
    .join(':')
}
