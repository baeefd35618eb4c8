/**
 * Messages over a wire: what is said becomes a subject and bytes, what arrives becomes an event or is refused at
 * the door. The same over NATS and in the simulator.
 */
import { decode, decodeAnswer, encode } from '../../shared/codec.ts'
import { type Refusal, refusal } from '../../shared/errors.ts'
import type { AskType, Body, MessageType } from '../../shared/messages.ts'
import {
  type Address,
  type Envelope,
  parseSubject,
  place,
  type Speaker,
  subject,
  subscriptions,
} from '../../shared/subjects.ts'
import type { Effect, ReplyTo } from '../../statecharts/decision.ts'
import type { Event } from './actor.ts'
import type { BusMessage, Post, Wire } from './ports.ts'

export interface WirePostOptions {
  readonly wire: Wire
  readonly cluster: string
  readonly speaker: Speaker
  readonly now: () => number
  /** Messages, and what was turned away. */
  readonly hear: (event: Event) => void
  /** Somebody watches for so many seconds. */
  readonly watched?: (body: Body<'watch.renew'>) => void
  /** The bytes of what is heard, and of what is said. */
  readonly wrote?: (body: object, bytes: Uint8Array) => void
  /** An answer goes out. */
  readonly answered?: (to: ReplyTo, answer: object) => void
  readonly note: (level: 'info' | 'warn' | 'error', message: string) => void
}

/** Subjects repeat: so many are remembered with what they mean. A leader hears each of very many slaves by its own. */
const rememberedSubjects = 100_000

export class WirePost implements Post {
  private readonly options: WirePostOptions
  private readonly heardAt = new Map<string, (() => void)[]>()
  private readonly envelopes = new Map<string, Envelope | string>()

  constructor(options: WirePostOptions) {
    this.options = options
    this.listen({ role: 'all' })
  }

  say({ type, to, body }: Extract<Effect, { do: 'say' }>): void {
    this.orNote(type, () => this.options.wire.publish(this.subject(type, to), this.written(body)))
  }

  ask(
    { type, to, body, timeoutMs }: Extract<Effect, { do: 'ask' }>,
    answered: (answer: object) => void,
  ): void {
    const asked = this.orNote(type, () =>
      this.options.wire.request(this.subject(type, to), this.written(body), timeoutMs, (answer) =>
        answered(answer instanceof Uint8Array ? this.read(type, answer) : answer),
      ),
    )
    if (!asked) answered({ ok: false, code: 'unreachable', message: `${type} cannot be sent there` })
  }

  reply(to: ReplyTo, answer: object): void {
    this.options.answered?.(to, answer)
    this.orNote('answer', () => this.options.wire.publish(to, this.written(answer)))
  }

  listen(address: Address): void {
    const where = place(address)
    if (this.heardAt.has(where)) return
    const { wire, cluster } = this.options
    const role = address.role === 'all' ? this.options.speaker.role : address.role
    const open = (message: BusMessage) => this.open(message, role)
    this.heardAt.set(
      where,
      subscriptions(cluster, address).map((subscription) => wire.subscribe(subscription, open)),
    )
  }

  unlisten(address: Address): void {
    const where = place(address)
    for (const stop of this.heardAt.get(where) ?? []) stop()
    this.heardAt.delete(where)
  }

  close(): void {
    for (const stops of this.heardAt.values()) for (const stop of stops) stop()
    this.heardAt.clear()
  }

  private open(message: BusMessage, role: Speaker['role']): void {
    const envelope = this.envelopeOf(message.subject, role)
    const decoded =
      typeof envelope === 'string'
        ? refusal('unknown-type', envelope)
        : decode(envelope.type, message.payload)
    if (!decoded.ok) this.turnAway(message, decoded)
    else if (typeof envelope !== 'string') {
      this.options.wrote?.(decoded.body, message.payload)
      this.deliver(envelope, decoded.body, message.replyTo)
    }
  }

  private read(type: AskType, bytes: Uint8Array): object {
    const answer = decodeAnswer(type, bytes)
    this.options.wrote?.(answer, bytes)
    return answer
  }

  private written(body: object): Uint8Array {
    const bytes = encode(body)
    this.options.wrote?.(body, bytes)
    return bytes
  }

  private deliver(envelope: Envelope, body: object, replyTo: string | undefined): void {
    if (envelope.type === 'watch.renew') {
      this.options.watched?.(body as Body<'watch.renew'>)
      return
    }
    // Written out, for every message comes by here: spreading costs as much as decoding.
    const { type, from, framework } = envelope
    const at = this.options.now()
    const event = framework ? { type, from, framework, at, body } : { type, from, at, body }
    this.options.hear(replyTo === undefined ? event : ({ type, from, at, body, reply: replyTo } as Event))
  }

  private turnAway(message: BusMessage, { code, message: complaint }: Refusal): void {
    if (message.replyTo !== undefined) this.reply(message.replyTo, { ok: false, code, message: complaint })
    this.options.hear({ type: 'stranger.refused', at: this.options.now(), code, message: complaint } as Event)
  }

  private envelopeOf(written: string, role: Speaker['role']): Envelope | string {
    const known = this.envelopes.get(written)
    if (known !== undefined) return known
    if (this.envelopes.size >= rememberedSubjects) this.envelopes.clear()
    const envelope = parseSubject(this.options.cluster, role, written)
    this.envelopes.set(written, envelope)
    return envelope
  }

  private subject(type: MessageType, to: Address): string {
    return subject(this.options.cluster, type, this.options.speaker, to)
  }

  /** What cannot be said is lost, as it may be on any bus: whoever needs it said again says it again. */
  private orNote(what: string, speak: () => void): boolean {
    try {
      speak()
      return true
    } catch (error) {
      this.options.note('warn', `${what} was not sent: ${(error as Error).message}`)
      return false
    }
  }
}
