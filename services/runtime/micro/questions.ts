/** What operators ask of an actor, counted: how often, how often in vain, and how long the answers took. */
import {
  type AskType,
  type MessageType,
  messages,
  messageTypes,
  type Route,
} from '../../../shared/messages.ts'
import { type Address, asked } from '../../../shared/subjects.ts'
import type { Heard, ReplyTo } from '../../../statecharts/decision.ts'
import type { Event } from '../actor.ts'
import type { Endpoint } from './micro.ts'

export interface Counts {
  requests: number
  errors: number
  /** Code and sentence of the last refusal. */
  lastError: string
  /** From the hearing to the answer, of all together, ms. */
  answeredInMs: number
}

/** What is never answered, as by a slave that is stopped just then, is forgotten when so many wait. */
const maxWaiting = 1000

export class Questions {
  readonly #counts = new Map<MessageType, Counts>()
  /** By where the answer is to go. */
  readonly #waiting = new Map<ReplyTo, { readonly type: MessageType; readonly at: number }>()

  heard(event: Event): void {
    if (!isQuestion(event)) return
    const [oldest] = this.#waiting.size >= maxWaiting ? this.#waiting.keys() : []
    if (oldest !== undefined) this.#waiting.delete(oldest)
    this.#waiting.set(event.reply, { type: event.type, at: performance.now() })
  }

  answered(to: ReplyTo, answer: object): void {
    const question = this.#waiting.get(to)
    if (!question) return
    this.#waiting.delete(to)
    const counts = this.#countsOf(question.type)
    counts.requests++
    counts.answeredInMs += performance.now() - question.at
    const { ok, code, message } = answer as { ok?: boolean; code?: string; message?: string }
    if (ok) return
    counts.errors++
    counts.lastError = `${code}:${message}`
  }

  /** Each that an operator may ask at this address. */
  endpoints(cluster: string, address: Address): Endpoint[] {
    return messageTypes
      .filter((type) => isAskedOf(address.role, type))
      .map((type) => ({
        // A name has no dots there.
        name: type.replace('.', '-'),
        subject: asked(cluster, type, address),
        counts: this.#countsOf(type),
      }))
  }

  #countsOf(type: MessageType): Counts {
    const known = this.#counts.get(type)
    if (known) return known
    const counts = { requests: 0, errors: 0, lastError: '', answeredInMs: 0 }
    this.#counts.set(type, counts)
    return counts
  }
}

type Question = Heard<AskType> & { readonly reply: ReplyTo }
const isQuestion = (event: Event): event is Question => {
  const { from, reply } = event as Partial<Question>
  return from?.role === 'operator' && reply !== undefined
}

const isAskedOf = (hearer: Address['role'], type: MessageType): boolean =>
  messages[type].kind === 'ask' &&
  messages[type].routes.some(([from, to]: Route) => from === 'operator' && to === hearer)
