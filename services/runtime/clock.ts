/** The clock of a real process: ms since 1970 as it was at the start, counted on monotonically from there. */
import { Heap } from '../../statecharts/heap.ts'
import type { Clock } from './ports.ts'

interface Call {
  readonly call: () => void
}
/** What is to be called in one millisecond. */
interface Due {
  readonly at: number
  readonly calls: Set<Call>
}

/** A timer of Node cannot wait longer; whoever is woken too early looks at the time and waits on. */
const longestWaitMs = 2 ** 31 - 1

/**
 * One timer of Node serves all. With one for each, Node would do between any two of them what the first has led to, such
 * as a write to a socket: of many actors in a process, what those say who are woken together goes out together.
 */
class SystemClock implements Clock {
  private soon = new Set<Call>()
  private readonly later = new Heap<Due>()
  private readonly byMs = new Map<number, Due>()
  private timer: NodeJS.Timeout | undefined
  private timerAt = Number.POSITIVE_INFINITY

  readonly now = (): number => performance.timeOrigin + performance.now()

  callAt(at: number, call: () => void): () => void {
    const asked = { call }
    const calls = at <= this.now() ? this.callsSoon() : this.callsAt(Math.ceil(at))
    calls.add(asked)
    return () => {
      if (calls.delete(asked) && calls.size === 0) this.forgetEmpty()
    }
  }

  /** When the burst of events is over that goes on. */
  private callsSoon(): Set<Call> {
    if (this.soon.size === 0) setImmediate(() => this.callSoon())
    return this.soon
  }

  private callSoon(): void {
    const calls = this.soon
    this.soon = new Set()
    callAll(calls)
  }

  private callsAt(ms: number): Set<Call> {
    const known = this.byMs.get(ms)
    if (known) return known.calls
    const due: Due = { at: ms, calls: new Set() }
    this.byMs.set(ms, due)
    this.later.push(due)
    if (ms < this.timerAt) this.setTimer()
    return due.calls
  }

  private callDue(): void {
    const now = this.now()
    // No timer is set meanwhile.
    this.timerAt = Number.NEGATIVE_INFINITY
    try {
      for (let due = this.take(now); due; due = this.take(now)) callAll(due.calls)
    } finally {
      this.setTimer()
    }
  }

  private take(now: number): Due | undefined {
    const due = this.later.popDue(now)
    if (due) this.byMs.delete(due.at)
    return due
  }

  /** A timer that nobody waits for would keep a process from ending. */
  private forgetEmpty(): void {
    if (this.timerAt === Number.NEGATIVE_INFINITY || this.later.peek()?.calls.size !== 0) return
    while (this.later.peek()?.calls.size === 0) this.take(Number.POSITIVE_INFINITY)
    this.setTimer()
  }

  private setTimer(): void {
    clearTimeout(this.timer)
    const earliest = this.later.peek()
    this.timerAt = earliest?.at ?? Number.POSITIVE_INFINITY
    if (!earliest) return
    const waitMs = Math.max(1, Math.ceil(earliest.at - this.now()))
    this.timer = setTimeout(() => this.callDue(), Math.min(waitMs, longestWaitMs))
  }
}

/** What one of them throws keeps none of the others. */
function callAll(calls: Set<Call>): void {
  try {
    for (const asked of calls) {
      calls.delete(asked)
      asked.call()
    }
  } finally {
    if (calls.size > 0) setImmediate(() => callAll(calls))
  }
}

export const systemClock: Clock = new SystemClock()
