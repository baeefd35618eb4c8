/** A random workload in bad weather, all of it out of one seed; then the weather clears, and everything must come right. */

import type { ExecutorWork } from '../../services/executor/author.ts'
import type { Framework } from '../../services/scheduler/framework.ts'
import type { Offer } from '../../services/scheduler/offer.ts'
import type { TaskRequest } from '../../services/scheduler/task.ts'
import { Chance, foul, SimulatedCluster } from '../../services/simulator/index.ts'
import { isTerminal, type Status } from '../../shared/tasks.ts'
import type { Step } from '../../shared/trace.ts'
import { unsound } from '../leader/randomly.ts'
import { checkConvergence, checkPromises, newHistory } from './checkers.ts'
import { heal, type Kind, Mischief, supervise } from './mischief.ts'
import { clearOrders } from './sharing.ts'

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
/** So often something goes wrong, and so long the cluster has to heal. */
const rounds = 14
const healingSeconds = 400
/** And so long to forget what nobody comes back to; when all has come right, so long nothing else may happen. */
const settlingSeconds = 170
const quietSeconds = 20

/** Runs one seed; `hear` hears each step. With `only`, nothing else goes wrong. */
export function runSeed(
  seed: number,
  hear: (step: Step, passed: number) => void = () => {},
  only?: readonly Kind[],
): Outcome {
  const world = new World(seed, hear, only)
  try {
    world.run()
    return world.outcome()
  } catch (error) {
    return { ...world.outcome(), broken: (error as Error).message }
  }
}

export class World {
  readonly chance: Chance
  readonly cluster: SimulatedCluster
  /** The work of each framework that was not launched yet; its schedulers share it, as they would in a store. */
  private readonly queues = new Map<string, TaskRequest[]>()
  private readonly told: Told[] = []
  private readonly history = newHistory(this.told)
  /** What was launched, by framework and task, and what of it was told to be over. */
  private readonly launched = new Set<string>()
  private readonly over = new Set<string>()
  private readonly seed: number
  private lives = 0
  private readonly only: readonly Kind[] | undefined
  private steps = 0

  constructor(seed: number, hear: (step: Step, passed: number) => void, only?: readonly Kind[]) {
    this.seed = seed
    this.only = only
    this.chance = new Chance(seed * 7919)
    this.cluster = new SimulatedCluster({
      seed,
      weather: foul,
      master: {
        leaseTtlSeconds: 6,
        // Standbys ask so often else that most of all steps are theirs.
        leaderPingSeconds: 1,
        offerSeconds: 5,
        slaveGoneSeconds: 30,
        adoptedFailoverSeconds: 60,
        slaveReregisterSeconds: 30,
        settleSeconds: 10,
        revokeAfterSeconds: 2,
        revokeGraceSeconds: 1,
        shortTaskSeconds: 6,
        ...(this.chance.happens(300) && { shortTaskPart: 0.25 }),
      },
      policies: { unsound },
      spread: this.chance.happens(300) ? 'split' : 'whole',
      revokeFor: this.chance.happens(300) ? 'share' : 'guarantee',
      executors: { worker: this.worker() },
      onStep: (step) => {
        this.steps++
        hear(step, this.cluster.time.passed)
      },
    })
  }

  run(): void {
    const { cluster, chance, history } = this
    const check = () => {
      checkPromises(cluster, history)
      history.spans.check(cluster, history.told)
    }
    for (let i = 0; i < chance.between(1, 3); i++) cluster.addMaster(`M${i}`, this.skew())
    for (let i = 0; i < chance.between(1, 4); i++) this.addSlave(`S${i}`)
    for (let i = 0; i < chance.between(1, 3); i++) this.addFramework(`F${i}`, chance.between(1, 20))
    const mischief = new Mischief(this, this.only)
    for (let i = 0; i < rounds; i++) {
      cluster.pass(seconds(chance, 0.1, 5), check)
      mischief.happen()
    }
    heal(this)
    clearOrders(this)
    for (let i = 0; i < healingSeconds / 10 && !this.isDone(); i++) {
      cluster.pass(10, check)
      supervise(this)
      clearOrders(this)
    }
    for (let i = 0; i < settlingSeconds / 10 && this.isAmiss() !== undefined; i++) cluster.pass(10, check)
    cluster.pass(quietSeconds, check)
    checkPromises(cluster, history, true)
    const amiss = this.isAmiss()
    if (amiss) throw amiss
  }

  /** What has not come right yet. */
  private isAmiss(): Error | undefined {
    try {
      checkConvergence(this.cluster, this.undone(), this.launched, this.history)
      return undefined
    } catch (error) {
      return error as Error
    }
  }

  outcome(): Outcome {
    return { seed: this.seed, steps: this.steps, launched: this.launched.size }
  }

