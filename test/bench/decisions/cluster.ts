/** The slaves and frameworks that are played to a leader: as many as one likes, each of the same size. */
import type { FrameworkId, OfferId, SlaveId, TaskId } from '../../../shared/ids.ts'
import type { Offer } from '../../../shared/messages.ts'
import type { Resources } from '../../../shared/resources.ts'
import type { Speaker } from '../../../shared/subjects.ts'
import type { Status } from '../../../shared/tasks.ts'
import { Leader } from './leader.ts'

/** As in Mesos's own benchmarks of its allocator. */
export const slaveHas: Resources = {
  cpuMilli: 24_000,
  memMb: 4096,
  diskMb: 4096,
  gpus: 0,
  ports: [[31000, 32000]],
}
/** Of all slaves together, so that shares are apart from one another as in life. */
export const veryLongSeconds = 31_536_000

export interface Framework {
  readonly speaker: Speaker
  readonly frameworkId: FrameworkId
  readonly role: string
}
export interface Made {
  readonly framework: Framework
  readonly offer: Offer
}
export interface Running {
  readonly framework: Framework
  readonly status: Status
}

export class Cluster {
  readonly leader: Leader
  readonly frameworks: Framework[] = []
  private readonly byId = new Map<string, Framework>()
  private slaves = 0
  private tasks = 0

  constructor(settings: Record<string, number> = {}) {
    this.leader = new Leader({ maxFrameworkOffers: 1_000_000, maxRoles: 100_000, ...settings })
  }

  addSlaves(count: number): void {
    for (let i = 0; i < count; i++) this.addSlave(`slave-${this.slaves++}`)
  }

  /** They subscribe and are heard from; each has a role of its own unless it is named. */
  addFrameworks(count: number, roleOf: (number: number) => string = (number) => `role-${number}`): void {
    for (let i = 0; i < count; i++) {
      const number = this.frameworks.length
      this.addFramework(`framework-${number}`, roleOf(number))
    }
  }

  addFramework(principal: string, role: string): Framework {
    const speaker: Speaker = { role: 'scheduler', id: principal }
    const { frameworkId } = this.leader.ask('framework.subscribe', speaker, {
      name: principal,
      roles: [{ role, suppressed: false }],
      instance: principal,
      failoverSeconds: 600,
    })
    this.leader.settle()
    this.leader.ask('framework.beat', speaker, { frameworkId, instance: principal })
    const framework = { speaker, frameworkId, role }
    this.frameworks.push(framework)
    this.byId.set(frameworkId, framework)
    return framework
  }

  suppress({ speaker, frameworkId }: Framework): void {
    this.leader.ask('offers.suppress', speaker, { frameworkId })
  }

  /** What was offered since this was last asked for. */
  offers(): Made[] {
    return this.leader.take().flatMap(({ type, to, body }) => {
      const framework = 'frameworkId' in to ? this.byId.get(to.frameworkId) : undefined
      if (type !== 'offer.make' || !framework) return []
      return (body as { offers: Offer[] }).offers.map((offer) => ({ framework, offer }))
    })
  }

  /** Each framework declines all that it was offered. */
  decline(made: readonly Made[], refuseSeconds: number): void {
    for (const [{ speaker, frameworkId }, offerIds] of byFramework(made)) {
      for (let from = 0; from < offerIds.length; from += maxListed) {
        const some = offerIds.slice(from, from + maxListed)
        this.leader.ask('offer.decline', speaker, { frameworkId, offerIds: some, refuseSeconds })
      }
    }
  }

  /** A framework takes an offer for so many tasks of this size, and leaves the rest. */
  accept({ framework, offer }: Made, resources: Resources, count: number, refuseSeconds = 0): Running[] {
    const { speaker, frameworkId } = framework
    const tasks = Array.from({ length: count }, () => ({
      taskId: `task-${this.tasks++}` as TaskId,
      resources,
      command: { argv: ['/bin/true'] },
    }))
    const { offerId, slaveId } = offer
    this.leader.ask('offer.accept', speaker, { frameworkId, offerIds: [offerId], tasks, refuseSeconds })
    return tasks.map(({ taskId }) => {
      const status: Status = { frameworkId, taskId, slaveId, state: 'running', seq: 1, acked: 0, at: 0 }
      return { framework, status }
    })
  }

  tell({ framework, status }: Running, state: Status['state'], seq: number): void {
    const { speaker, frameworkId } = framework
    const updates = [{ ...status, state, seq, acked: seq - 1 }]
    const where = { principal: speaker.id, frameworkId }
    this.leader.hear('status.update', { role: 'slave', id: '' }, { updates }, where)
  }

  private addSlave(name: string): void {
    const speaker: Speaker = { role: 'slave', id: name }
    const { slaveId } = this.leader.ask('slave.register', speaker, {
      heardEpoch: 0,
      incarnation: name,
      resources: slaveHas,
      attributes: { rack: 'r1', zone: 'a' },
      isolation: 'process',
      tasks: [],
      executors: [],
      seq: 0,
    })
    this.leader.settle()
    this.beat(speaker, slaveId)
  }

  private beat(speaker: Speaker, slaveId: SlaveId): void {
    this.leader.hear('slave.beat', speaker, { slaveId, incarnation: speaker.id, digest: 0, unacked: 0 })
  }
}

const maxListed = 10_000

function byFramework(made: readonly Made[]): Map<Framework, OfferId[]> {
  const grouped = new Map<Framework, OfferId[]>()
  for (const { framework, offer } of made) {
    const ids = grouped.get(framework)
    if (ids) ids.push(offer.offerId)
    else grouped.set(framework, [offer.offerId])
  }
  return grouped
}
