/** A cluster of very many emulated slaves on this machine, kept full by many frameworks; and what it costs. */
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { toResources } from '../../services/scheduler/task.ts'
import { startTestNats, type TestNats } from '../integration/bus-world.ts'
import { Child } from './child.ts'
import { cpuMs } from './cpu.ts'
import type { Answer as Frameworks } from './processes/emulatedFrameworks.ts'
import type { Answer as Probe, Question } from './processes/probe.ts'

export interface EmulatedOptions {
  readonly slaves: number
  readonly frameworks: number
  readonly meanSeconds: number
  /** Of the master. */
  readonly settings?: Record<string, number>
}

/** Of one core each, and messages that the bus took and gave, a second. */
export interface Load {
  readonly masterPercent: number
  readonly busPercent: number
  readonly slavesPercent: number
  readonly frameworksPercent: number
  readonly messagesIn: number
  readonly messagesOut: number
  readonly tasksPerSecond: number
}

const perProcess = 12_500
const connectionsEach = 1
/** What is allocated for each message is soon gone: let most of it go before it is looked at. */
const flags = ['--max-semi-space-size=64']
/** Slaves of one process that are on their way at once: the ramp goes as fast as they are taken in. */
const together = 250
const slaveHas = { ...toResources({ cpus: 2, mem: 2048 }), ports: [[31000, 32000]] }
const tasksEach = 2
const pollMs = 500
/** More than the first tasks run for. */
const settleMs = 30_000

export class Emulated {
  readonly #options: EmulatedOptions
  readonly #nats: TestNats
  readonly #monitor: string
  readonly #master: Child
  readonly #slaves: Child[] = []
  readonly #frameworks: Child
  readonly #probes: Child[] = []

  static async start(options: EmulatedOptions): Promise<Emulated> {
    const port = await freePort()
    const nats = await startTestNats({ config: `http: "127.0.0.1:${port}"` })
    const { url } = nats
    const master = await Child.start('master', { url, settings: options.settings })
    const frameworks = await Child.start(
      'emulatedFrameworks',
      { url, first: 0, count: options.frameworks, meanSeconds: options.meanSeconds },
      flags,
    )
    return new Emulated(options, nats, `http://127.0.0.1:${port}/varz`, master, frameworks)
  }

  private constructor(
    options: EmulatedOptions,
    nats: TestNats,
    monitor: string,
    master: Child,
    frameworks: Child,
  ) {
    this.#options = options
    this.#nats = nats
    this.#monitor = monitor
    this.#master = master
    this.#frameworks = frameworks
  }

  /** Until every slave is there and full; resolves with how long that took, ms. */
  async fill(tell: (sentence: string) => void): Promise<number> {
    const began = performance.now()
    const { slaves } = this.#options
    for (let first = 0; first < slaves; first += perProcess) {
      const count = Math.min(perProcess, slaves - first)
      const given = { url: this.#nats.url, first, count, connections: connectionsEach, resources: slaveHas }
      const child = await Child.start('emulatedSlaves', given, flags)
      this.#slaves.push(child)
      for (let started = 0; started < count; started += together)
        await child.ask({ start: Math.min(together, count - started) })
      tell(`${first + count} slaves are there after ${Math.round(performance.now() - began)} ms`)
    }
    for (let left = Number.POSITIVE_INFINITY; left > slaves * tasksEach * 0.01; await pause(pollMs)) {
      const { launched, over } = await this.#frameworks.ask<Frameworks>({})
      left = slaves * tasksEach - (launched - over)
    }
    return performance.now() - began
  }

  /** Its tasks end at all times, and no more all together. */
  async settle(): Promise<void> {
    await pause(settleMs)
  }

  /** So many, one after the other every so often, each in a process of its own that is there already. */
  async probe(count: number, seconds: number, everyMs: number): Promise<Probe[]> {
    const processes = Math.min(count, Math.ceil((seconds * 1000) / everyMs) + 2)
    while (this.#probes.length < processes)
      this.#probes.push(await Child.start('probe', { url: this.#nats.url }))
    const question: Question = { seconds }
    const first = this.#probes[0] as Child
    await first.ask<Probe>({ seconds: 0.1 })
    const began = performance.now()
    const lanes = this.#probes.map(async (child, lane) => {
      const answers: Probe[] = []
      for (let number = lane; number < count; number += processes) {
        await pause(Math.max(0, began + number * everyMs - performance.now()))
        answers.push(await child.ask<Probe>(question))
      }
      return answers
    })
    return (await Promise.all(lanes)).flat()
  }

  /** What goes on while something is done. */
  async load<T>(does: Promise<T>): Promise<[T, Load]> {
    const before = await this.#counts()
    const outcome = await does
    const after = await this.#counts()
    const seconds = (after.at - before.at) / 1000
    const per = (name: keyof typeof before) => (after[name] - before[name]) / seconds
    return [
      outcome,
      {
        masterPercent: per('masterMs') / 10,
        busPercent: per('busMs') / 10,
        slavesPercent: per('slavesMs') / 10,
        frameworksPercent: per('frameworksMs') / 10,
        messagesIn: per('messagesIn'),
        messagesOut: per('messagesOut'),
        tasksPerSecond: per('over'),
      },
    ]
  }

  /** Tasks that have not ended well so far. */
  async failed(): Promise<number> {
    return (await this.#frameworks.ask<Frameworks>({})).failed
  }

  async stop(): Promise<void> {
    const children = [...this.#probes, this.#frameworks, ...this.#slaves, this.#master]
    for (const child of children) await child.stop()
    await this.#nats.stop()
  }

  async #counts() {
    const { over } = await this.#frameworks.ask<Frameworks>({})
    const response = await fetch(this.#monitor)
    const { in_msgs: messagesIn, out_msgs: messagesOut } = (await response.json()) as Record<string, number>
    return {
      at: performance.now(),
      over,
      messagesIn: messagesIn ?? 0,
      messagesOut: messagesOut ?? 0,
      masterMs: cpuMs(this.#master.pid),
      busMs: cpuMs(this.#nats.pid),
      slavesMs: this.#slaves.reduce((sum, { pid }) => sum + cpuMs(pid), 0),
      frameworksMs: cpuMs(this.#frameworks.pid),
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
