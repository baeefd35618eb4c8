/**
 * The trace: while somebody renews his watch, each step is published on its actor's trace subject, those of one turn
 * together. With nobody watching, a step costs one look at a boolean.
 */
import { encode } from '../../shared/codec.ts'
import type { Body } from '../../shared/messages.ts'
import { maxBodyBytes } from '../../shared/split.ts'
import { traceSubject } from '../../shared/subjects.ts'
import type { Step } from '../../shared/trace.ts'
import type { Tracer } from './actor.ts'
import type { Clock, Wire } from './ports.ts'

export class BusTracer implements Tracer {
  private readonly wire: Wire
  private readonly cluster: string
  private readonly clock: Clock
  private until = 0
  private callOff: (() => void) | undefined
  /** Steps of this turn, by subject. */
  private readonly turn = new Map<string, Step[]>()

  constructor(wire: Wire, cluster: string, clock: Clock) {
    this.wire = wire
    this.cluster = cluster
    this.clock = clock
  }

  get on(): boolean {
    return this.callOff !== undefined
  }

  /** Somebody watches, for so long from now. */
  watch({ seconds }: Body<'watch.renew'>): void {
    this.until = Math.max(this.until, this.clock.now() + seconds * 1000)
    this.callOff?.()
    this.callOff = this.clock.callAt(this.until, () => {
      this.callOff = undefined
    })
  }

  /** A step is never changed after it was taken: it may be written down later. */
  step(step: Step): void {
    const subject = traceSubject(this.cluster, step.role, step.id)
    // As soon as all that has arrived with it is heard: what is put off longer is lost where the process ends.
    if (this.turn.size === 0) queueMicrotask(() => this.tell())
    const steps = this.turn.get(subject)
    if (steps) steps.push(step)
    else this.turn.set(subject, [step])
  }

  private tell(): void {
    for (const [subject, steps] of this.turn) this.publish(subject, steps)
    this.turn.clear()
  }

  /** What is too long for one message goes in several; of a single step that is, nothing can be told. */
  private publish(subject: string, steps: readonly Step[]): void {
    const bytes = encode({ steps })
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
