/**
 * A master without a bus: its actor hears bytes and says bytes, and everybody else is played to it. Its CPU time is
 * counted apart from theirs, and beside that of the codec alone for the very same messages.
 */
import { Actor } from '../../../services/runtime/actor.ts'
import type { BusMessage, Wire } from '../../../services/runtime/ports.ts'
import { WirePost } from '../../../services/runtime/post.ts'
import { SimulatedProcess } from '../../../services/simulator/process.ts'
import { SimulatedStore } from '../../../services/simulator/store.ts'
import { VirtualTime } from '../../../services/simulator/time.ts'
import { Chance } from '../../../services/simulator/weather.ts'
import { decode, encode, unpack, warmUp } from '../../../shared/codec.ts'
import { readMasterSettings } from '../../../shared/config.ts'
import type { FrameworkId, OfferId, SlaveId, TaskId } from '../../../shared/ids.ts'
import type { Body, MessageType, Offer } from '../../../shared/messages.ts'
import type { Resources } from '../../../shared/resources.ts'
import { parseSubject, type Speaker, subject } from '../../../shared/subjects.ts'
import type { Status, TaskState } from '../../../shared/tasks.ts'
import { masterChart } from '../../../statecharts/master/chart.ts'
import { newMaster } from '../../../statecharts/master/ledger.ts'
import { serve } from './serve.ts'

export interface Question {
  readonly slaves: number
  readonly frameworks: number
  /** Tasks that end within one window: what they free is offered together. */
  readonly together: number
  readonly lifecycles: number
}
/** CPU time of one lifecycle, us; and what was said in it. */
export interface Answer {
  readonly masterUs: number
  readonly codecUs: number
  readonly messages: number
}

const cluster = 'bench'
const slaveHas: Resources = {
  cpuMilli: 4000,
  memMb: 8192,
  diskMb: 100_000,
  gpus: 0,
  ports: [[31000, 32000]],
}
/** One task fills a slave: what ends is what is offered. */
const taskNeeds: Resources = { cpuMilli: 4000, memMb: 8192, diskMb: 100_000, gpus: 0 }
/** Nobody beats here, and nobody is to be given up for that. */
const patient = { slaveTimeoutSeconds: 3600, frameworkTimeoutSeconds: 3600, offerSeconds: 3600 }

interface Message {
  readonly subject: string
  readonly payload: Uint8Array
}
interface Heard extends Message {
  readonly type: MessageType
}
interface Task {
  readonly status: Status
  readonly principal: string
}

class World {
  readonly #time = new VirtualTime()
  readonly #said: Message[] = []
  readonly #heard: Heard[] = []
  readonly #hearers = new Map<string, (message: BusMessage) => void>()
  readonly #settings = readMasterSettings(patient)
  readonly #running: Task[] = []
  #cpuUs = 0
  #named = 0

  constructor({ slaves, frameworks }: Question) {
    const actor = this.#master()
    actor.hear({ type: 'start', at: this.#time.now() })
    this.#time.pass(100)
    for (let i = 0; i < frameworks; i++) this.#addFramework(`framework-${i}`)
    for (let i = 0; i < slaves; i++) this.#addSlave(`slave-${i}`)
    this.#launchOnOffers()
  }

  /** The tasks that have run longest end; what they held is offered, taken, and runs something new. */
  lifecycles(together: number): Answer {
    this.#said.length = 0
    this.#heard.length = 0
    this.#cpuUs = 0
    this.#tell(this.#running.splice(0, together), 'finished', 2)
    this.#launchOnOffers()
    const messages = this.#said.length + this.#heard.length
    return {
      masterUs: this.#cpuUs / together,
      codecUs: this.#codecUs() / together,
      messages: messages / together,
    }
  }

  #launchOnOffers(): void {
    const before = this.#said.length
    this.#count(() => this.#time.pass(this.#settings.offerDelayMs))
    const accepts = this.#accepts(this.#said.slice(before))
    this.#hear(accepts.map(({ accept }) => accept))
    const launched = accepts.map(({ task }) => task)
    this.#tell(launched, 'running', 1)
    this.#running.push(...launched)
  }

  /** Each offer is taken by its framework for one task, in the order of the offers: tasks that end together are of many frameworks. */
  #accepts(said: readonly Message[]): { accept: Heard; task: Task }[] {
    const offered = said.flatMap(({ subject: where, payload }) => {
      const envelope = parseSubject(cluster, 'scheduler', where)
      if (typeof envelope === 'string' || envelope.type !== 'offer.make' || !envelope.framework) return []
      const { offers } = unpack(payload) as unknown as Body<'offer.make'>
      const { framework } = envelope
      return offers.map((offer) => ({ framework, offer }))
    })
    offered.sort((a, b) => countOf(a.offer) - countOf(b.offer))
    return offered.map(({ framework, offer }) => this.#accept(framework, offer))
  }

  #accept({ principal, frameworkId }: Whose, { offerId, slaveId }: Offer): { accept: Heard; task: Task } {
    const taskId = `task-${this.#named++}` as TaskId
    const offerIds: OfferId[] = [offerId]
    const tasks = [{ taskId, resources: taskNeeds, command: { argv: ['/bin/true'] } }]
    const speaker: Speaker = { role: 'scheduler', id: principal }
    const accept = toMaster('offer.accept', speaker, { frameworkId, offerIds, tasks, refuseSeconds: 0 })
    const status: Status = { frameworkId, taskId, slaveId, state: 'staging', seq: 0, acked: 0, at: 0 }
    return { accept, task: { status, principal } }
  }

