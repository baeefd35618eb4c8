/**
 * The micro protocol of NATS, so that `nats micro ls`, `info` and `stats` find what takes part in a cluster: whoever
 * asks on `$SRV.PING`, `$SRV.INFO` or `$SRV.STATS` hears from everybody; with a name behind it from all of that name,
 * with an id behind that from one. Answers are JSON, as ADR-32 of the NATS architecture has them.
 */
import type { Note } from '../actor.ts'
import type { Bus, BusMessage } from '../ports.ts'
import type { Counts } from './questions.ts'

export interface Service {
  /** The same for all of a kind; letters, digits, `-` and `_`. */
  readonly name: string
  /** The same for as long as the process lives. */
  readonly id: string
  readonly version: string
  readonly description: string
  /** What it is at this moment. */
  metadata(): Readonly<Record<string, string>>
  /** What it can be asked at this moment, beside this. */
  endpoints(): readonly Endpoint[]
}
export interface Endpoint {
  readonly name: string
  readonly subject: string
  readonly counts: Counts
}

const verbs = ['PING', 'INFO', 'STATS'] as const
type Verb = (typeof verbs)[number]

/** Where a service of this name and id is asked. */
export const microSubjects = (name: string, id: string): string[] =>
  verbs.flatMap((verb) => subjectsOf(verb, name, id))
const subjectsOf = (verb: Verb, name: string, id: string) =>
  ['', `.${name}`, `.${name}.${id}`].map((end) => `$SRV.${verb}${end}`)

export const isMicroSubject = (subject: string): boolean => subject.startsWith('$SRV.')

/** Answers for as long as the bus lives. Where its user may not hear the questions, that is said once. */
export function serveMicro(bus: Bus, service: Service, note: Note): void {
  const answers = answersOf(service, new Date().toISOString())
  for (const verb of verbs)
    for (const subject of subjectsOf(verb, service.name, service.id))
      bus.subscribe(subject, ({ replyTo }) => reply(bus, replyTo, answers[verb]()))
  noteDenial(bus, note)
}

function noteDenial(bus: Bus, note: Note): void {
  let isTold = false
  bus.onLink((news) => {
    if (news.link !== 'denied' || !isMicroSubject(news.subject) || isTold) return
    isTold = true
    const remedy = 'allow its user to subscribe to "$SRV.>"'
    note(
      'warn',
      `NATS permissions do not let it hear ${news.subject}: \`nats micro\` does not find it; ${remedy}`,
    )
  })
}

/** Whoever names no place for the answer, or one that cannot be, gets none. */
function reply(bus: Bus, to: BusMessage['replyTo'], answer: object): void {
  if (to === undefined) return
  try {
    bus.publish(to, new TextEncoder().encode(JSON.stringify(answer)))
  } catch {}
}

function answersOf(service: Service, started: string): Readonly<Record<Verb, () => object>> {
  const { name, id, version, description } = service
  const identity = () => ({ name, id, version, metadata: service.metadata() })
  return {
    PING: () => ({ type: 'io.nats.micro.v1.ping_response', ...identity() }),
    INFO: () => ({
      type: 'io.nats.micro.v1.info_response',
      ...{ ...identity(), description },
      endpoints: service.endpoints().map(place),
    }),
    STATS: () => ({
      type: 'io.nats.micro.v1.stats_response',
      ...{ ...identity(), started },
      endpoints: service.endpoints().map(statsOf),
    }),
  }
}

/** Each has an address of its own, so none shares its questions with others. */
const place = ({ name, subject }: Endpoint) => ({ name, subject, queue_group: '' })

function statsOf(endpoint: Endpoint) {
  const { requests, errors, lastError, answeredInMs } = endpoint.counts
  const nanoseconds = Math.round(answeredInMs * 1e6)
  return {
    ...place(endpoint),
    num_requests: requests,
    num_errors: errors,
    last_error: lastError,
    processing_time: nanoseconds,
    average_processing_time: requests === 0 ? 0 : Math.round(nanoseconds / requests),
  }
}
