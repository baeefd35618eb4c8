/**
 * Runs one chart at one address: an event in, one step of the machine, its effects out in the order in which they
 * were decided. Events that come while a step is carried out wait for it.
 */
import { type AnyStateMachine, createActor } from 'xstate'
import type { Role } from '../../shared/messages.ts'
import type { Step } from '../../shared/trace.ts'
import type { Context, Effect, News } from '../../statecharts/decision.ts'
import type { Moves } from '../../statecharts/moves.ts'
import { perform } from './effects.ts'
import { Gate } from './gate.ts'
import type { Clock, Disk, HoldingsPort, Isolation, LeasePort, Post, RegistryPort } from './ports.ts'

/** What this actor has of the world. A role that asks for a port which it was not given is a bug. */
export interface Ports {
  readonly clock: Clock
  readonly post: Post
  readonly lease?: LeasePort
  readonly registry?: RegistryPort
  /** Where it keeps what it must know after a crash; without one it forgets all of it. */
  readonly disk?: Disk
  readonly holdings?: HoldingsPort
  readonly isolation?: Isolation
  /** Tells the author of a framework or of an executor. */
  readonly tell?: (news: News) => void
  readonly note: Note
  /** The actor's work is over. */
  readonly end?: (code: string, message: string) => void
  /** Something of ours is broken; without this it is thrown at whoever made the actor hear. */
  readonly broken?: (error: Error) => void
  readonly tracer?: Tracer
  readonly meter?: Meter
}

/** A line for the log, and by what people may find it. */
export type Note = (level: 'info' | 'warn' | 'error', message: string, found?: object) => void

/** The step that asked for something, as the trace counts it, and what was heard then. */
export interface Cause {
  readonly step: number
  readonly heard: string
}

/** Where steps go while somebody watches. */
export interface Tracer {
  readonly on: boolean
  step(step: Step): void
}

/** Sees how long each decision took, and where it led, where somebody keeps such figures. */
export interface Meter {
  decided(event: Event, ms: number, before: string, after: string): void
}

/** A wake may come so much later than it was asked for; what is later was held up. */
const overdueMs = 100

const noEffects: readonly Effect[] = []

export interface ActorSpec {
  readonly chart: AnyStateMachine
  readonly ledger: { readonly moves: Moves }
  readonly role: Role
  readonly id: string
}

export interface Event {
  readonly type: string
  readonly at: number
}

export class Actor {
  readonly role: Role
  readonly id: string
  private readonly ports: Ports
  private readonly machine: ReturnType<typeof createActor<AnyStateMachine>>
  private readonly outbox: Effect[]
  private readonly moves: Moves
  private readonly waiting: Event[] = []
  private readonly wakes = new Map<string, { readonly at: number; readonly callOff: () => void }>()
  /** When the next of them is due; Infinity when none is. */
  private nextWakeAt = Number.POSITIVE_INFINITY
  /** A save is durable before whatever was asked for behind it. */
  private readonly gate = new Gate()
  private busy = false
  private halted = false
  /** Its machine has come to its end: it hears nothing more, and says what is left to say. */
  private done = false
  private steps = 0
  private state: string

  constructor({ chart, ledger, role, id }: ActorSpec, ports: Ports) {
    this.role = role
    this.id = id
    this.ports = ports
    this.moves = ledger.moves
    this.machine = createActor(chart, { input: ledger })
    // Without an observer XState would throw an error of ours again, later and elsewhere; it is thrown by `step`.
    this.machine.subscribe({ error: () => {} })
    this.machine.start()
    const { context, value } = this.machine.getSnapshot() as { context: Context<unknown>; value: string }
    this.outbox = context.outbox
    this.state = value
  }

  /** The state of the chart, by name. */
  get present(): string {
    return this.state
  }

  now(): number {
    return this.ports.clock.now()
  }

