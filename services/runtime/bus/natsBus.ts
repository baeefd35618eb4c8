import { setTimeout as pause } from 'node:timers/promises'
import type {
  Bucket,
  BucketOptions,
  Bus,
  BusMessage,
  LinkNews,
  Tape,
  TapeOptions,
  Traffic,
} from '../ports.ts'
import type { BusBounds } from './busBounds.ts'
import type { Client, ClientMessage, ClientStatus } from './busClient.ts'
import { BusError } from './busError.ts'
import { checkPattern, checkSubject, hasWildcard } from './busSubject.ts'
import type { ConnectionSettings } from './connection.ts'
import { type BusNote, type Headers, JetStream, type JetStreamLink } from './jetstream.ts'
import { openBucket } from './kv.ts'
import { asBusError } from './natsErrors.ts'
import { Outbox } from './outbox.ts'
import type { Pace } from './pace.ts'
import { Requests } from './requests.ts'
import { openTape } from './tape.ts'

export interface BusParts {
  readonly client: Client
  readonly settings: ConnectionSettings
  readonly bounds: BusBounds
  readonly pace: Pace
  /** Never throws. */
  readonly note: (note: BusNote) => void
}

/** `PUB <subject> <size>` and line ends, about. */
const protocolBytes = 16

export class NatsBus implements Bus {
  readonly #client: Client
  readonly #settings: ConnectionSettings
  readonly #bounds: BusBounds
  readonly #pace: Pace
  readonly #note: (note: BusNote) => void
  readonly #outbox: Outbox
  readonly #requests: Requests
  readonly #hearers = new Set<(news: LinkNews) => void>()
  readonly #inbox: string
  #inboxIsOpen = false
  #up = true
  #server = ''
  #draining: Promise<void> | undefined
  serverVersion = ''
  maxPayload = 0
  serverHasJetStream = false

  constructor({ client, settings, bounds, pace, note }: BusParts) {
    this.#client = client
    this.#settings = settings
    this.#bounds = bounds
    this.#pace = pace
    this.#note = note
    this.#outbox = new Outbox(bounds.maxOutboxBytes, bounds.measureOutboxBytes, () => client.flush())
    this.#requests = new Requests(bounds.maxRequests)
    this.#inbox = client.createInbox()
    this.#readServer()
    void this.#followStatus()
    void this.#followClose()
  }

  publish(subject: string, payload: Uint8Array, replyTo?: string): void {
    checkSubject(subject)
    if (replyTo !== undefined) checkSubject(replyTo)
    this.#send(subject, payload, replyTo)
  }

