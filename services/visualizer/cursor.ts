/** Where a page stands in time: with what happens, or at some step, or moving from step to step. */
import type { World } from './chronicle/world.ts'
import type { Clock, Sought } from './language.ts'
import type { Moment } from './moment.ts'
import type { Source } from './sources/source.ts'

/** The rate of steps is counted over, ms. */
const rateMs = 1000

export class Cursor {
  readonly #source: Source
  readonly #changed: () => void
  #position: number | 'now' = 'now'
  /** A world of its own, once it has left the present. */
  #world: World | undefined
  #speed = 0
  /** When it was last moved by the speed, and to which time. */
  #movedAt = 0
  #reached = 0
  #counted = { at: 0, length: 0, perSecond: 0 }
  #openedAtBroken = false

  constructor(source: Source, changed: () => void) {
    this.#source = source
    this.#changed = changed
    source.onChange(() => this.#noteSource())
    this.#noteSource()
  }

  /** Whether time passes for it though nothing happens. */
  get isMoving(): boolean {
    return this.#speed > 0 || this.#counted.perSecond > 0
  }

  goTo(position: number | 'now'): void {
    this.#speed = 0
    this.#position = position === 'now' ? 'now' : this.#within(Math.round(position))
  }

  walk(by: number): void {
    this.goTo(this.#at() + by)
  }

  /** From the present on there is nothing to play: it is what happens. */
  play(speed: number): void {
    if (this.#position === 'now' && speed > 0 && !this.#source.hello.source.live)
      this.#position = this.#first()
    if (this.#position === 'now') return
    this.#speed = speed
    this.#movedAt = performance.now()
    this.#reached = this.#source.chronicle.time(Math.max(0, this.#position))
  }

  seek(what: Sought, back: boolean): void {
    const found = this.#find(what, back ? -1 : 1)
    if (found !== undefined) this.goTo(found)
  }

  stop(): void {
    this.#speed = 0
    this.#world = undefined
  }

  /** What there is to be seen from here. */
  moment(): Moment {
    this.#passTime()
    const { chronicle, roles, policy } = this.#source
    const position = this.#at()
    const shared = { chronicle, position, at: chronicle.time(Math.max(0, position)), roles, policy }
    if (this.#position === 'now') {
      this.#world = undefined
      return { ...shared, world: chronicle.head }
    }
    this.#world ??= chronicle.head.copy()
    this.#world.goTo(position)
    return { ...shared, world: this.#world }
  }

  clock(slow: boolean, hurriedAbove: number): Clock {
    const { chronicle, trouble, read } = this.#source
    const position = this.#at()
    const perSecond = this.#rate()
    return {
      position,
      at: chronicle.time(Math.max(0, position)),
      now: this.#position === 'now',
      speed: this.#speed,
      first: this.#first(),
      last: chronicle.last,
      from: chronicle.time(this.#first()),
      to: chronicle.time(Math.max(0, chronicle.last)),
      perSecond,
      hurried: this.#position === 'now' && (slow || perSecond > hurriedAbove),
      ...(read !== undefined && { read }),
      missed: chronicle.missed,
      refused: chronicle.refused,
      broken: chronicle.broken,
      ...(trouble !== undefined && { trouble }),
    }
  }

  /** A recording in which a promise was broken is opened there. */
  #noteSource(): void {
    const { hello, read, chronicle } = this.#source
    const [broken] = chronicle.broken
    if (
      !hello.source.live &&
      read === undefined &&
      broken &&
      this.#position === 'now' &&
      !this.#openedAtBroken
    ) {
      this.#openedAtBroken = true
      this.goTo(broken.position)
    }
    this.#changed()
  }

  #first(): number {
    return this.#source.chronicle.first
  }

  #at(): number {
    return this.#position === 'now' ? this.#source.chronicle.last : this.#within(this.#position)
  }

  #within(position: number): number {
    return Math.max(this.#first(), Math.min(position, this.#source.chronicle.last))
  }

  #passTime(): void {
    if (this.#speed === 0 || this.#position === 'now') return
    const { chronicle } = this.#source
    const now = performance.now()
    this.#reached += (now - this.#movedAt) * this.#speed
    this.#movedAt = now
    // Clocks of different machines differ: steps are gone by one after the other, whatever their times.
    let position = this.#at()
    while (position < chronicle.last && chronicle.time(position + 1) <= this.#reached) position++
    this.#position = position
    if (position >= chronicle.last) this.#speed = 0
  }

  #find(what: Sought, way: 1 | -1): number | undefined {
    const { chronicle } = this.#source
    const at = this.#at()
    if (what === 'broken') {
      const positions = chronicle.broken.map(({ position }) => position)
      return way > 0 ? positions.find((each) => each > at) : positions.findLast((each) => each < at)
    }
    if (what === 'lost') return this.#findLost(at, way)
    const isIt = (position: number) =>
      what === 'refused' ? chronicle.isRefused(position) : chronicle.isAfterGap(position)
    for (let position = at + way; position >= this.#first() && position <= chronicle.last; position += way)
      if (isIt(position)) return position
    return undefined
  }

  /** The step that said what nobody has heard. */
  #findLost(at: number, way: 1 | -1): number | undefined {
    const { chronicle } = this.#source
    const { messages } = chronicle
    let nearest: number | undefined
    for (let index = 0; index < messages.count; index++) {
      const said = messages.saidIn(index)
      if (said === undefined || said < this.#first() || (said - at) * way <= 0) continue
      if (!chronicle.isLost(index)) continue
      if (nearest === undefined || (said - nearest) * way < 0) nearest = said
    }
    return nearest
  }

  #rate(): number {
    const now = performance.now()
    const { length } = this.#source.chronicle
    if (now - this.#counted.at >= rateMs) {
      const seconds = (now - this.#counted.at) / 1000
      const perSecond = Math.round((length - this.#counted.length) / seconds)
      this.#counted = { at: now, length, perSecond: this.#counted.at === 0 ? 0 : perSecond }
    }
    return this.#counted.perSecond
  }
}
