/** A slave's disk on virtual time: what is appended is safe a little later, and a crash may keep some of what was not. */
import type { Disk } from '../runtime/ports.ts'
import type { VirtualTime } from './time.ts'
import type { Chance } from './weather.ts'

type Write = {
  readonly records: readonly object[]
  readonly anew: boolean
  readonly done: (error?: Error) => void
}

export class SimulatedDisk implements Disk {
  /** Why it takes nothing for now. */
  failure: string | undefined
  private readonly time: VirtualTime
  private readonly chance: Chance
  /** How long it may take until something is safe, ms. */
  private readonly slowestMs: () => number
  private safe: object[] = []
  private pending: Write[] = []
  private unwell = false
  /** Whether anything that it was given was ever lost. */
  hasFailed = false

  constructor(time: VirtualTime, chance: Chance, slowestMs: () => number) {
    this.time = time
    this.chance = chance
    this.slowestMs = slowestMs
  }

  append(records: readonly object[], done: (error?: Error) => void): void {
    this.write({ records, anew: false, done })
  }

  rewrite(records: readonly object[], done: (error?: Error) => void): void {
    this.write({ records, anew: true, done })
  }

  /** Its process is killed: what was not safe may be there in part, from its beginning. Returns what the next one reads. */
  crash(): readonly object[] {
    const kept = this.chance.between(0, this.pending.length)
    for (const write of this.pending.slice(0, kept)) if (!this.unwell) this.take(write)
    this.pending = []
    this.unwell = false
    return [...this.safe]
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** How long it takes this time until something is safe. */
  delayMs(): number {
    return this.chance.between(0, Math.floor(this.slowestMs()))
  }

  /** Whether what was on its way when its process was killed is there all the same. */
  keepsLast(): boolean {
    return this.chance.happens(500)
  }

  private write(write: Write): void {
    this.pending.push(write)
    const { pending } = this
    this.time.callAt(this.time.now() + this.delayMs(), () => {
      if (this.pending === pending) this.settle(write)
    })
  }

  /** All up to this write is done, in order. */
  private settle(write: Write): void {
    const due = this.pending.splice(0, this.pending.indexOf(write) + 1)
    for (const each of due) {
      if (this.failure !== undefined || (this.unwell && !each.anew)) {
        this.unwell = true
        this.hasFailed = true
        each.done(new Error(this.failure ?? 'an earlier write had failed'))
      } else {
        this.unwell = false
        this.take(each)
        each.done()
      }
    }
  }

  private take({ records, anew }: Write): void {
    // As bytes would: what is changed later in the books is not changed on the disk.
    const copies = records.map((record) => structuredClone(record))
    if (anew) this.safe = copies
    else this.safe.push(...copies)
  }
}