  hear(event: Event): void {
    if (this.halted || this.done) return
    if (event.at > this.nextWakeAt + overdueMs) this.hearOverdue(event.at)
    this.waiting.push(event)
    if (this.busy) return
    this.busy = true
    try {
      for (let next = this.waiting.shift(); next; next = this.waiting.shift()) this.step(next)
    } catch (error) {
      this.halt()
      if (!this.ports.broken) throw error
      this.ports.broken(error as Error)
    } finally {
      this.busy = false
    }
  }

  /** Asks for one wake of this name at a moment; an earlier request for it is forgotten. */
  wakeAt(name: string, at: number): void {
    const former = this.wakes.get(name)
    former?.callOff()
    const callOff = this.ports.clock.callAt(at, () => {
      this.forgetWake(name)
      this.hear({ type: `wake.${name}`, at: this.now() })
    })
    this.wakes.set(name, { at, callOff })
    if (former?.at === this.nextWakeAt) this.findNextWake()
    else this.nextWakeAt = Math.min(this.nextWakeAt, at)
  }

  private forgetWake(name: string): void {
    this.wakes.delete(name)
    this.findNextWake()
  }

  private findNextWake(): void {
    this.nextWakeAt = Number.POSITIVE_INFINITY
    for (const { at } of this.wakes.values()) this.nextWakeAt = Math.min(this.nextWakeAt, at)
  }

  /** A process that was stopped for a while hears first how late it is: a lease that has lapsed, before any request. */
  private hearOverdue(at: number): void {
    const overdue = [...this.wakes].filter(([, wake]) => wake.at + overdueMs < at)
    overdue.sort(([, a], [, b]) => a.at - b.at)
    for (const [name, { callOff }] of overdue) {
      callOff()
      this.wakes.delete(name)
    }
    this.findNextWake()
    for (const [name] of overdue) this.hear({ type: `wake.${name}`, at })
  }

  /** Hears and says nothing more, at once: as when its process is killed. */
  halt(): void {
    this.halted = true
    this.gate.close()
    for (const { callOff } of this.wakes.values()) callOff()
    this.wakes.clear()
    this.waiting.length = 0
    this.ports.post.close()
    this.machine.stop()
  }

  private step(event: Event): void {
    const before = this.state
    const { tracer, meter } = this.ports
    this.moves.watched = tracer?.on ?? false
    const began = meter ? performance.now() : 0
    this.machine.send(event)
    const snapshot = this.machine.getSnapshot()
    if (snapshot.status === 'error') throw snapshot.error
    this.state = snapshot.value as string
    meter?.decided(event, performance.now() - began, before, this.state)
    const effects = this.outbox.length > 0 ? this.outbox.splice(0) : noEffects
    this.steps++
    if (this.moves.watched) this.trace(event, before, effects)
    const cause = { step: this.steps, heard: event.type }
    for (const effect of effects) this.carryOut(effect, cause)
    if (snapshot.status === 'done') this.finish()
  }

  private finish(): void {
    this.done = true
    this.waiting.length = 0
    this.gate.pass(() => this.halt())
  }

  private carryOut(effect: Effect, cause: Cause): void {
    const { disk } = this.ports
    if (effect.do === 'save' || effect.do === 'compact') {
      if (disk) this.write(effect, disk)
    } else this.gate.pass(() => perform(effect, this, this.ports, cause))
  }

  /** Asked for at once, so that what is saved by and by goes to the disk together; what comes behind it waits. */
  private write({ do: how, records }: Extract<Effect, { do: 'save' | 'compact' }>, disk: Disk): void {
    const open = this.gate.shut()
    disk[how === 'save' ? 'append' : 'rewrite'](records, (error) => {
      if (this.halted) return
      if (error) this.hear({ type: 'disk.failed', at: this.now(), message: error.message } as Event)
      else if (how === 'compact') this.hear({ type: 'disk.rewritten', at: this.now() })
      open()
    })
  }

  private trace(event: Event, before: string, effects: readonly Effect[]): void {
    const { role, id, steps: n, state: after } = this
    const moves = this.moves.take()
    const step: Step = { n, at: event.at, role, id, heard: { ...event }, before, after, effects }
    this.ports.tracer?.step(moves.length > 0 ? { ...step, moves } : step)
  }
}
