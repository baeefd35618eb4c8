/**
 * Delay scheduling: work waits a little for a slave near its data, and goes farther away only when none came in time.
 * A short wait is nearly always enough, because slaves become free all the time (Zaharia et al., EuroSys 2010,
 * section 3.2; Hindman et al., NSDI 2011, section 6.3).
 *
 *     const near = [{ slaves: ['node-1'] }, { attributes: { rack: 'r1' } }]
 *     const patience = new Patience([5, 10]) // 5 s for the slave, then 10 s for the rack, then anywhere
 *     const level = levelOf(offer, near)
 *     if (patience.allows(level, Date.now()) && offer.add(task)) patience.noteLaunched(level)
 */
import { type AttributeRules, type Attributes, unmetRule } from '../../shared/attributes.ts'

/** Where something may run: an offer is one. */
export interface Place {
  readonly slaveName: string
  readonly attributes: Attributes
}
/** A place near enough for one level: one of these slaves, and with such attributes. */
export interface Preference {
  readonly slaves?: readonly string[]
  readonly attributes?: AttributeRules
}

/** How far a place is from what is preferred: 0 for the nearest; as many as there are preferences for anywhere. */
export function levelOf({ slaveName, attributes }: Place, nearestFirst: readonly Preference[]): number {
  const level = nearestFirst.findIndex(
    (near) =>
      (near.slaves?.includes(slaveName) ?? true) &&
      !(near.attributes && unmetRule(attributes, near.attributes)),
  )
  return level < 0 ? nearestFirst.length : level
}

/**
 * How far away a job may launch by now. It waits at each level for the seconds given for it, counted from the first
 * time that it let something farther go by; a launch resets the wait, and it goes on from the level of that launch, so
 * that one near launch makes it wait for near ones again. One for each job, or for each group of alike tasks.
 */
export class Patience {
  private readonly waitSeconds: readonly number[]
  private level = 0
  /** Since when it lets things go by at this level, ms; undefined: nothing went by. */
  private since: number | undefined

  constructor(waitSeconds: readonly number[]) {
    this.waitSeconds = waitSeconds
  }

  /** Whether to launch there, `now` being any clock in ms. A no begins the wait: ask only while there is work. */
  allows(level: number, now: number): boolean {
    if (level > this.level) this.since ??= now
    for (let wait = this.waitMs; this.since !== undefined && now - this.since >= wait; wait = this.waitMs) {
      this.since += wait
      this.level++
    }
    return level <= this.level
  }

  noteLaunched(level: number): void {
    this.level = Math.min(level, this.waitSeconds.length)
    this.since = undefined
  }

  /** At the last level everything goes: there is nothing to wait for. */
  private get waitMs(): number {
    return (this.waitSeconds[this.level] ?? Number.POSITIVE_INFINITY) * 1000
  }
}