  #tell(tasks: readonly Task[], state: TaskState, seq: number): void {
    const at = this.#time.now()
    const exit = state === 'finished' ? { exitCode: 0 } : {}
    const words = tasks.map(({ status, principal }): Heard => {
      const { frameworkId } = status
      const update: Status = { ...status, state, seq, acked: seq - 1, at, ...exit }
      const where = subject(
        cluster,
        'status.update',
        { role: 'slave', id: '' },
        { role: 'scheduler', principal, frameworkId },
      )
      return { type: 'status.update', subject: where, payload: encode({ updates: [update] }) }
    })
    this.#hear(words)
  }

  #addFramework(principal: string): void {
    const speaker: Speaker = { role: 'scheduler', id: principal }
    const roles = [{ role: principal, suppressed: false }]
    const subscription = { name: principal, roles, instance: principal, failoverSeconds: 600 }
    const { frameworkId } = this.#ask('framework.subscribe', speaker, subscription)
    this.#ask('framework.beat', speaker, { frameworkId: frameworkId as FrameworkId, instance: principal })
  }

  #addSlave(name: string): void {
    const speaker: Speaker = { role: 'slave', id: name }
    const { slaveId } = this.#ask('slave.register', speaker, {
      heardEpoch: 0,
      incarnation: name,
      resources: slaveHas,
      attributes: { rack: 'r1', zone: 'a' },
      isolation: 'process',
      tasks: [],
      executors: [],
      seq: 0,
    })
    this.#hear([
      toMaster('slave.beat', speaker, {
        slaveId: slaveId as SlaveId,
        incarnation: name,
        digest: 0,
        unacked: 0,
      }),
    ])
  }

  #ask<T extends MessageType>(type: T, speaker: Speaker, body: Body<T>): Record<string, unknown> {
    this.#hear([toMaster(type, speaker, body)])
    return unpack(this.#said.at(-1)?.payload ?? new Uint8Array()) ?? {}
  }

  #hear(messages: readonly Heard[]): void {
    this.#heard.push(...messages)
    const master = this.#hearers.get(`proffer.${cluster}.master.>`)
    const news = this.#hearers.get(`proffer.${cluster}.framework.*.*.status.update`)
    this.#count(() => {
      for (const { type, subject: where, payload } of messages) {
        if (type === 'status.update') news?.({ subject: where, payload })
        else master?.({ subject: where, payload, replyTo: '_INBOX.bench.1' })
      }
    })
  }

  /** What the codec alone costs for all that was heard and said. */
  #codecUs(): number {
    const bodies = this.#said.map(({ payload }) => unpack(payload) ?? {})
    return cpuUs(() => {
      for (const { type, payload } of this.#heard) decode(type, payload)
      for (const body of bodies) encode(body)
    })
  }

  #count(does: () => void): void {
    this.#cpuUs += cpuUs(does)
  }

  #master(): Actor {
    const { settings, wire } = { settings: this.#settings, wire: this.#wire() }
    const now = () => this.#time.now()
    const post = new WirePost({
      wire,
      cluster,
      speaker: { role: 'master', id: '' },
      now,
      hear: (event) => actor.hear(event),
      note: () => {},
    })
    const store = new SimulatedStore(this.#time, new Chance(1), settings.leaseTtlSeconds * 1000)
    const reach = { process: new SimulatedProcess(this.#time), connected: () => true }
    const lease = store.lease('leader', reach)
    const registry = store.registry(reach)
    const actor = new Actor(
      { chart: masterChart, ledger: newMaster('m1', 'bench', settings), role: 'master', id: 'm1' },
      { clock: this.#time, post, lease, registry, note: () => {} },
    )
    return actor
  }

  #wire(): Wire {
    return {
      publish: (where, payload) => void this.#said.push({ subject: where, payload }),
      request: () => {
        throw new Error('a master asks nobody')
      },
      subscribe: (pattern, hear) => {
        this.#hearers.set(pattern, hear)
        return () => this.#hearers.delete(pattern)
      },
    }
  }
}

interface Whose {
  readonly principal: string
  readonly frameworkId: FrameworkId
}

function toMaster<T extends MessageType>(type: T, speaker: Speaker, body: Body<T>): Heard {
  return { type, subject: subject(cluster, type, speaker, { role: 'master' }), payload: encode(body) }
}

/** Of `7-O12`, 12. */
const countOf = ({ offerId }: Offer): number => Number(offerId.slice(offerId.indexOf('O') + 1))

function cpuUs(does: () => void): number {
  const before = process.cpuUsage()
  does()
  const { user, system } = process.cpuUsage(before)
  return user + system - askingUs
}

/** What it costs to ask for the CPU time: not the master's. */
let askingUs = 0
const asked = Array.from({ length: 10_000 }, () => cpuUs(() => {}))
askingUs = asked.reduce((sum, us) => sum + us, 0) / asked.length

let world: World | undefined
serve((question: Question): Answer => {
  world ??= open(question)
  const { together, lifecycles } = question
  const sum = { masterUs: 0, codecUs: 0, messages: 0 }
  const times = Math.ceil(lifecycles / together)
  for (let i = 0; i < times; i++) {
    const once = world.lifecycles(together)
    sum.masterUs += once.masterUs / times
    sum.codecUs += once.codecUs / times
    sum.messages += once.messages / times
  }
  return sum
})

function open(question: Question): World {
  warmUp()
  return new World(question)
}
