/**
 * An address as a NATS subject and back. First the hearer, then (where it is not the one that the hearer obeys)
 * the speaker, last the two tokens of the message type: permissions on subjects alone pin who speaks as whom.
 *
 *     proffer.<cluster>.master.<kind>.<speaker>.<type>                  to the leader; kind: framework | slave | operator
 *     proffer.<cluster>.framework.<principal>.<frameworkId>.<type>      a framework hears the leader and slaves
 *     proffer.<cluster>.framework.<principal>.<name>.leader.ping        its schedulers among themselves
 *     proffer.<cluster>.framework.<principal>.<frameworkId>.executor.<slaveId.executorId>.<type>
 *     proffer.<cluster>.slave.<slaveId>.<type>                          a slave hears the leader
 *     proffer.<cluster>.slave.<slaveId>.<kind>.<speaker>.<type>         ... an executor, a framework, an operator
 *     proffer.<cluster>.executor.<slaveId>.<executorId>.<type>          an executor hears its slave
 *     proffer.<cluster>.executor.<slaveId>.<executorId>.framework.<principal>.<type>
 *     proffer.<cluster>.all.<type>                                      everybody
 *     proffer.<cluster>.trace.<role>.<id>                               traced steps
 *
 * Every name becomes one token: what NATS would read as more than a letter is written `=2E`, in UTF-8.
 */
import type { ExecutorId, FrameworkId, SlaveId } from './ids.ts'
import { isMessageType, isRoute, type MessageType, type Role } from './messages.ts'

/** Where a message goes. */
export type Address =
  | { readonly role: 'master' }
  | { readonly role: 'scheduler'; readonly principal: string; readonly frameworkId: FrameworkId }
  | { readonly role: 'slave'; readonly slaveId: SlaveId }
  | { readonly role: 'executor'; readonly slaveId: SlaveId; readonly executorId: ExecutorId }
  | { readonly role: 'all' }

/** Who speaks: a principal, a slave's name, a user, an executor's id; the leader has no name of its own. */
export interface Speaker {
  readonly role: Role
  readonly id: string
}

const maxTokenLength = 900
const safe = /^[A-Za-z0-9_-]+$/

