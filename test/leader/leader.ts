/**
 * A leading master without anything around it: its chart hears what a test says, and a test reads what it decided and
 * what it asks for. Time passes when the test says so, and wakes come then.
 */
import { createActor } from 'xstate'
import { type MasterSettings, readMasterSettings } from '../../shared/config.ts'
import type { FrameworkId, OfferId, SlaveId } from '../../shared/ids.ts'
import type {
  Answer,
  AskType,
  Body,
  Offer,
  RoleWish,
  SayType,
  Role as Speaking,
} from '../../shared/messages.ts'
import { none, type Resources } from '../../shared/resources.ts'
import type { Task, TaskState } from '../../shared/tasks.ts'
import type { Effect, Say } from '../../statecharts/decision.ts'
import type { Policies } from '../../statecharts/master/allocator/allocator.ts'
import { type MasterEvent, masterChart } from '../../statecharts/master/chart.ts'
import { type Master, newMaster } from '../../statecharts/master/ledger.ts'

type Answered<T extends AskType> = ({ ok: true } & Answer<T>) | { ok: false; code: string; message: string }

/** Nobody beats here, and nobody is to be given up for that. */
const patient = {
  slaveTimeoutSeconds: 3600,
  slaveMissedBeats: 1000,
  frameworkTimeoutSeconds: 3600,
  offerSeconds: 86400,
}

export const amount = (cpus: number, mem = 0, disk = 0): Resources => ({
  ...none,
  cpuMilli: cpus * 1000,
  memMb: mem,
  diskMb: disk,
})

export class Leader {
  readonly master: Master
  /** What it said since this was last emptied. */
  readonly said: Say[] = []
  /** What slaves do that are asked to hold something for a role. */
  holds: (slave: string) => Answered<'holdings.set'> | undefined = () => ({ ok: true })
  at = 1_000_000
  private readonly actor
  private readonly wakes = new Map<string, number>()
  private readonly answers = new Map<string, unknown>()
  private asked = 0
  private tasks = 0

  constructor(
    settings: Record<string, number> = {},
    more: Partial<Pick<MasterSettings, 'policy' | 'weights' | 'spread' | 'revokeFor'>> = {},
    policies: Policies = {},
  ) {
    this.master = newMaster('M', 'nonce', readMasterSettings({ ...patient, ...settings }, more), policies)
    this.actor = createActor(masterChart, { input: this.master }).start()
    this.send({ type: 'start', at: this.at })
  }

  /** Asks as somebody would who has permission to; the answer is there at once unless a slave or the store is waited for. */
  ask<T extends AskType>(type: T, from: Speaking, id: string, body: Body<T>): Answered<T> {
    const reply = `${++this.asked}`
    this.send({ type, at: this.at, from: { role: from, id }, reply, body } as unknown as MasterEvent)
    return this.answers.get(reply) as Answered<T>
  }

  /** The same, when it must be a yes. */
  demand<T extends AskType>(type: T, from: Speaking, id: string, body: Body<T>): { ok: true } & Answer<T> {
    const answer = this.ask(type, from, id, body)
    if (!answer?.ok) throw new Error(`${type}: ${JSON.stringify(answer)}`)
    return answer as { ok: true } & Answer<T>
  }

  say<T extends SayType>(type: T, from: Speaking, id: string, body: Body<T>, more: object = {}): void {
    this.send({ type, at: this.at, from: { role: from, id }, body, ...more } as unknown as MasterEvent)
  }

  addSlave(name: string, resources: Resources, more: Partial<Body<'slave.register'>> = {}): SlaveId {
    const { slaveId } = this.demand('slave.register', 'slave', name, {
      heardEpoch: 0,
      incarnation: name,
      resources,
      attributes: {},
      isolation: 'process',
      tasks: [],
      executors: [],
      seq: 0,
      ...more,
    })
    this.say('slave.beat', 'slave', name, { slaveId, incarnation: name, digest: 0, unacked: 0 })
    return slaveId
  }

  addFramework(
    name: string,
    roles: readonly (string | RoleWish)[] = [name],
    more: Partial<Body<'framework.subscribe'>> = {},
  ): FrameworkId {
    const { frameworkId } = this.demand('framework.subscribe', 'scheduler', name, {
      name,
      instance: name,
      failoverSeconds: 1000,
      roles: roles.map((role) => (typeof role === 'string' ? { role, suppressed: false } : role)),
      ...more,
    })
    this.demand('framework.beat', 'scheduler', name, { frameworkId, instance: name })
    return frameworkId
  }

