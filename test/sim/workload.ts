/** A random workload in bad weather, all of it out of one seed; then the weather clears, and everything must come right. */

import type { ExecutorWork } from '../../services/executor/author.ts'
import type { Offer } from '../../services/scheduler/offer.ts'
import type { TaskRequest } from '../../services/scheduler/task.ts'
import { Chance, fair, foul, SimulatedCluster } from '../../services/simulator/index.ts'
import { encode } from '../../shared/codec.ts'
import { isTerminal, type Status } from '../../shared/tasks.ts'
import { type Step, stepInWords } from '../../shared/trace.ts'
import { checkConvergence, checkPromises, newHistory } from './checkers.ts'

export interface Told {
  readonly framework: string
  readonly status: Status
  /** Which life of the scheduler was told. */
  readonly life: number
}

export interface Outcome {
  readonly seed: number
  readonly steps: number
  readonly launched: number
  /** The first broken promise, if one was. */
  readonly broken?: string
}

const seconds = (chance: Chance, least: number, most: number) => least + chance.next() * (most - least)

/** Runs one seed. `note` hears each step as a line, for comparing two runs and for reading one. */
export function runSeed(seed: number, note: (line: string) => void = () => {}): Outcome {
  const world = new World(seed, note)
  try {
    world.run()
    return world.outcome()
  } catch (error) {
    return { ...world.outcome(), broken: (error as Error).message }
  }
}

class World {
  private readonly seed: number
  private readonly chance: Chance
  private readonly cluster: SimulatedCluster
  private readonly told: Told[] = []
  private readonly history = newHistory(this.told)
  private readonly launched = new Set<string>()
  private readonly lives = new Map<string, number>()
  private readonly queues = new Map<string, TaskRequest[]>()
  private steps = 0

  constructor(seed: number, note: (line: string) => void) {
    this.seed = seed
    this.chance = new Chance(seed * 7919)
    this.cluster = new SimulatedCluster({
      seed,
      weather: foul,
      master: { leaseTtlSeconds: 6, offerSeconds: 5, slaveGoneSeconds: 30, settleSeconds: 10 },
      executors: { worker: this.worker() },
      onStep: (step) => this.note(step, note),
    })
  }

  run(): void {
    const { cluster, chance } = this
    const check = () => checkPromises(cluster, this.history)
    for (let i = 0; i < chance.between(1, 2); i++) cluster.addMaster(`M${i}`)
    for (let i = 0; i < chance.between(1, 4); i++) this.addSlave(`S${i}`)
    for (let i = 0; i < chance.between(1, 3); i++) this.addFramework(`F${i}`, chance.between(1, 20))
    for (let i = 0; i < 12; i++) {
      cluster.pass(seconds(chance, 0.2, 5), check)
      this.mischief()
    }
    cluster.network.weather = fair
    cluster.network.losses.length = 0
    for (const name of [...cluster.masters.keys(), ...cluster.slaves.keys(), ...cluster.frameworks.keys()])
      cluster.connect(name, true)
    if (cluster.masters.size === 0) cluster.addMaster('M9')
    if (cluster.slaves.size === 0) this.addSlave('S9')
    for (let i = 0; i < 40 && !this.isDone(); i++) cluster.pass(10, check)
    cluster.pass(70, check)
    checkConvergence(cluster, this.launched, this.history)
  }

  outcome(): Outcome {
    return { seed: this.seed, steps: this.steps, launched: this.launched.size }
  }

