import { BusError } from './busError.ts'

interface Waiting {
  readonly subject: string
  readonly timer: NodeJS.Timeout
  readonly resolve: (payload: Uint8Array) => void
  readonly reject: (error: BusError) => void
}

export interface Opened {
  /** Last word of the reply subject. */
  readonly token: string
  readonly answer: Promise<Uint8Array>
}

/**
 * The requests in flight. The client has such a table too, but lets each wait out its whole time when the link
 * drops; here they are told at once, and there is a bound.
 */
export class Requests {
  readonly #max: number
  readonly #waiting = new Map<string, Waiting>()
  #made = 0

  constructor(max: number) {
    this.#max = max
  }

  open(subject: string, timeoutMs: number): Opened {
    if (this.#waiting.size >= this.#max) throw tooMany(this.#max)
    this.#made += 1
    const token = this.#made.toString(36)
    const answer = new Promise<Uint8Array>((resolve, reject) => {
      const timer = setTimeout(() => this.reject(token, timedOut(subject, timeoutMs)), timeoutMs)
      this.#waiting.set(token, { subject, timer, resolve, reject })
    })
    return { token, answer }
  }

  resolve(token: string, payload: Uint8Array): void {
    this.#close(token)?.resolve(payload)
  }

  noResponders(token: string): void {
    const request = this.#close(token)
    request?.reject(new BusError('no-responders', `Nobody listens on ${request.subject}`))
  }

  reject(token: string, error: BusError): void {
    this.#close(token)?.reject(error)
  }

  /** The server names the subject it refused, not the request: all of that subject share its fate. */
  denied(subject: string): void {
    for (const [token, request] of this.#waiting) {
      if (request.subject === subject) this.reject(token, notAllowed(subject))
    }
  }

  rejectAll(error: BusError): void {
    for (const token of this.#waiting.keys()) this.reject(token, error)
  }

  #close(token: string): Waiting | undefined {
    const request = this.#waiting.get(token)
    if (!request) return undefined
    clearTimeout(request.timer)
    this.#waiting.delete(token)
    return request
  }
}

function timedOut(subject: string, timeoutMs: number): BusError {
  return new BusError('timeout', `No answer on ${subject} within ${timeoutMs} ms`)
}

function notAllowed(subject: string): BusError {
  return new BusError('denied', `This NATS user may not publish to ${subject}: have the permission added`)
}

function tooMany(max: number): BusError {
  return new BusError(
    'too-many-requests',
    `${max} requests already wait for an answer: wait for some of them`,
  )
}
