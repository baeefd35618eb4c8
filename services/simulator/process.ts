/** One process on virtual time: it has a clock of its own, may sleep, and may die at any moment. */
import type { Clock } from '../runtime/ports.ts'
import type { VirtualTime } from './time.ts'

export class SimulatedProcess implements Clock {
  private readonly time: VirtualTime
  /** How far its clock is off, ms. */
  private readonly skewMs: number
  /** What came while it slept, in order; undefined while it is awake. */
  private backlog: (() => void)[] | undefined
  private dead = false

  constructor(time: VirtualTime, skewMs = 0) {
    this.time = time
    this.skewMs = skewMs
  }

  now(): number {
    return this.time.now() + this.skewMs
  }

  callAt(at: number, call: () => void): () => void {
    let off = false
    const callOff = this.time.callAt(at - this.skewMs, () =>
      this.run(() => {
        if (!off) call()
      }),
    )
    return () => {
      off = true
      callOff()
    }
  }

  /** Something reaches it: now, or when it wakes, or never. */
  run(call: () => void): void {
    if (this.dead) return
    if (this.backlog) this.backlog.push(call)
    else call()
  }

  get lives(): boolean {
    return !this.dead
  }

  get sleeps(): boolean {
    return this.backlog !== undefined
  }

  /** SIGSTOP: what reaches it waits. */
  pause(): void {
    if (!this.dead) this.backlog ??= []
  }

  /** SIGCONT: all that waited reaches it at once. */
  resume(): void {
    const backlog = this.backlog ?? []
    this.backlog = undefined
    for (const call of backlog) this.run(call)
  }

  /** SIGKILL. */
  kill(): void {
    this.dead = true
    this.backlog = undefined
  }
}
