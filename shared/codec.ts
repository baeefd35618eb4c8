/**
 * Bytes and messages. This is the only door from the network: bytes become a checked message here, or a refusal.
 * The format is plain msgpack maps, so any language reads it; unknown keys are left out of account.
 */
import { Packr } from 'msgpackr'
import { Compile, type Validator } from 'typebox/compile'
import { type Refusal, refusal } from './errors.ts'
import { type Answer, type AskType, type Body, type MessageType, messages, messageTypes } from './messages.ts'

// Binary fields are copied: what arrives is a view on the bus's own buffer, and a kept view would keep all of that.
const packr = new Packr({ useRecords: false, moreTypes: false, int64AsType: 'number', copyBuffers: true })

export const encode = (body: object): Uint8Array => packr.pack(body)

/** Whether `body` is what a message of this type carries; the complaint names the field. */
export function flawInBody(type: MessageType, body: unknown): string | undefined {
  return flaw(checkOf(bodyChecks, type, messages[type].body), body)
}

export type Decoded<T extends MessageType> = { readonly ok: true; readonly body: Body<T> } | Refusal

/** A message out of bytes, or the refusal that its speaker should hear. */
export function decode<T extends MessageType>(type: T, bytes: Uint8Array): Decoded<T> {
  const body = unpack(bytes)
  if (body === undefined) return refusal('bad-bytes')
  const complaint = flawInBody(type, body)
  return complaint ? refusal('bad-message', `${type}: ${complaint}`) : { ok: true, body: body as Body<T> }
}

/** An answer out of bytes: a yes with what it carries, a refusal, or a refusal of ours when it is neither. */
export function decodeAnswer<T extends AskType>(
  type: T,
  bytes: Uint8Array,
): ({ readonly ok: true } & Answer<T>) | Refusal {
  const answer = unpack(bytes)
  if (answer === undefined) return refusal('bad-bytes', `the answer to ${type}`)
  if (answer.ok === false && typeof answer.code === 'string' && typeof answer.message === 'string')
    return answer as unknown as Refusal
  const complaint =
    answer.ok === true ? flaw(checkOf(answerChecks, type, messages[type].answer), answer) : 'ok is missing'
  return complaint
    ? refusal('bad-message', `the answer to ${type}: ${complaint}`)
    : (answer as { ok: true } & Answer<T>)
}

/** Any msgpack map as a plain object; undefined when the bytes are none. */
export function unpack(bytes: Uint8Array): Record<string, unknown> | undefined {
  if (!beginsMap(bytes[0])) return undefined
  try {
    return packr.unpack(bytes) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** fixmap, map 16, map 32: our reader also makes objects of byte strings, timestamps and its own extensions. */
const beginsMap = (first: number | undefined): boolean =>
  first !== undefined && ((first >= 0x80 && first <= 0x8f) || first === 0xde || first === 0xdf)

// Checks are compiled when they are first needed: no role needs all of them.
const bodyChecks = new Map<MessageType, Validator>()
const answerChecks = new Map<MessageType, Validator>()

function checkOf(
  checks: Map<MessageType, Validator>,
  type: MessageType,
  schema: (typeof messages)[MessageType]['body' | 'answer'],
): Validator {
  let check = checks.get(type)
  if (!check) {
    check = Compile(schema ?? {}) as unknown as Validator
    checks.set(type, check)
  }
  return check
}

function flaw(check: Validator, value: unknown): string | undefined {
  if (check.Check(value)) return undefined
  const error = check.Errors(value)[0]
  if (!error) return 'it has the wrong shape'
  const complaint = error.keyword === 'boolean' ? 'is not a name that may stand there' : error.message
  return `${pathInWords(error.instancePath)} ${complaint}`
}

/** Keys are a stranger's words: they come into logs and answers short and in one line. */
const pathInWords = (path: string): string =>
  path
    .slice(1, 101)
    .replaceAll('/', '.')
    .replace(/\p{Cc}/gu, '?') || 'it'

/** Compiles every check now rather than at the first message: for long-running roles and for benchmarks. */
export function warmUp(types: readonly MessageType[] = messageTypes): void {
  for (const type of types) checkOf(bodyChecks, type, messages[type].body)
}
