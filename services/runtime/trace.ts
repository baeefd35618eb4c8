/**
 * The trace: while somebody renews his watch, each step is published on its actor's trace subject, those of one turn
 * together. With nobody watching, a step costs one look at a boolean. A process that has just come cannot know yet
 * whether somebody watches: its first steps wait for the next renewal, and are forgotten when none comes.
 */
import type { Body } from '../../shared/messages.ts'
import { maxBodyBytes } from '../../shared/split.ts'
import { packSteps } from '../../shared/steps.ts'
import { traceSubject } from '../../shared/subjects.ts'
import { type Step, watchRenewedMs } from '../../shared/trace.ts'
import type { Tracer } from './actor.ts'
import type { Clock, Wire } from './ports.ts'

/** So long after it has come a process knows; and it keeps so many steps for whoever may watch. */
const newcomerMs = 2.5 * watchRenewedMs
const maxFirstSteps = 1000

export class BusTracer implements Tracer {
  private readonly wire: Wire
  private readonly cluster: string
  private readonly clock: Clock
  private until = 0
  private callOff: (() => void) | undefined
  private telling = false
  /** Those of a newcomer. */
  private first: Step[] | undefined = []
  private readonly grownUp: () => void
  /** Steps of this turn, by subject. */
  private readonly turn = new Map<string, Step[]>()
  /** What was said and heard in this turn, and the bytes that it went as. */
  private readonly written = new Map<object, Uint8Array>()

  constructor(wire: Wire, cluster: string, clock: Clock) {
    this.wire = wire
    this.cluster = cluster
    this.clock = clock
    this.grownUp = clock.callAt(clock.now() + newcomerMs, () => {
      this.first = undefined
    })
  }

  /** Nothing is told any more. */
  close(): void {
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
    const steps = this.turn.get(subject)
    if (steps) steps.push(step)
    else this.turn.set(subject, [step])
  }

  /** As soon as all that has arrived with it is heard: what is put off longer is lost where the process ends. */
  private tellSoon(): void {
    if (this.telling) return
    this.telling = true
    queueMicrotask(() => this.tell())
  }

  private tell(): void {
    this.telling = false
    for (const [subject, steps] of this.turn) this.publish(subject, steps)
    this.turn.clear()
    this.written.clear()
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