/** A name as one subject token. Throws RangeError for what cannot be a name. */
export function token(name: string): string {
  if (safe.test(name) && name.length <= maxTokenLength) return name
  if (name.length === 0) throw new RangeError('an empty name cannot stand in a subject')
  // UTF-8 has no half of a surrogate pair: two names would become one.
  if (/\p{Surrogate}/u.test(name))
    throw new RangeError('a name with half a character cannot stand in a subject')
  let written = ''
  for (const byte of new TextEncoder().encode(name)) {
    const letter = String.fromCharCode(byte)
    written += safe.test(letter) ? letter : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  if (written.length > maxTokenLength)
    throw new RangeError(`a name of ${name.length} characters is too long for a subject`)
  return written
}

/** The name that a token stands for, or undefined when `token` cannot have made it. */
export function untoken(written: string): string | undefined {
  if (safe.test(written)) return written
  try {
    const name = decodeURIComponent(written.replaceAll('%', '%25').replaceAll('=', '%'))
    return token(name) === written ? name : undefined
  } catch {
    return undefined
  }
}

export const prefix = (cluster: string): string => `proffer.${token(cluster)}`

/** Where `address` listens, without the wildcard. */
export function place(address: Address): string {
  switch (address.role) {
    case 'master':
      return 'master'
    case 'scheduler':
      return `framework.${token(address.principal)}.${token(address.frameworkId)}`
    case 'slave':
      return `slave.${token(address.slaveId)}`
    case 'executor':
      return `executor.${token(address.slaveId)}.${token(address.executorId)}`
    case 'all':
      return 'all'
  }
}

/** The subject on which `speaker` says `type` to `address`. */
export function subject(cluster: string, type: MessageType, speaker: Speaker, address: Address): string {
  const spoken = namesItself(speaker, address) ? `${kindOf(speaker.role)}.${token(speaker.id)}.` : ''
  return `${prefix(cluster)}.${place(address)}.${spoken}${type}`
}

/** Where operators ask this of an address, whoever they are. */
export const asked = (cluster: string, type: MessageType, address: Address): string =>
  `${prefix(cluster)}.${place(address)}.${kinds.operator}.*.${type}`

/** What is subscribed to by whoever listens at an address. The leader hears what slaves tell frameworks, too. */
export function subscriptions(cluster: string, address: Address): string[] {
  const own = `${prefix(cluster)}.${place(address)}.>`
  return address.role === 'master' ? [own, `${prefix(cluster)}.framework.*.*.status.update`] : [own]
}

export interface Envelope {
  readonly type: MessageType
  readonly from: Speaker
  /** The framework's principal and id, where the subject is a framework's. */
  readonly framework?: { readonly principal: string; readonly frameworkId: FrameworkId }
}

/** Who says what on a subject that reached `hearer`; a sentence when the subject is none of ours. */
export function parseSubject(cluster: string, hearer: Role, written: string): Envelope | string {
  const lead = `${prefix(cluster)}.`
  if (!written.startsWith(lead)) return `${written} is not a subject of cluster ${cluster}`
  const tokens = written.slice(lead.length).split('.')
  const [kind, first, second] = tokens
  const rest = tokens.slice(placeLength(kind))
  const type = `${rest.at(-2)}.${rest.at(-1)}`
  if (!isMessageType(type)) return `there is no message ${type}`

  const from = rest.length === 2 ? unnamed(kind, type) : named(rest[0], rest[1])
  if (!from || !(rest.length === 2 || rest.length === 4)) return `${written} does not say who speaks`
  if (!isRoute(type, from.role, hearer)) return `${from.role} may not say ${type} to ${hearer}`
  if (kind !== 'framework') return { type, from }
  const principal = untoken(first ?? '')
  const frameworkId = untoken(second ?? '')
  if (!principal || !frameworkId) return `${written} does not name a framework`
  return { type, from, framework: { principal, frameworkId: frameworkId as FrameworkId } }
}

export const traceSubject = (cluster: string, role: Role, id: string): string =>
  `${prefix(cluster)}.trace.${role}.${token(id)}`
export const traceSubjects = (cluster: string): string => `${prefix(cluster)}.trace.>`

const kinds = {
  scheduler: 'framework',
  slave: 'slave',
  operator: 'operator',
  executor: 'executor',
  master: 'master',
} as const
const kindOf = (role: Role) => kinds[role]
const roleOf = new Map<string | undefined, Role>([
  ['framework', 'scheduler'],
  ['slave', 'slave'],
  ['operator', 'operator'],
  ['executor', 'executor'],
])

/** A hearer knows its own master without being told; everybody else says who they are. */
function namesItself(speaker: Speaker, address: Address): boolean {
  if (speaker.role === 'master' || address.role === 'all') return false
  if (speaker.role === 'scheduler' && address.role === 'scheduler') return false
  return !(speaker.role === 'slave' && (address.role === 'executor' || address.role === 'scheduler'))
}

function placeLength(kind: string | undefined): number {
  if (kind === 'framework' || kind === 'executor') return 3
  return kind === 'slave' ? 2 : 1
}

function unnamed(kind: string | undefined, type: MessageType): Speaker | undefined {
  if (type === 'leader.ping') return { role: kind === 'framework' ? 'scheduler' : 'master', id: '' }
  if (kind === 'executor') return { role: 'slave', id: '' }
  if (kind === 'framework' && type === 'status.update') return { role: 'slave', id: '' }
  if (kind === 'all' && type === 'watch.renew') return { role: 'operator', id: '' }
  return kind === 'master' ? undefined : { role: 'master', id: '' }
}

function named(kind: string | undefined, written: string | undefined): Speaker | undefined {
  const role = roleOf.get(kind)
  const id = untoken(written ?? '')
  return role && id ? { role, id } : undefined
}
