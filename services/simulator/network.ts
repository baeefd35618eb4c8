/** A network on virtual time: subjects with wildcards like NATS's, requests, and weather between the speakers. */
import type { BusMessage, Wire } from '../runtime/ports.ts'
import type { SimulatedProcess } from './process.ts'
import type { VirtualTime } from './time.ts'
import type { Chance, Weather } from './weather.ts'

interface Subscription {
  readonly station: Station
  readonly process: SimulatedProcess
  readonly tokens: readonly string[]
  readonly hear: (message: BusMessage) => void
  open: boolean
}

/** A rule of the bad weather that a story makes: the next so many messages that match are lost. */
export interface Loss {
  readonly matches: (subject: string) => boolean
  times: number
}

/** One machine's link to the network, which may be cut. */
export class Station {
  readonly name: string
  connected = true
  private readonly network: Network

  constructor(name: string, network: Network) {
    this.name = name
    this.network = network
  }

  /** The network, as a process on this machine has it. */
  wire(process: SimulatedProcess): Wire {
    const { network } = this
    return {
      publish: (subject, payload) => {
        if (this.connected) network.carry(this, subject, payload)
      },
      subscribe: (subject, hear) => network.subscribe(this, process, subject, hear),
      request: (...question) => network.request(this, process, ...question),
    }
  }
}

export class Network {
  weather: Weather
  readonly losses: Loss[] = []
  /** One-way cuts: what the first says, the second does not hear. */
  readonly cuts = new Set<string>()
  private readonly time: VirtualTime
  private readonly chance: Chance
  private readonly subscriptions = new Set<Subscription>()
  /** Who listens to a subject, in the order of their subscriptions: found when it is first spoken of. */
  private readonly listeners = new Map<string, readonly Subscription[]>()
  /** When the last message between the same two will arrive: the next comes behind it, unless messages may overtake. */
  private readonly lastArrival = new Map<string, number>()
  private inboxes = 0

  constructor(time: VirtualTime, chance: Chance, weather: Weather) {
    this.time = time
    this.chance = chance
    this.weather = weather
  }

  station(name: string): Station {
    return new Station(name, this)
  }

  /** Nothing that one says reaches the other, or all of it does again. */
  cut(from: string, to: string, isCut: boolean): void {
    if (isCut) this.cuts.add(`${from} ${to}`)
    else this.cuts.delete(`${from} ${to}`)
  }

  subscribe(
    station: Station,
    process: SimulatedProcess,
    subject: string,
    hear: (message: BusMessage) => void,
  ): () => void {
    const subscription: Subscription = { station, process, tokens: subject.split('.'), hear, open: true }
    this.subscriptions.add(subscription)
    this.forget(subject)
    return () => {
      subscription.open = false
      this.subscriptions.delete(subscription)
      this.forget(subject)
    }
  }

  /** Carries a message to everybody who listens. Returns how many do. */
  carry(from: Station, subject: string, payload: Uint8Array, replyTo?: string): number {
    const hearers = this.listenersTo(subject).filter(({ station }) => station.connected)
    for (const hearer of hearers)
      if (!this.cuts.has(`${from.name} ${hearer.station.name}`) && !this.isLost(subject))
        this.deliver(from, hearer, subject, payload, replyTo)
    return hearers.length
  }

  request(
    from: Station,
    process: SimulatedProcess,
    subject: string,
    payload: Uint8Array,
    timeoutMs: number,
    answered: Parameters<Wire['request']>[3],
  ): void {
    const inbox = `_INBOX.${++this.inboxes}`
    let open = true
    const close = (answer: Parameters<typeof answered>[0]) => {
      if (!open) return
      open = false
      stop()
      giveUp()
      answered(answer)
    }
    const stop = this.subscribe(from, process, inbox, (message) => close(message.payload))
    const giveUp = process.callAt(process.now() + timeoutMs, () =>
      close({ ok: false, code: 'timeout', message: `no answer within ${timeoutMs} ms` }),
    )
    const hearers = from.connected ? this.carry(from, subject, payload, inbox) : -1
    if (hearers === 0)
      process.callAt(process.now() + 1, () =>
        close({ ok: false, code: 'no-responders', message: 'nobody listens there' }),
      )
  }

  private listenersTo(subject: string): readonly Subscription[] {
    const known = this.listeners.get(subject)
    if (known) return known
    const tokens = subject.split('.')
    const listeners = [...this.subscriptions].filter((each) => matches(each.tokens, tokens))
    this.listeners.set(subject, listeners)
    return listeners
  }

  /** Who listens to it is another question now; with a wildcard, who listens to anything. */
  private forget(subject: string): void {
    if (/[*>]/.test(subject)) this.listeners.clear()
    else this.listeners.delete(subject)
  }

  private deliver(
    from: Station,
    to: Subscription,
    subject: string,
    payload: Uint8Array,
    replyTo: string | undefined,
  ): void {
    const message: BusMessage = replyTo === undefined ? { subject, payload } : { subject, payload, replyTo }
    const arrive = () => {
      if (to.open && to.station.connected) to.process.run(() => to.open && to.hear(message))
    }
    this.time.callAt(this.arrival(from, to.station), arrive)
    if (this.chance.happens(this.weather.doubledPerMille))
      this.time.callAt(this.arrival(from, to.station), arrive)
  }

  private arrival(from: Station, to: Station): number {
    const [least, most] = this.weather.delayMs
    const at = this.time.now() + this.chance.between(least, most)
    if (this.weather.reorders) return at
    const pair = `${from.name} ${to.name}`
    const inOrder = Math.max(at, this.lastArrival.get(pair) ?? 0)
    this.lastArrival.set(pair, inOrder)
    return inOrder
  }

  private isLost(subject: string): boolean {
    for (const loss of this.losses) {
      if (loss.times === 0 || !loss.matches(subject)) continue
      loss.times--
      return true
    }
    return this.chance.happens(this.weather.lostPerMille)
  }
}

function matches(pattern: readonly string[], subject: readonly string[]): boolean {
  for (const [i, token] of pattern.entries()) {
    if (token === '>') return subject.length > i
    if (token !== '*' && token !== subject[i]) return false
  }
  return pattern.length === subject.length
}