  request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    return this.#ask(subject, payload, timeoutMs)
  }

  subscribe(subject: string, hear: (message: BusMessage) => void): () => void {
    checkPattern(subject)
    const known = hasWildcard(subject) ? undefined : subject
    return this.#listen(subject, (message) => hear(arrived(message, known)))
  }

  get isUp(): boolean {
    return this.#up
  }

  get traffic(): Traffic {
    const { inMsgs, outMsgs, inBytes, outBytes } = this.#client.stats()
    return { messagesIn: inMsgs, messagesOut: outMsgs, bytesIn: inBytes, bytesOut: outBytes }
  }

  /** Whoever begins to listen is told first how the link stands. */
  onLink(hear: (news: LinkNews) => void): void {
    this.#hearers.add(hear)
    queueMicrotask(() => this.#tellOne(hear, { link: this.#up ? 'up' : 'down', server: this.#server }))
  }

  bucket(name: string, options: BucketOptions): Promise<Bucket> {
    return openBucket(new JetStream(this.#jetStreamLink(), this.#bounds), name, options)
  }

  tape(name: string, options?: TapeOptions): Promise<Tape> {
    return openTape(new JetStream(this.#jetStreamLink(), this.#bounds), name, options)
  }

  async flush(): Promise<void> {
    if (!this.#up) throw disconnected()
    await this.#client.flush().catch((error: unknown) => {
      throw asBusError(error)
    })
  }

  drain(): Promise<void> {
    this.#draining ??= this.#drain()
    return this.#draining
  }

  /** A drain waits for the server: with the link down it would wait for ever. */
  async #drain(): Promise<void> {
    if (this.#up) {
      const late = pause(this.#bounds.drainMs, undefined, { ref: false })
      await Promise.race([this.#client.drain(), late]).catch(() => undefined)
    }
    await this.#client.close()
    this.#requests.rejectAll(closed())
  }

  #send(subject: string, payload: Uint8Array, replyTo?: string, headers?: Headers): void {
    if (!this.#up) throw disconnected()
    if (payload.length > this.maxPayload) throw tooLarge(subject, payload.length, this.maxPayload)
    this.#outbox.book(payload.length + subject.length + protocolBytes)
    try {
      this.#client.publish(subject, payload, replyTo, headers)
    } catch (error) {
      throw asBusError(error)
    }
  }

  async #ask(
    subject: string,
    payload: Uint8Array,
    timeoutMs: number,
    headers?: Headers,
  ): Promise<Uint8Array> {
    checkSubject(subject)
    if (!this.#up) throw disconnected()
    this.#openInbox()
    const { token, answer } = this.#requests.open(subject, timeoutMs)
    try {
      this.#send(subject, payload, `${this.#inbox}.${token}`, headers)
    } catch (error) {
      this.#requests.reject(token, asBusError(error))
    }
    return answer
  }

  /** One subscription hears all answers. It is made again after the server has refused it. */
  #openInbox(): void {
    if (this.#inboxIsOpen) return
    this.#inboxIsOpen = true
    const skip = this.#inbox.length + 1
    this.#listen(`${this.#inbox}.*`, (message) => {
      const token = message.subject.slice(skip)
      if (isNoResponders(message)) this.#requests.noResponders(token)
      else this.#requests.resolve(token, message.data)
    })
  }

  /** What a hearer throws must not reach the client: it would stop reading its socket, and say nothing. */
  #listen(subject: string, hear: (message: ClientMessage) => void): () => void {
    const guarded = (refused: Error | null, message: ClientMessage) => {
      if (refused) return
      try {
        hear(message)
      } catch (error) {
        this.#note({
          level: 'error',
          message: `What listens on ${subject} has thrown; it goes on listening`,
          error,
        })
      }
    }
    try {
      return this.#client.subscribe(subject, guarded)
    } catch (error) {
      throw asBusError(error)
    }
  }

  async #followStatus(): Promise<void> {
    for await (const status of this.#client.status()) this.#heard(status)
  }

  #heard(status: ClientStatus): void {
    const heard: Readonly<Record<string, () => void>> = {
      disconnect: () => this.#linkDown(),
      reconnect: () => this.#linkUp(),
      reconnecting: () => this.#pace.tried(),
      ldm: () => void this.#moveAway(),
      error: () => this.#serverError(status),
      staleConnection: () => this.#warn('no longer answers'),
    }
    heard[status.type]?.()
  }

  #linkDown(): void {
    if (!this.#up) return
    this.#up = false
    this.#outbox.reset()
    this.#requests.rejectAll(disconnected())
    this.#tell({ link: 'down', server: this.#server })
  }

  #linkUp(): void {
    this.#pace.met()
    this.#readServer()
    this.#up = true
    this.#tell({ link: 'reconnected', server: this.#server })
  }

  /** A server in lame duck mode closes its links one by one: better to leave first, if there is another one. */
  async #moveAway(): Promise<void> {
    this.#tell({ link: 'lame-duck', server: this.#server })
    const others = this.#client.info?.connect_urls?.length ?? 0
    if (this.#settings.servers.length + others < 2) return
    await this.#client
      .flush()
      .then(() => this.#client.reconnect())
      .catch((error: unknown) => this.#warn(`closes and was not left: ${String(error)}`))
  }

  #serverError(status: ClientStatus): void {
    if (status.permissionContext) this.#denied(status.permissionContext)
    else this.#warn(`reports ${String(status.data)}`)
  }

  #denied(refused: { readonly operation: string; readonly subject: string }): void {
    const { subject } = refused
    const operation = refused.operation === 'publish' ? 'publish' : 'subscription'
    if (operation === 'publish') this.#requests.denied(subject)
    if (subject === `${this.#inbox}.*`) this.#inboxDenied(subject)
    this.#tell({ link: 'denied', operation, subject })
  }

  #inboxDenied(subject: string): void {
    this.#inboxIsOpen = false
    const what = 'give an inbox prefix that it may listen to'
    this.#requests.rejectAll(
      new BusError('denied', `This NATS user may not hear answers on ${subject}: ${what}`),
    )
  }

  async #followClose(): Promise<void> {
    const error = await this.#client.closed()
    this.#up = false
    this.#requests.rejectAll(closed())
    if (error)
      this.#note({ level: 'error', message: `The link to ${this.#server} was closed for good`, error })
    this.#tell({ link: 'closed', server: this.#server })
  }

  #warn(what: string): void {
    this.#note({ level: 'warn', message: `NATS server ${this.#server} ${what}` })
  }

  #readServer(): void {
    const { info } = this.#client
    this.#server = this.#client.getServer()
    if (!info) return
    this.serverVersion = info.version
    this.maxPayload = info.max_payload
    this.serverHasJetStream = info.jetstream === true
  }

  #tell(news: LinkNews): void {
    for (const hear of this.#hearers) this.#tellOne(hear, news)
  }

  #tellOne(hear: (news: LinkNews) => void, news: LinkNews): void {
    try {
      hear(news)
    } catch (error) {
      this.#note({ level: 'error', message: `What listens to the link has thrown at "${news.link}"`, error })
    }
  }

  #jetStreamLink(): JetStreamLink {
    return {
      apiPrefix: this.#settings.jetstreamPrefix ?? '$JS.API',
      server: () => ({ version: this.serverVersion, hasJetStream: this.serverHasJetStream }),
      ask: (subject, payload, timeoutMs, headers) => this.#ask(subject, payload, timeoutMs, headers),
      note: this.#note,
    }
  }
}

/** `known` spares decoding a subject that can only be the one listened to. */
function arrived(message: ClientMessage, known: string | undefined): BusMessage {
  const subject = known ?? message.subject
  const replyTo = message.reply
  return replyTo ? { subject, payload: message.data, replyTo } : { subject, payload: message.data }
}

function isNoResponders(message: ClientMessage): boolean {
  return message.data.length === 0 && message.headers?.code === 503
}

function disconnected(): BusError {
  return new BusError('disconnected', 'The link to NATS is down: nothing is sent until it is back')
}

function closed(): BusError {
  return new BusError('closed', 'The link to NATS was closed')
}

function tooLarge(subject: string, size: number, max: number): BusError {
  const what = 'split it, or raise max_payload at the server'
  return new BusError(
    'too-large',
    `${size} bytes for ${subject} are more than the ${max} that NATS takes: ${what}`,
  )
}
