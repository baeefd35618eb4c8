/**
 * The trace: while somebody renews his watch, each step is published on its actor's trace subject, those that come close
 * to one another together. With nobody watching, a step costs one look at a boolean. A process that has just come
 * cannot know yet whether somebody watches: its first steps wait for the next renewal, and are forgotten when none comes.
 */
import type { Body } from '../../shared/messages.ts'
import { maxBodyBytes } from '../../shared/split.ts'
import { packSteps } from '../../shared/steps.ts'
import { traceSubject } from '../../shared/subjects.ts'
import { type Step, watchRenewedMs } from '../../shared/trace.ts'
import type { Tracer } from './actor.ts'
import type { Clock, Wire } from './ports.ts'

/**
 * A step is told at once; those that follow so soon are told together, so that watching who does much is not dear. As
 * much as this is lost of a process that is killed.
 */
const togetherMs = 10
const maxTogether = 500

/** So long after it has come a process knows; and it keeps so many steps for whoever may watch. */
const newcomerMs = 2.5 * watchRenewedMs
const maxFirstSteps = 1000

export class BusTracer implements Tracer {
  private readonly wire: Wire
  private readonly cluster: string
  private readonly clock: Clock
  private until = 0
  private callOff: (() => void) | undefined
  private toldAt = Number.NEGATIVE_INFINITY
  /** Calls off what is to be told next. */
  private notYet: (() => void) | undefined
  private waiting = 0
  /** Those of a newcomer. */
  private first: Step[] | undefined = []
  private readonly grownUp: () => void
  /** Steps that are told next, by subject. */
  private readonly next = new Map<string, Step[]>()
  /** What was said and heard in them, and the bytes that it went as. */
  private readonly written = new Map<object, Uint8Array>()

  constructor(wire: Wire, cluster: string, clock: Clock) {
    this.wire = wire
    this.cluster = cluster
    this.clock = clock
    this.grownUp = clock.callAt(clock.now() + newcomerMs, () => {
      this.first = undefined
    })
  }

  /** What is to be told yet is told, and nothing more. */
  close(): void {
    this.tell()
    this.grownUp()
    this.first = undefined
    this.callOff?.()
    this.callOff = undefined
  }

  get on(): boolean {
    return this.isWatched || this.first !== undefined
  }

  private get isWatched(): boolean {
    return this.callOff !== undefined
  }

  /** Somebody watches, for so long from now. */
  watch({ seconds }: Body<'watch.renew'>): void {
    this.until = Math.max(this.until, this.clock.now() + seconds * 1000)
    this.callOff?.()
    this.callOff = this.clock.callAt(this.until, () => {
      this.callOff = undefined
    })
    const first = this.first ?? []
    this.first = undefined
    for (const step of first) this.write(step)
  }

  /** These bytes are what was heard, or became of what was said. */
  wrote(body: object, bytes: Uint8Array): void {
    if (!this.isWatched) return
    this.tellSoon()
    this.written.set(body, bytes)
  }

  /** A step is never changed after it was taken: it may be written down later. */
  step(step: Step): void {
    if (this.first) this.waitForWatch(this.first, step)
    else this.write(step)
  }

  private waitForWatch(first: Step[], step: Step): void {
    first.push(step)
    if (first.length >= maxFirstSteps) this.first = undefined
  }

  private write(step: Step): void {
    const subject = traceSubject(this.cluster, step.role, step.id)
    this.tellSoon()
    const steps = this.next.get(subject)
    if (steps) steps.push(step)
    else this.next.set(subject, [step])
    if (++this.waiting >= maxTogether) this.tell()
  }

  private tellSoon(): void {
    if (this.notYet) return
    const at = Math.max(this.toldAt + togetherMs, this.clock.now())
    this.notYet = this.clock.callAt(at, () => this.tell())
  }

  private tell(): void {
    this.notYet?.()
    this.notYet = undefined
    this.toldAt = this.clock.now()
    for (const [subject, steps] of this.next) this.publish(subject, steps)
    this.next.clear()
    this.written.clear()
    this.waiting = 0
  }

  /** What is too long for one message goes in several; of a single step that is, nothing can be told. */
  private publish(subject: string, steps: readonly Step[]): void {
    const bytes = packSteps(steps, this.written)
    if (bytes.length > maxBodyBytes && steps.length > 1) {
      const half = steps.length >> 1
      this.publish(subject, steps.slice(0, half))
      this.publish(subject, steps.slice(half))
      return
    }
    try {
      this.wire.publish(subject, bytes)
    } catch {
      // A watcher must not disturb: a step that cannot be told is a gap in the count `n`, which he sees.
    }
  }
}
