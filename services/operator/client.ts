/** An operator's way to the cluster: what he asks the leader and slaves, and the steps that he watches. */
import { setTimeout as pause } from 'node:timers/promises'
import { decodeAnswer, encode } from '../../shared/codec.ts'
import type { RefusalCode } from '../../shared/errors.ts'
import type { FrameworkId, SlaveId, TaskId } from '../../shared/ids.ts'
import type {
  Answer,
  AskType,
  Body,
  FrameworkRow,
  OfferRow,
  RoleRow,
  SlaveRow,
  TaskRow,
} from '../../shared/messages.ts'
import { stepsIn } from '../../shared/steps.ts'
import { type Address, type Speaker, subject, token, traceSubjects } from '../../shared/subjects.ts'
import { type Step, watchRenewedMs } from '../../shared/trace.ts'
import { BusError } from '../runtime/bus/busError.ts'
import { type ConnectionSettings, describeConnection } from '../runtime/bus/connection.ts'
import { connectBus } from '../runtime/bus/nats.ts'
import type { Bus, Tape, TapeOptions } from '../runtime/ports.ts'
import { Failure } from './failure.ts'

export interface OperatorOptions {
  readonly connection: ConnectionSettings
  readonly cluster: string
  /** In whose name; one token of each subject. */
  readonly user: string
  /** An answer may take so long, ms. */
  readonly timeoutMs: number
  /** What the connection is called where people look. */
  readonly title?: string
}

/** A no of whoever was asked, or the reason why nobody answered. */
export class Refused extends Failure {
  readonly code: RefusalCode | 'no-leader' | 'no-slave' | 'timeout'

