/** One process's membership of a cluster: its connections to the bus, its log, and what its actors need of both. */
import { randomBytes } from 'node:crypto'
import type { Speaker } from '../../shared/subjects.ts'
import type { Actor, Event, Ports, Tracer } from './actor.ts'
import type { ConnectionSettings } from './bus/connection.ts'
import { connectBus } from './bus/nats.ts'
import { systemClock } from './clock.ts'
import type { Exporter } from './exporter/exporter.ts'
import type { ListenAddress } from './exporter/listener.ts'
import { busNoteTo, type Log, noteTo, type Who } from './log.ts'
import { isMicroSubject, type Service, serveMicro } from './micro/micro.ts'
import type { Questions } from './micro/questions.ts'
import { wireOver } from './overBus.ts'
import type { Bus, LinkNews, Post, Wire } from './ports.ts'
import { WirePost } from './post.ts'
import { alsoLogged } from './stepLog.ts'
import { BusTracer } from './trace.ts'

export interface MemberOptions {
  readonly connection: ConnectionSettings
  readonly cluster: string
  /** What connections are called where people look: `proffer slave S1`. */
  readonly title: string
  /** Who it is in the trace, for the log; whoever is several at once is nobody there. */
  readonly who?: Who
  readonly log: Log
  /** Waits for a server that is not there yet, instead of failing. */
  readonly waitForServer?: boolean
  /** Where its numbers and its health are shown; nowhere when absent. */
  readonly listen?: ListenAddress
}

/** A process that takes part, until it has ended: by itself, or because it was told to stop. */
export interface Running {
  readonly name: string
  /** Stops gracefully; resolves when it has ended. */
  stop(): Promise<void>
  /** How it ended; rejects when something of ours is broken. */
  readonly ended: Promise<Ending>
}
export interface Ending {
  readonly code: string
  readonly message: string
}

export class Member {
  readonly bus: Bus
  readonly wire: Wire
  /** What it shows by HTTP, where that was asked for. */
  readonly exporter: Exporter | undefined
  readonly clock = systemClock
  readonly ended: Promise<Ending>
  private readonly options: MemberOptions
  private readonly watched: BusTracer
  private readonly tracer: Tracer
  private readonly settle: { resolve: (ending: Ending) => void; reject: (error: Error) => void }

  private constructor(options: MemberOptions, bus: Bus, exporter: Exporter | undefined) {
    this.options = options
    this.bus = bus
    this.exporter = exporter
    this.wire = wireOver(bus)
    this.watched = new BusTracer(this.wire, options.cluster, this.clock)
    this.tracer = alsoLogged(this.watched, options.log)
    let settle: Member['settle'] | undefined
    this.ended = new Promise((resolve, reject) => {
      settle = { resolve, reject }
    })
    this.settle = settle as unknown as Member['settle']
    bus.onLink((news) => this.noteLink(news))
    // Whoever wants to know waits for it; nobody must.
    this.ended.catch(() => {})
  }

  /** Rejects with BusError, or with ListenError. */
  static async join(options: MemberOptions): Promise<Member> {
    const { log, title, who } = options
    const exporter = await openExporter(options)
    try {
      const bus = await connectBus({
        connection: options.connection,
        name: title,
        onNote: busNoteTo(log, who),
        waitForServer: options.waitForServer ?? false,
      })
      return new Member(options, bus, exporter)
    } catch (error) {
      await exporter?.close()
      throw error
    }
  }

  /** Found, and asked, as a service of NATS. */
  serve(service: Service): void {
    serveMicro(this.bus, service, noteTo(this.options.log, this.options.who))
  }

  /** Says what is left to say, and is gone. */
  async leave(): Promise<void> {
    this.watched.close()
    await this.bus.drain()
    await this.exporter?.close()
  }

  /** What an actor of this process needs, but for what is particular to its role. */
  ports(name: string): Omit<Ports, 'post'> {
    const { log, who } = this.options
    return {
      clock: this.clock,
      tracer: this.tracer,
      note: noteTo(log, who),
      end: (code, message) => this.settle.resolve({ code, message }),
      broken: (error) => {
        log.fatal({ ...who, err: error }, `${name} is broken and stops: ${error.message}`)
        this.settle.reject(error)
      },
    }
  }

  /** A post for an actor that is made with it: what comes before `bind` is lost, as before a process is up. */
  post(speaker: Speaker, questions?: Questions): { post: Post; bind: (actor: Pick<Actor, 'hear'>) => void } {
    let bound: Pick<Actor, 'hear'> | undefined
    const hear = (event: Event) => {
      questions?.heard(event)
      bound?.hear(event)
    }
    const { cluster, log, who } = this.options
    const note = noteTo(log, who)
    const post = new WirePost({
      wire: this.wire,
      cluster,
      speaker,
      now: this.clock.now,
      hear,
      note,
      watched: (body) => this.watched.watch(body),
      wrote: (body, bytes) => this.watched.wrote(body, bytes),
      ...(questions && { answered: (to, answer) => questions.answered(to, answer) }),
    })
    return {
      post,
      bind: (actor) => {
        bound = actor
      },
    }
  }

  /** Where the bus fails, people are told; what was lost is said again by whoever needs it. */
  private noteLink(news: LinkNews): void {
    const { log, title, who } = this.options
    const found = { ...who, ...news }
    if (news.link === 'denied' && !isMicroSubject(news.subject))
      log.error(found, `${title}: NATS permissions do not allow the ${news.operation} ${news.subject}`)
    if (news.link === 'down') log.warn(found, `${title}: the bus is out of reach; waiting for it`)
    if (news.link === 'reconnected') log.warn(found, `${title}: the bus is back`)
  }

  /** The link is down: nothing is heard or said. */
  onDisconnected(alone: () => void): void {
    this.bus.onLink((news: LinkNews) => {
      if (news.link === 'down') alone()
    })
  }

  /** Whatever was said while the link was down is lost: both sides start anew with each other. */
  onReconnected(again: () => void): void {
    this.bus.onLink((news: LinkNews) => {
      if (news.link === 'reconnected') again()
    })
  }
}

/** Loaded only where it was asked for: most of what takes part shows nothing by HTTP. */
async function openExporter({ listen, log, cluster, who }: MemberOptions): Promise<Exporter | undefined> {
  if (!listen) return undefined
  const { Exporter } = await import('./exporter/exporter.ts')
  return Exporter.open(listen, noteTo(log, who), { cluster, ...who })
}

/** New for each process: tells it from an earlier one of the same name. */
export const newIncarnation = (): string => randomBytes(6).toString('hex')
