import type { BusBounds } from './busBounds.ts'
import { BusError } from './busError.ts'

/** A note of the connection for the log. `error` is what was thrown, where something was. */
export interface BusNote {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly error?: unknown
}

/** What JetStream's API is spoken over. */
export interface JetStreamLink {
  /** Of the moment; a server without JetStream of its own may still reach one in its cluster. */
  server(): { readonly version: string; readonly hasJetStream: boolean }
  /** `$JS.API` unless a domain or another account provides it. */
  readonly apiPrefix: string
  ask(subject: string, payload: Uint8Array, timeoutMs: number, headers?: Headers): Promise<Uint8Array>
  note(note: BusNote): void
}

export type Headers = Readonly<Record<string, string>>

export interface ApiError {
  /** As in HTTP. */
  readonly code: number
  /** JetStream's own, 5 digits. */
  readonly errCode: number
  readonly description: string
}

/** The last message of a subject. */
export interface Stored {
  readonly value: Uint8Array
  readonly revision: number
  /** ms since 1970 by the server's clock. */
  readonly writtenAt: number
  /** A tombstone of a removal, or the marker that a limit leaves from 2.11 on. */
  readonly vacant: boolean
}

export type Answer = { readonly json: Readonly<Record<string, unknown>> } | { readonly error: ApiError }

const noMessage = 10037
const streamNotFound = 10059
/** From 2.11 on a replicated stream may say the second for the first. */
const wrongLastSequence: readonly number[] = [10071, 10164]

export function isConflict(error: ApiError): boolean {
  return wrongLastSequence.includes(error.errCode)
}

/** The stream was deleted, or never made. */
export function isMissing(error: ApiError): boolean {
  return error.errCode === streamNotFound
}

/** The few calls of JetStream's JSON API (ADR-31) that a bucket needs. All are answered by the stream's leader. */
export class JetStream {
  readonly link: JetStreamLink
  /** How long an answer is waited for. */
  readonly timeoutMs: number
  /** How long a JetStream that is only starting is waited for. */
  readonly openMs: number

  constructor(link: JetStreamLink, bounds: Pick<BusBounds, 'bucketTimeoutMs' | 'bucketOpenMs'>) {
    this.link = link
    this.timeoutMs = bounds.bucketTimeoutMs
    this.openMs = bounds.bucketOpenMs
  }

  note(note: BusNote): void {
    this.link.note(note)
  }

  async api(call: string, body: unknown): Promise<Answer> {
    const subject = `${this.link.apiPrefix}.${call}`
    return parse(await this.link.ask(subject, Buffer.from(JSON.stringify(body)), this.timeoutMs))
  }

  /** Stores where the subject's last message has this revision, 0 for none. */
  async store(
    stream: string,
    subject: string,
    value: Uint8Array,
    expected: number,
    headers: Headers,
  ): Promise<{ readonly revision: number } | { readonly error: ApiError }> {
    const conditions = {
      'Nats-Expected-Stream': stream,
      'Nats-Expected-Last-Subject-Sequence': `${expected}`,
    }
    const answer = parse(
      await this.link.ask(this.#storeSubject(subject), value, this.timeoutMs, { ...conditions, ...headers }),
    )
    if ('error' in answer) return answer
    const { seq } = answer.json
    if (answer.json['stream'] === stream && typeof seq === 'number') return { revision: seq }
    throw new BusError('failed', `Something else than the stream ${stream} answers on ${subject}`)
  }

  async last(stream: string, subject: string): Promise<Stored | undefined> {
    const answer = await this.api(`STREAM.MSG.GET.${stream}`, { last_by_subj: subject })
    if ('json' in answer) return readStored(answer.json['message'], stream)
    if (answer.error.errCode === noMessage) return undefined
    throw unread(stream, answer.error)
  }

  /** What is kept at a sequence; undefined when it is gone. */
  async at(stream: string, seq: number): Promise<Uint8Array | undefined> {
    const answer = await this.api(`STREAM.MSG.GET.${stream}`, { seq })
    if ('json' in answer) return readStored(answer.json['message'], stream).value
    if (answer.error.errCode === noMessage) return undefined
    throw unread(stream, answer.error)
  }

  /** The subjects that hold a message, tombstones included. */
  async subjects(stream: string, filter: string): Promise<string[]> {
    const found: string[] = []
    for (;;) {
      const answer = await this.api(`STREAM.INFO.${stream}`, {
        subjects_filter: filter,
        offset: found.length,
      })
      if ('error' in answer) throw unread(stream, answer.error)
      const page = Object.keys(record(record(answer.json['state'])['subjects']))
      found.push(...page)
      if (page.length === 0 || found.length >= Number(answer.json['total'] ?? 0)) return found
    }
  }

  /** A JetStream that is reached through a prefix of its own is written to through it as well. */
  #storeSubject(subject: string): string {
    const { apiPrefix } = this.link
    return apiPrefix === '$JS.API' ? subject : `${apiPrefix}.${subject}`
  }
}

function unread(stream: string, error: ApiError): BusError {
  return new BusError(
    isMissing(error) ? 'bucket-gone' : 'failed',
    `${stream} cannot be read: ${error.description}`,
  )
}

function parse(payload: Uint8Array): Answer {
  const json = record(parseJson(payload))
  if (json['error'] === undefined) return { json }
  const error = record(json['error'])
  return {
    error: {
      code: Number(error['code'] ?? 0),
      errCode: Number(error['err_code'] ?? 0),
      description: String(error['description'] ?? 'no reason given'),
    },
  }
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload))
  } catch (cause) {
    throw new BusError('failed', 'JetStream answered something that is not JSON', { cause })
  }
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function readStored(message: unknown, stream: string): Stored {
  const { seq, data, hdrs, time } = record(message)
  if (typeof seq !== 'number') throw new BusError('failed', `${stream} answered a read without a sequence`)
  const headers = typeof hdrs === 'string' ? Buffer.from(hdrs, 'base64').toString('latin1') : ''
  const value = typeof data === 'string' ? new Uint8Array(Buffer.from(data, 'base64')) : new Uint8Array(0)
  return {
    value,
    revision: seq,
    writtenAt: Date.parse(String(time)),
    vacant: /^(?:KV-Operation: *(?:DEL|PURGE)|Nats-Marker-Reason:)/im.test(headers),
  }
}
