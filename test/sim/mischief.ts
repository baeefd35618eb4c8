/** What may go wrong: processes that die, sleep and come back, links that break, a store that fails, operators. */
import { fair } from '../../services/simulator/index.ts'
import { operatorAsk } from './operator.ts'
import { changeReservation, changeSharing } from './sharing.ts'
import type { World } from './workload.ts'

const lossy = [
  'task.launch',
  'status.update',
  'status.ack',
  'task.stop',
  'offer.make',
  'offer.rescind',
  'slave.beat',
  'slave.register',
  'framework.subscribe',
  'master.elected',
  'executor.beat',
  'leader.ping',
]

/** What may go wrong, and how often of all: the words by which a test asks for less. */
const kinds = {
  crash: 2,
  restart: 2,
  rejoin: 1,
  cut: 1,
  cutOneWay: 1,
  sleep: 2,
  wake: 2,
  switchOff: 1,
  lose: 2,
  killSome: 1,
  reconcile: 1,
  failStore: 1,
  mendStore: 1,
  failDisk: 1,
  operate: 1,
  share: 2,
  reserve: 1,
  nothing: 1,
} as const
export type Kind = keyof typeof kinds

export class Mischief {
  private readonly world: World
  private readonly kinds: readonly Kind[]

  constructor(world: World, only: readonly Kind[] = Object.keys(kinds) as Kind[]) {
    this.world = world
    this.kinds = only.flatMap((kind) => Array<Kind>(kinds[kind]).fill(kind))
  }

  /** One thing that goes wrong, or somebody who changes his mind. */
  happen(): void {
    this[this.world.chance.pick(this.kinds)]()
  }

  private everybody(): string[] {
    const { masters, slaves, frameworks } = this.world.cluster
    return [...masters.keys(), ...slaves.keys(), ...frameworks.keys()]
  }
  private somebody = (): string => this.world.chance.pick(this.everybody())
  private slave = (): string | undefined =>
    this.world.cluster.slaves.size > 0
      ? this.world.chance.pick([...this.world.cluster.slaves.keys()])
      : undefined

  crash = (): void => this.world.cluster.crash(this.somebody())
  restart = (): void => this.world.cluster.restart(this.somebody())
  cut = (): void => this.world.cluster.connect(this.somebody(), false)
  rejoin = (): void => {
    for (const name of this.everybody()) this.world.cluster.connect(name, true)
  }
  cutOneWay = (): void => this.world.cluster.network.cut(this.somebody(), this.somebody(), true)
  sleep = (): void => this.world.cluster.pause(this.somebody(), true)
  wake = (): void => {
    for (const name of this.everybody()) this.world.cluster.pause(name, false)
  }
  lose = (): void => {
    const { chance, cluster } = this.world
    cluster.lose(chance.pick(lossy), chance.between(1, 5))
  }
  share = (): void => changeSharing(this.world)
  reserve = (): void => changeReservation(this.world)
  nothing = (): void => {}

  /** A machine is gone with all that ran on it, and another gets its name. */
  switchOff = (): void => {
    const name = this.slave()
    if (!name) return
    this.world.cluster.kill(name)
    this.world.addSlave(name)
  }

  killSome = (): void => {
    const { chance, cluster } = this.world
    const framework = cluster.frameworks.get(chance.pick([...cluster.frameworks.keys()]))
    const [taskId] = framework?.ledger.tasks.keys() ?? []
    if (taskId && !framework?.process.sleeps) framework?.author.kill(taskId, chance.between(0, 2))
  }
  reconcile = (): void => {
    const { chance, cluster } = this.world
    const framework = cluster.frameworks.get(chance.pick([...cluster.frameworks.keys()]))
    if (!framework?.process.sleeps) framework?.author.reconcile()
  }

  failStore = (): void => {
    const { chance, cluster } = this.world
    const how = chance.between(0, 3)
    if (how === 0) cluster.leases.hasQuorum = false
    if (how === 1) cluster.registry.hasQuorum = false
    if (how === 2) cluster.leases.lostAnswersPerMille = cluster.registry.lostAnswersPerMille = 300
    if (how === 3) {
      cluster.leases.lose()
      cluster.registry.lose()
    }
  }
  mendStore = (): void => mend(this.world)

  failDisk = (): void => {
    const { cluster, chance } = this.world
    const disk = cluster.slaves.get(this.slave() ?? '')?.disk
    if (disk) disk.failure = chance.happens(500) ? 'ENOSPC: no space left on device' : undefined
  }

  operate = (): void => {
    const { chance, cluster } = this.world
    const slave = this.slave()
    if (!slave) return
    const type = chance.pick(['slave.drain', 'slave.drain', 'slave.reactivate', 'slave.remove'] as const)
    const body = type === 'slave.drain' ? { slave, withinSeconds: chance.between(0, 5) } : { slave }
    operatorAsk(cluster, type, body)
  }
}

function mend({ cluster }: World): void {
  for (const store of [cluster.leases, cluster.registry]) {
    store.hasQuorum = true
    store.lostAnswersPerMille = 0
  }
}

/** Whoever has ended, by himself or not, is started again. */
export function supervise({ cluster }: World): void {
  for (const name of [...cluster.masters.keys(), ...cluster.slaves.keys(), ...cluster.frameworks.keys()])
    if (!cluster.isUp(name)) cluster.restart(name)
}

/** The weather clears, whoever sleeps wakes, whoever is dead is started again. */
export function heal(world: World): void {
  const { cluster } = world
  mend(world)
  cluster.network.weather = fair
  cluster.network.losses.length = 0
  cluster.network.cuts.clear()
  for (const { disk } of cluster.slaves.values()) disk.failure = undefined
  for (const name of [...cluster.masters.keys(), ...cluster.slaves.keys(), ...cluster.frameworks.keys()]) {
    cluster.pause(name, false)
    cluster.connect(name, true)
  }
  supervise(world)
  cluster.until(() => cluster.leader !== undefined)
  for (const name of cluster.slaves.keys()) operatorAsk(cluster, 'slave.reactivate', { slave: name })
  // What a process launched that died at once only its author knows: he asks about all that he remembers.
  for (const { author, ledger } of cluster.frameworks.values())
    author.reconcile(world.unfinished(ledger.name))
}
