/**
 * A KV on virtual time, as masters and schedulers need it: compare-and-set, revisions that only rise, values that may
 * live for a time only. It may refuse to answer, write without saying so, and lose all that it holds.
 */
import type { LeaseEffect } from '../../statecharts/decision.ts'
import type { LeaseAnswered } from '../../statecharts/lease.ts'
import type { LeasePort, RegistryPort } from '../runtime/ports.ts'
import type { SimulatedProcess } from './process.ts'
import type { VirtualTime } from './time.ts'
import type { Chance } from './weather.ts'

type Result = LeaseAnswered['result']

interface Value {
  readonly value: {
    readonly epoch?: number
    readonly nonce?: string
    readonly floor?: number
    readonly entry?: object
  }
  readonly revision: number
  readonly writtenAt: number
}

/** How a process reaches the store. */
export interface Reach {
  readonly process: SimulatedProcess
  readonly connected: () => boolean
}

export class SimulatedStore {
  /** Without a quorum nothing is written, and nothing is read. */
  hasQuorum = true
  /** Of a thousand writes so many stand though nobody is told. */
  lostAnswersPerMille = 0
  /** How often all that it held was lost. */
  losses = 0
  private readonly time: VirtualTime
  private readonly chance: Chance
  private readonly ttlMs: number
  private readonly values = new Map<string, Value>()
  /** Of the last write. */
  revision = 0

  constructor(time: VirtualTime, chance: Chance, ttlMs: number) {
    this.time = time
    this.chance = chance
    this.ttlMs = ttlMs
  }

  /** As when a server comes back with an empty disk: revisions begin anew. */
  lose(): void {
    this.losses++
    this.values.clear()
    this.revision = 0
  }

  /** A lease as one process reaches it. */
  lease(key: string, { process, connected }: Reach): LeasePort {
    return {
      attempt: (effect, answered) =>
        this.ask(process, connected, () => this.attempt(key, effect), answered, { outcome: 'unknown' }),
    }
  }

  /** The registry, read and written until it answers. */
  registry(reach: Reach): RegistryPort {
    return {
      load: (epoch, loaded) => this.load(reach, epoch, loaded),
      keep: (epoch, key, entry, kept) => this.keep(reach, epoch, key, entry, kept),
    }
  }

  private load(reach: Reach, epoch: number, loaded: Parameters<RegistryPort['load']>[1]): void {
    const read = () => {
      const before = this.values.get('reign')
      const laterReign = before?.value.epoch ?? 0
      if (laterReign > epoch) return { entries: [], laterReign }
      this.write('reign', { epoch })
      const entries = [...this.values]
        .filter(([key]) => key !== 'reign')
        .sort(([, a], [, b]) => a.revision - b.revision)
        .map(([key, { value, writtenAt, revision }]) => ({
          key,
          late: (value.epoch ?? 0) < (before?.value.epoch ?? 0) && revision > (before?.revision ?? 0),
          entry: value.entry ?? {},
          agoMs: this.time.now() - writtenAt,
        }))
      return { entries }
    }
    this.until(reach, read, loaded)
  }

  private keep(reach: Reach, epoch: number, key: string, entry: object | undefined, kept: () => void): void {
    const write = () => {
      if ((this.values.get(key)?.value.epoch ?? 0) > epoch) return 'fenced'
      if (entry) this.write(key, { epoch, entry })
      else this.values.delete(key)
      return 'kept'
    }
    this.until(reach, write, (outcome) => {
      if (outcome === 'kept') kept()
    })
  }

  private until<Answer extends object | string>(
    reach: Reach,
    call: () => Answer,
    answered: (answer: Answer) => void,
  ): void {
    const { process, connected } = reach
    const again = () => process.callAt(process.now() + 500, () => this.until(reach, call, answered))
    this.ask<Answer | undefined>(
      process,
      connected,
      call,
      (answer) => (answer === undefined ? again() : answered(answer)),
      undefined,
    )
  }

  /** Each way takes a millisecond. Whoever is cut off gets no answer, and neither does anybody without a quorum. */
  private ask<Answer>(
    process: SimulatedProcess,
    connected: () => boolean,
    call: () => Answer,
    answered: (answer: Answer) => void,
    unanswered: Answer,
  ): void {
    this.time.callAt(this.time.now() + 1, () => {
      const reached = connected() && this.hasQuorum
      const answer = reached ? call() : unanswered
      const told = this.chance.happens(this.lostAnswersPerMille) ? unanswered : answer
      process.callAt(process.now() + 1, () => answered(told))
    })
  }

  private attempt(key: string, { op, revision, nonce, floor }: LeaseEffect): Result {
    const standing = this.standing(key)
    if (op === 'read') return standing ? held(standing) : { outcome: 'vacant' }
    if (op === 'create' ? standing : standing?.revision !== revision) return { outcome: 'conflict' }
    if (op !== 'remove') return { outcome: 'written', revision: this.write(key, { nonce, floor }) }
    this.values.delete(key)
    return { outcome: 'written', revision: ++this.revision }
  }

  private standing(key: string): Value | undefined {
    const value = this.values.get(key)
    return value && this.time.now() < value.writtenAt + this.ttlMs ? value : undefined
  }

  private write(key: string, value: Value['value']): number {
    this.values.set(key, { value, revision: ++this.revision, writtenAt: this.time.now() })
    return this.revision
  }
}

const held = ({ value: { nonce = '', floor = 0 }, revision }: Value): Result => ({
  outcome: 'held',
  nonce,
  revision,
  floor,
})