  /** One thing that goes wrong, or somebody who changes his mind. */
  private mischief(): void {
    const { cluster, chance } = this
    const [slave] = [...cluster.slaves.keys()].sort(() => chance.next() - 0.5)
    const [framework] = [...cluster.frameworks.keys()].sort(() => chance.next() - 0.5)
    switch (chance.between(0, 9)) {
      case 0:
        if (slave) cluster.connect(slave, false)
        break
      case 1:
      case 2:
        for (const name of cluster.slaves.keys()) cluster.connect(name, true)
        break
      case 3:
        if (slave) this.restartSlave(slave)
        break
      case 4:
        if (framework) this.killSome(framework)
        break
      case 5:
        if (cluster.masters.size > 1) cluster.kill(chance.pick([...cluster.masters.keys()]))
        break
      case 6:
        cluster.lose(
          chance.pick([
            'task.launch',
            'status.update',
            'status.ack',
            'task.stop',
            'offer.make',
            'offer.rescind',
            'slave.beat',
          ]),
          chance.between(1, 5),
        )
        break
      case 7:
        if (framework) cluster.frameworks.get(framework)?.author.reconcile()
        break
      case 8:
        if (framework) cluster.connect(framework, chance.happens(700))
        break
      default:
    }
  }

  private restartSlave(name: string): void {
    this.cluster.kill(name)
    this.addSlave(name)
  }

  private addSlave(name: string): void {
    this.cluster.addSlave(name, {
      resources: { cpus: this.chance.between(1, 4), mem: 256 * this.chance.between(1, 4) },
    })
  }

  private killSome(name: string): void {
    const framework = this.cluster.frameworks.get(name)
    const [taskId] = framework?.ledger.tasks.keys() ?? []
    if (taskId) framework?.author.kill(taskId, this.chance.between(0, 2))
  }

  private addFramework(name: string, tasks: number): void {
    const queue = Array.from({ length: tasks }, (_, i) => this.request(i))
    this.queues.set(name, queue)
    const life = (this.lives.get(name) ?? 0) + 1
    this.lives.set(name, life)
    this.cluster.addFramework(name, {
      wants: () => queue.length > 0,
      onOffers: (offers) => {
        for (const offer of offers) this.answer(name, offer, queue)
      },
      onStatus: (status) => {
        this.told.push({ framework: name, status, life })
      },
      onError: () => {},
    })
  }

  /** Takes what it can, or declines, or holds the offer until it expires. */
  private answer(name: string, offer: Offer, queue: TaskRequest[]): void {
    const mood = this.chance.between(0, 9)
    if (mood === 0) offer.decline('mood', this.chance.between(0, 3))
    if (mood === 1) offer.hold()
    for (let next = queue[0]; mood > 1 && next && offer.add(next); next = queue[0]) {
      this.launched.add(`${name} ${next.id}`)
      queue.shift()
    }
  }

  /** A custom executor whose tasks take some time each, or end at once, or end badly. */
  private worker(): ExecutorWork {
    return {
      onLaunch: (task) => {
        const seconds = new TextDecoder().decode(task.payload)
        const { time } = this.cluster
        time.callAt(time.now() + Number(seconds) * 1000, () =>
          seconds === '3' ? task.failed('three') : task.finished(),
        )
      },
    }
  }

  private request(i: number): TaskRequest {
    const { chance } = this
    const task = { id: `t${i}`, cpus: chance.between(1, 10) / 10, mem: chance.between(16, 128) }
    if (!chance.happens(300))
      return { ...task, command: chance.happens(100) ? ['exit', '3'] : ['sleep', `${chance.between(0, 8)}`] }
    const executor = { name: 'worker', cpus: 0.2, mem: 32, idleSeconds: 3, command: ['worker'] }
    return { ...task, executor, payload: new TextEncoder().encode(`${chance.between(0, 8)}`) }
  }

  private isDone(): boolean {
    const open = [...this.queues.values()].some((queue) => queue.length > 0)
    const over = new Set(
      this.told
        .filter(({ status }) => isTerminal(status.state))
        .map(({ framework, status }) => `${framework} ${status.taskId}`),
    )
    return !open && [...this.launched].every((key) => over.has(key))
  }

  private note(step: Step, note: (line: string) => void): void {
    this.steps++
    note(`${this.cluster.time.passed} ${stepInWords(step)} ${Buffer.from(encode(step)).toString('base64')}`)
  }
}
