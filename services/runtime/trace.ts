/**
 * The trace: while somebody renews his watch, each step is published on its actor's trace subject. With nobody
 * watching, a step costs one look at a boolean.
 */
import { encode } from '../../shared/codec.ts'
import type { Body } from '../../shared/messages.ts'
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

  step(step: Step): void {
    try {
      this.wire.publish(traceSubject(this.cluster, step.role, step.id), encode(step))
    } catch {
      // A watcher must not disturb: a step that cannot be told is a gap in the count `n`, which he sees.
    }
  }
}