  constructor(code: Refused['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Where a task wrote. */
export interface LogAddress {
  readonly frameworkId: FrameworkId
  readonly taskId: TaskId
  readonly slaveId: SlaveId
}
export type Stream = 'stdout' | 'stderr'

const leader: Address = { role: 'master' }
/** One answer holds at the most so much of a log: well below what the bus carries. */
const logPieceBytes = 128 * 1024
/** A watch lasts so long, much longer than until it is renewed, so that one lost renewal does not end it. */
const watchSeconds = 5
/** Who has spoken is remembered of so many. */
const rememberedSpeakers = 10_000
/** Everybody hears a renewal: newcomers are told that somebody watches no more often than every so many ms. */
const greetMs = 500
/** What somebody was in no state to hear is asked again after, ms. */
const unheardPauseMs = 50

export class Operator {
  readonly bus: Bus
  readonly #options: OperatorOptions
  readonly #speaker: Speaker

  constructor(bus: Bus, options: OperatorOptions) {
    this.bus = bus
    this.#options = options
    this.#speaker = { role: 'operator', id: options.user }
  }

  /** Rejects with BusError when the bus cannot be reached. */
  static async connect(options: OperatorOptions): Promise<Operator> {
    const name = options.title ?? 'proffer'
    return new Operator(await connectBus({ connection: options.connection, name }), options)
  }

  get cluster(): string {
    return this.#options.cluster
  }

  /** Rejects with Refused, or with BusError when the bus does not carry it. */
  async ask<T extends AskType>(type: T, body: Body<T>, to: Address = leader): Promise<Answer<T>> {
    const until = performance.now() + this.#options.timeoutMs
    for (;;) {
      const answer = await this.#askOnce(type, body, to)
      if (answer.ok) {
        const { ok: _, ...said } = answer
        return said as unknown as Answer<T>
      }
      // A leader who is only just taking office, or whom many ask, will hear it in a moment.
      const isSoonHeard = answer.code === 'unheard' || answer.code === 'too-many-readers'
      if (!isSoonHeard || performance.now() > until) throw new Refused(answer.code, answer.message)
      await pause(unheardPauseMs)
    }
  }

  async #askOnce<T extends AskType>(type: T, body: Body<T>, to: Address) {
    const asked = subject(this.cluster, type, this.#speaker, to)
    const bytes = await this.bus
      .request(asked, encode(body), this.#options.timeoutMs)
      .catch((error: unknown) => Promise.reject(this.#unanswered(error, to)))
    return decodeAnswer(type, bytes)
  }

  slaves(): AsyncGenerator<SlaveRow> {
    return paged(async (page) => {
      const { slaves, next } = await this.ask('slaves.list', page)
      return { rows: slaves, next }
    })
  }

  frameworks(): AsyncGenerator<FrameworkRow> {
    return paged(async (page) => {
      const { frameworks, next } = await this.ask('frameworks.list', page)
      return { rows: frameworks, next }
    })
  }

  offers(): AsyncGenerator<OfferRow> {
    return paged(async (page) => {
      const { offers, next } = await this.ask('offers.list', page)
      return { rows: offers, next }
    })
  }

  tasks(which: Pick<Body<'tasks.list'>, 'frameworkId' | 'taskId' | 'over'> = {}): AsyncGenerator<TaskRow> {
    return paged(async (page) => {
      const { tasks, next } = await this.ask('tasks.list', { ...which, ...page })
      return { rows: tasks, next }
    })
  }

  roles(): AsyncGenerator<RoleRow> {
    return paged(async (page) => {
      const { roles, next } = await this.ask('roles.list', page)
      return { rows: roles, next }
    })
  }

  readLog(
    log: LogAddress,
    stream: Stream,
    offset: number,
    limit = logPieceBytes,
  ): Promise<Answer<'log.read'>> {
    const { frameworkId, taskId, slaveId } = log
    return this.ask('log.read', { frameworkId, taskId, stream, offset, limit }, { role: 'slave', slaveId })
  }

  /** Every role publishes its steps for as long as this goes on. Returns how to stop. */
  watch(hear: (step: Step) => void): () => void {
    const known = new Set<string>()
    let greetedAt = Number.NEGATIVE_INFINITY
    const stopHearing = this.bus.subscribe(traceSubjects(this.cluster), ({ payload }) => {
      for (const step of stepsIn(payload)) {
        if (performance.now() > greetedAt + greetMs && isNewcomer(step, known)) {
          this.#renewWatch()
          greetedAt = performance.now()
        }
        hear(step)
      }
    })
    const stopWatching = this.keepWatched()
    return () => {
      stopWatching()
      stopHearing()
    }
  }

  /** What the bus keeps of the trace; with bounds it keeps that much from now on, while somebody watches. */
  keptTrace(bounds?: Pick<TapeOptions, 'keepMs' | 'keepBytes'>): Promise<Tape> {
    const name = `PROFFER_${token(this.cluster)}_trace`
    return this.bus.tape(name, bounds && { subject: traceSubjects(this.cluster), ...bounds })
  }

  /** The steps of such a window. */
  async playTrace(hear: (step: Step) => void): Promise<void> {
    const tape = await this.keptTrace()
    await tape.play((payload) => {
      for (const step of stepsIn(payload)) hear(step)
    })
  }

  /** Has every role publish its steps, without listening to them. Returns how to stop. */
  keepWatched(): () => void {
    this.#renewWatch()
    const timer = setInterval(() => this.#renewWatch(), watchRenewedMs)
    return () => clearInterval(timer)
  }

  close(): Promise<void> {
    return this.bus.drain()
  }

  /** While the link is down nobody hears it; the next one is soon. */
  #renewWatch(): void {
    const to = subject(this.cluster, 'watch.renew', this.#speaker, { role: 'all' })
    try {
      this.bus.publish(to, encode({ seconds: watchSeconds }))
    } catch (error) {
      if (!(error instanceof BusError)) throw error
    }
  }

  #unanswered(error: unknown, to: Address): unknown {
    const code = error instanceof BusError ? error.code : undefined
    if (code !== 'no-responders' && code !== 'timeout') return error
    const gone = code === 'no-responders'
    if (to.role === 'slave') {
      const why = gone ? 'is not on the bus' : 'does not answer'
      return new Refused('no-slave', `slave ${to.slaveId} ${why}: see \`proffer slaves\``)
    }
    if (gone) return new Refused('no-leader', this.#nobodyLeads())
    const seconds = this.#options.timeoutMs / 1000
    return new Refused('timeout', `the master of cluster ${this.cluster} did not answer within ${seconds} s`)
  }

  #nobodyLeads(): string {
    const where = this.#options.connection.servers.map((server) => `nats://${server}`).join(', ')
    const what = 'start one with `proffer master` or `proffer up`'
    return `no master leads cluster ${this.cluster} on ${where}: ${what}`
  }

  /** One line without secrets. */
  get where(): string {
    return describeConnection(this.#options.connection)
  }
}

/**
 * Whoever speaks for the first time may have come after the last renewal, and keeps his first steps until the next one.
 * Slaves are left to that: there may be very many, each of whom would be told of each.
 */
function isNewcomer({ heard }: Step, known: Set<string>): boolean {
  const { role, id } = (heard.from ?? {}) as { role?: string; id?: string }
  const who = `${role} ${id}`
  if (!id || role === 'slave' || known.has(who)) return false
  if (known.size > rememberedSpeakers) known.clear()
  known.add(who)
  return true
}

/** All of it, once it is known that it is not too much. */
export async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const list: Row[] = []
  for await (const row of rows) list.push(row)
  return list
}

async function* paged<Row>(
  ask: (page: {
    after?: string
  }) => Promise<{ readonly rows: readonly Row[]; readonly next: string | undefined }>,
): AsyncGenerator<Row> {
  let after: string | undefined
  do {
    const { rows, next } = await ask(after === undefined ? {} : { after }).catch(failWhereLost)
    yield* rows
    after = next
  } while (after !== undefined)
}

/** A list is one leader's: nobody else can go on with it. */
function failWhereLost(error: unknown): never {
  if (!(error instanceof Refused) || error.code !== 'page-unknown') throw error
  throw new Refused('page-unknown', 'another master took the lead while the list was read: ask again')
}