  /** Takes so much of an offer for one task, which runs at once; its id. Throws when the leader says no. */
  launch(offer: { offerId: OfferId; name: string }, resources: Resources, more: Partial<Task> = {}): string {
    const framework = this.frameworkNamed(offer.name)
    const taskId = `t${++this.tasks}` as Task['taskId']
    const command = { argv: ['true'] }
    const { slaveId } = this.demand('offer.accept', 'scheduler', offer.name, {
      frameworkId: framework.frameworkId,
      offerIds: [offer.offerId],
      tasks: [{ taskId, resources, command, ...more }],
      refuseSeconds: 0,
    })
    this.tell(offer.name, slaveId, taskId, 'running')
    return taskId
  }

  decline(offer: { offerId: OfferId; name: string }, refuseSeconds: number): Answered<'offer.decline'> {
    const { frameworkId } = this.frameworkNamed(offer.name)
    const body = { frameworkId, offerIds: [offer.offerId], refuseSeconds }
    return this.ask('offer.decline', 'scheduler', offer.name, body)
  }

  /** A slave tells what became of a task. */
  tell(name: string, slaveId: SlaveId, taskId: string, state: TaskState): void {
    const { frameworkId, principal } = this.frameworkNamed(name)
    const status = {
      frameworkId,
      slaveId,
      taskId: taskId as Task['taskId'],
      state,
      seq: 1,
      acked: 0,
      at: this.at,
    }
    this.say('status.update', 'slave', '', { updates: [status] }, { framework: { principal, frameworkId } })
  }

  /** A task of the framework ends. */
  end(name: string, taskId: string): void {
    const task = this.frameworkNamed(name).tasks.get(taskId as Task['taskId'])
    if (task) this.tell(name, task.slave.slaveId, taskId, 'finished')
  }

  /** Tasks that it has ordered to stop end; which. */
  endStopped(): string[] {
    const stopped = [...this.master.frameworks.values()].flatMap(({ name, tasks }) =>
      [...tasks.values()].filter(({ state }) => state === 'killing').map((task) => ({ name, task })),
    )
    for (const { name, task } of stopped) this.tell(name, task.slave.slaveId, task.taskId, 'killed')
    return stopped.map(({ task }) => task.taskId)
  }

  /** Lets time pass; whatever is woken meanwhile is. */
  pass(seconds: number): void {
    const until = this.at + seconds * 1000
    for (;;) {
      const [next] = [...this.wakes].filter(([, at]) => at <= until).sort(([, a], [, b]) => a - b)
      if (!next) break
      const [name, at] = next
      this.wakes.delete(name)
      this.at = Math.max(this.at, at)
      this.send({ type: `wake.${name}`, at: this.at } as MasterEvent)
    }
    this.at = until
  }

  /** The offers that stand, as `framework slave`, in the order in which they were made. */
  get standing(): { offerId: OfferId; name: string; slave: string; resources: Resources; said?: Offer }[] {
    return [...this.master.offers.values()].map(({ offerId, claim, slave, resources }) => ({
      offerId,
      name: claim.framework.name,
      slave: slave.name,
      resources,
    }))
  }

  frameworkNamed(name: string) {
    const framework = [...this.master.frameworks.values()].find((each) => each.name === name)
    if (!framework) throw new Error(`there is no framework ${name}`)
    return framework
  }

  private send(event: MasterEvent): void {
    this.actor.send(event)
    const { outbox } = this.actor.getSnapshot().context
    for (const effect of outbox.splice(0)) this.carryOut(effect)
  }

  private carryOut(effect: Effect): void {
    const { at } = this
    if (effect.do === 'say') this.said.push(effect)
    if (effect.do === 'reply') this.answers.set(effect.to, effect.answer)
    if (effect.do === 'wake') this.wakes.set(effect.name, Math.max(at, effect.at))
    if (effect.do === 'lease') {
      const result = effect.op === 'read' ? { outcome: 'vacant' } : { outcome: 'written', revision: 1 }
      const { op, sentAt, floor } = effect
      this.send({ type: 'lease.answered', at, op, sentAt, floor, result } as MasterEvent)
    }
    if (effect.do === 'load')
      this.send({
        type: 'registry.loaded',
        at,
        epoch: effect.epoch,
        entries: [{ key: 'settled', entry: {}, agoMs: 0, late: false }],
      })
    if (effect.do === 'keep') this.send({ type: 'registry.kept', at, epoch: effect.epoch, key: effect.key })
    if (effect.do === 'ask' && effect.type === 'holdings.set') {
      const [slaveId] = effect.ref.split(' ')
      const answer = this.holds(this.master.slaves.get(slaveId as SlaveId)?.name ?? '')
      if (answer) this.send({ type: 'answer.holdings.set', at, ref: effect.ref, answer } as MasterEvent)
    }
  }
}
