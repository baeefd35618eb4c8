/** Virtual time: everything that will happen, in order; nothing happens but by moving on. */
import { Heap } from '../../statecharts/heap.ts'
import type { Clock } from '../runtime/ports.ts'

interface Moment {
  readonly at: number
  /** In the order in which they were asked for; undefined in the place of one that was called off. */
  readonly calls: ((() => void) | undefined)[]
  /** Where the first of them stands that has not happened yet. */
  next: number
}

/** Where time begins: any moment will do, as long as it is always the same. */
const beginning = Date.UTC(2011, 2, 30)

export class VirtualTime implements Clock {
  private present = beginning
  private readonly heap = new Heap<Moment>()
  private readonly moments = new Map<number, Moment>()

  now(): number {
    return this.present
  }

  /** ms since the beginning. */
  get passed(): number {
    return this.present - beginning
  }

  callAt(at: number, call: () => void): () => void {
    const moment = this.momentAt(Math.max(Math.ceil(at), this.present))
    const place = moment.calls.push(call) - 1
    return () => {
      moment.calls[place] = undefined
    }
  }

  /** Lets the next thing happen, if it does not come after `until`. */
  step(until = Number.POSITIVE_INFINITY): boolean {
    for (let moment = this.heap.peek(); moment && moment.at <= until; moment = this.heap.peek()) {
      if (moment.next === moment.calls.length) {
        this.heap.popDue(moment.at)
        this.moments.delete(moment.at)
        continue
      }
      const call = moment.calls[moment.next++]
      if (!call) continue
      this.present = moment.at
      call()
      return true
    }
    return false
  }

  /** Lets time pass, with all that happens meanwhile; `after` each of it. */
  pass(ms: number, after: () => void = () => {}): void {
    const until = this.present + ms
    while (this.step(until)) after()
    this.present = until
  }

  private momentAt(at: number): Moment {
    const known = this.moments.get(at)
    if (known) return known
    const moment = { at, calls: [], next: 0 }
    this.moments.set(at, moment)
    this.heap.push(moment)
    return moment
  }
}
