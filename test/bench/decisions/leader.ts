/**
 * A leader's decisions alone: its chart hears messages as data and says messages as data, with neither codec nor bus.
 * Everybody else is played to it, and the registry has written at once whatever it is given.
 */
import { Actor, type Event } from '../../../services/runtime/actor.ts'
import type { Post, RegistryPort } from '../../../services/runtime/ports.ts'
import { SimulatedProcess } from '../../../services/simulator/process.ts'
import { SimulatedStore } from '../../../services/simulator/store.ts'
import { VirtualTime } from '../../../services/simulator/time.ts'
import { Chance } from '../../../services/simulator/weather.ts'
import { type MasterSettings, readMasterSettings } from '../../../shared/config.ts'
import type { Answer, AskType, Body, MessageType } from '../../../shared/messages.ts'
import type { Speaker } from '../../../shared/subjects.ts'
import type { Effect, Heard } from '../../../statecharts/decision.ts'
import { masterChart } from '../../../statecharts/master/chart.ts'
import { newMaster } from '../../../statecharts/master/ledger.ts'

export type Said = Extract<Effect, { do: 'say' }>

/** Nobody beats here, and nobody is to be given up for that; nothing is looked at but what is measured, and that at once. */
const patient = {
  slaveMissedBeats: 1000,
  slaveTimeoutSeconds: 3600,
  frameworkTimeoutSeconds: 3600,
  offerSeconds: 3600,
  sweepSeconds: 3600,
  slavesPerRun: 1e6,
}

export class Leader {
  readonly settings: MasterSettings
  private readonly time = new VirtualTime()
  private readonly actor: Actor
  private said: Said[] = []
  private answer: object | undefined
  private kept: (() => void)[] = []

  constructor(settings: Record<string, number> = {}) {
    this.settings = readMasterSettings({ ...patient, ...settings })
    const reach = { process: new SimulatedProcess(this.time), connected: () => true }
    const store = new SimulatedStore(this.time, new Chance(1), this.settings.leaseTtlSeconds * 1000)
    this.actor = new Actor(
      { chart: masterChart, ledger: newMaster('m1', 'bench', this.settings), role: 'master', id: 'm1' },
      {
        clock: this.time,
        post: this.post(),
        lease: store.lease('leader', reach),
        registry: this.registry(),
        note: () => {},
      },
    )
    this.actor.hear({ type: 'start', at: this.time.now() })
    this.time.pass(100)
    if (this.actor.present !== 'leading') throw new Error(`the leader is ${this.actor.present}`)
  }

  hear<T extends MessageType>(
    type: T,
    from: Speaker,
    body: Body<T>,
    framework?: NonNullable<Heard<T>['framework']>,
  ): void {
    const at = this.time.now()
    const heard: Event = { type, at, ...{ from, body, reply: 'bench', framework } }
    this.actor.hear(heard)
  }

  /** Throws when the leader says no. */
  ask<T extends AskType>(type: T, from: Speaker, body: Body<T>): Answer<T> {
    this.answer = undefined
    this.hear(type, from, body)
    // Some are answered only when it stands in the registry.
    if (!this.answer) this.settle()
    const answer = this.answer as { ok: true } | { ok: false; message: string } | undefined
    if (!answer?.ok) throw new Error(`${type} was refused: ${answer?.message ?? 'no answer'}`)
    return answer as unknown as Answer<T>
  }

  /** What was asked of the registry stands. */
  settle(): void {
    for (const kept of this.kept.splice(0)) kept()
  }

  /** Its window is over: what is free is offered, if it has begun to look at that. */
  decide(): void {
    this.time.pass(Math.max(1, this.settings.offerDelayMs))
  }

  /** Every slave is looked at, whatever has changed: as the leader itself does now and then. */
  decideAll(): void {
    this.actor.hear({ type: 'wake.sweep', at: this.time.now() })
    this.decide()
  }

  /** What it has said since this was last asked for. */
  take(): Said[] {
    const { said } = this
    this.said = []
    return said
  }

  private post(): Post {
    return {
      say: (effect) => void this.said.push(effect),
      // There is no other master.
      ask: (_effect, answered) => answered({ ok: false, code: 'no-responders', message: 'nobody' }),
      reply: (_to, answer) => {
        this.answer = answer
      },
      listen: () => {},
      unlisten: () => {},
      close: () => {},
    }
  }

  private registry(): RegistryPort {
    return {
      load: (_epoch, loaded) => loaded({ entries: [] }),
      keep: (_epoch, _key, _entry, kept) => void this.kept.push(kept),
    }
  }
}
