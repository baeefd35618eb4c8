/** A KV with a time to live, as masters need it for their lease: one value, compare-and-set, revisions that only rise. */
import type { LeaseEffect } from '../../statecharts/decision.ts'
import type { LeaseAnswered } from '../../statecharts/master/lease.ts'
import type { LeasePort } from '../runtime/ports.ts'
import type { VirtualTime } from './time.ts'

type Result = LeaseAnswered['result']

export class SimulatedLease {
  private readonly time: VirtualTime
  private readonly ttlMs: number
  private revision = 0
  private value: { readonly nonce: string; readonly revision: number; readonly writtenAt: number } | undefined

  constructor(time: VirtualTime, ttlMs: number) {
    this.time = time
    this.ttlMs = ttlMs
  }

  /** The lease as one master reaches it: each way takes a millisecond. A master that is cut off gets no answer. */
  port(reaches: () => boolean): LeasePort {
    return {
      attempt: (effect, answered) => {
        this.later(() => {
          const result: Result = reaches() ? this.attempt(effect) : { outcome: 'unknown' }
          this.later(() => answered(result))
        })
      },
    }
  }

  private attempt({ op, revision, nonce }: LeaseEffect): Result {
    const standing = this.standing()
    if (op === 'read')
      return standing
        ? { outcome: 'held', nonce: standing.nonce, revision: standing.revision }
        : { outcome: 'vacant' }
    if (op === 'create' ? standing : standing?.revision !== revision) return { outcome: 'conflict' }
    this.value =
      op === 'remove' ? undefined : { nonce, revision: this.revision + 1, writtenAt: this.time.now() }
    return { outcome: 'written', revision: ++this.revision }
  }

  private standing() {
    return this.value && this.time.now() < this.value.writtenAt + this.ttlMs ? this.value : undefined
  }

  private later(call: () => void): void {
    this.time.callAt(this.time.now() + 1, call)
  }
}
