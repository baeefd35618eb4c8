/** What a slave holds for roles, on a virtual disk that outlives its process and its id; a crash may come before a change is safe, or after. */
import type { Holdings } from '../../shared/messages.ts'
import type { HoldEffect } from '../../statecharts/decision.ts'
import type { HoldingsPort } from '../runtime/ports.ts'
import type { SimulatedDisk } from './disk.ts'
import type { VirtualTime } from './time.ts'

export class SimulatedHoldings implements HoldingsPort {
  /** What is on each volume: the runs that have used it, in order. */
  readonly volumes = new Map<string, string[]>()
  private readonly time: VirtualTime
  private readonly disk: SimulatedDisk
  private safe: Holdings = { version: 0, reserved: [], volumes: [] }
  private pending: HoldEffect | undefined

  constructor(time: VirtualTime, disk: SimulatedDisk) {
    this.time = time
    this.disk = disk
  }

  hold(change: HoldEffect, done: (error?: Error) => void): void {
    this.pending = change
    this.time.callAt(this.time.now() + this.disk.delayMs(), () => {
      if (this.pending !== change) return
      this.pending = undefined
      if (this.disk.failure !== undefined) return done(new Error(this.disk.failure))
      this.take(change)
      done()
    })
  }

  /** Its process is killed: what was on its way is safe, or not. Returns what the next one reads. */
  crash(): Holdings {
    const { pending } = this
    this.pending = undefined
    if (pending && this.disk.failure === undefined && this.disk.keepsLast()) this.take(pending)
    return this.safe
  }

  private take({ holdings, made, destroyed }: HoldEffect): void {
    this.safe = structuredClone(holdings)
    for (const volumeId of destroyed) this.volumes.delete(volumeId)
    for (const volumeId of made) this.volumes.set(volumeId, [])
  }
}