  addSlave(name: string): void {
    const { cluster, chance } = this
    // The largest task fits the smallest slave, its executor and what is for short tasks alone included.
    const resources = { cpus: chance.between(2, 4), mem: 256 * chance.between(1, 4), disk: 300 }
    cluster.addSlave(name, { resources }, this.skew())
  }

  /** Every clock goes its own way; now and then one is off by an hour. */
  private skew(): number {
    return this.chance.happens(200)
      ? (this.chance.between(0, 1) * 2 - 1) * 3_600_000
      : this.chance.between(-500, 500)
  }

  /** One framework: alone, or as two schedulers that stand by for each other. */
  private addFramework(name: string, tasks: number): void {
    const { chance, cluster } = this
    this.queues.set(
      name,
      Array.from({ length: tasks }, (_, i) => this.request(i)),
    )
    const role = chance.happens(400) ? `${chance.pick(['eng', 'eng/ads', 'ops'])}/${name}` : name
    const traits = {
      // Some draw on a second role, too, while they have much to do.
      roles: chance.happens(300) ? [role, `more/${name}`] : [role],
      takes: (['revocable', 'short'] as const).filter(() => chance.happens(300)),
    }
    const author = () => this.author(name, role)
    if (chance.happens(600)) cluster.addFramework(name, author, traits)
    else
      for (const each of ['a', 'b'])
        cluster.addFramework(`${name}${each}`, author, { ...traits, standbyOf: name })
  }

  private author(name: string, first: string): Framework {
    const queue = this.queues.get(name) ?? []
    const life = ++this.lives
    return {
      wants: (role) => queue.length > (role === first ? 0 : 5),
      remembers: () => this.unfinished(name),
      onOffers: (offers) => {
        for (const offer of offers) this.answer(name, offer, queue)
      },
      onStatus: (status) => {
        this.told.push({ framework: name, status, life })
        if (isTerminal(status.state)) this.over.add(`${name} ${status.taskId}`)
      },
      onError: () => {},
    }
  }

  /** What a framework launched and was not told the end of. */
  unfinished(name: string): string[] {
    return [...this.launched]
      .filter((key) => key.startsWith(`${name} `) && !this.over.has(key))
      .map((key) => key.slice(name.length + 1))
  }

  /** Takes what it can, or declines, or holds the offer until it expires. */
  private answer(name: string, offer: Offer, queue: TaskRequest[]): void {
    const mood = this.chance.between(0, 9)
    if (mood === 0) offer.decline('mood', this.chance.between(0, 3))
    if (mood === 1) offer.hold()
    if (mood > 6) this.changeVolumes(offer)
    const [volume] = mood > 4 ? offer.volumes : []
    for (let next = queue[0]; mood > 1 && next && this.add(offer, next, volume); next = queue[0]) {
      this.launched.add(`${name} ${next.id}`)
      queue.shift()
    }
  }

  /** The first command that it can goes with the volume. */
  private add(offer: Offer, task: TaskRequest, volume: { volumeId: string } | undefined): boolean {
    const volumes = volume && !task.executor ? [{ volumeId: volume.volumeId, path: 'data' }] : []
    return (volumes.length > 0 && offer.add({ ...task, volumes })) || offer.add(task)
  }

  /** A volume that is there is destroyed, or one is made on disk that is reserved for it. */
  private changeVolumes(offer: Offer): void {
    const [volume] = offer.volumes
    if (volume && this.chance.happens(300)) offer.destroyVolume(volume.volumeId)
    else if (offer.reserve({ disk: 50 })) offer.createVolume(`v${++this.lives}`, { disk: 50 })
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
    const task = {
      id: `t${i}`,
      cpus: chance.between(1, 10) / 10,
      mem: chance.between(16, 128),
      ...(chance.happens(200) && { maxSeconds: chance.between(1, 6) }),
    }
    // Of those that would run for ever their slave makes an end.
    if (chance.happens(100)) return { ...task, command: ['forever'], maxSeconds: chance.between(0, 6) }
    if (!chance.happens(300))
      return { ...task, command: chance.happens(100) ? ['exit', '3'] : ['sleep', `${chance.between(0, 8)}`] }
    const executor = { name: 'worker', cpus: 0.2, mem: 32, idleSeconds: 3, command: ['worker'] }
    return { ...task, executor, payload: new TextEncoder().encode(`${chance.between(0, 8)}`) }
  }

  /** What was not launched yet. */
  private undone(): string[] {
    return [...this.queues].flatMap(([name, queue]) => queue.map(({ id }) => `${name} ${id}`))
  }

  private isDone(): boolean {
    return this.undone().length === 0 && [...this.launched].every((key) => this.over.has(key))
  }
}
