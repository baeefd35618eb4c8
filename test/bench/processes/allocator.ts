/** What a leader's decisions cost, on one core and with nothing around them: one measurement to a process. */
import type { Resources } from '../../../shared/resources.ts'
import { Cluster, type Made, type Running, slaveHas, veryLongSeconds } from '../decisions/cluster.ts'
import { median } from '../figures.ts'
import { given, serve } from './serve.ts'

export interface Size {
  readonly slaves: number
  readonly frameworks: number
}
export type Given = Size & { readonly do: keyof typeof measures }
/** Each in the unit that its name says; how much of it there was is told with it. */
export type Answer = Readonly<Record<string, number>>

const size = given<Given>()
const half: Resources = { cpuMilli: 12_000, memMb: 2048, diskMb: 2048, gpus: 0 }
const eighth: Resources = { cpuMilli: 3000, memMb: 512, diskMb: 512, gpus: 0 }

const measures = { declined, quotas, freed, decisions, arrivals, memory }
serve((): Answer => measures[size.do](size))

/** Everybody declines everything until all have; then all slaves are looked at, and nobody is left for any. */
function declined({ slaves, frameworks }: Size): Answer {
  const cluster = new Cluster()
  cluster.addFrameworks(frameworks, () => 'everybody')
  const addingMs = ms(() => cluster.addSlaves(slaves))
  const fullMs: number[] = []
  const declineUs: number[] = []
  let offers = 0
  for (;;) {
    fullMs.push(ms(() => cluster.leader.decide()))
    const made = cluster.offers()
    if (made.length === 0) break
    offers += made.length
    declineUs.push((1000 * ms(() => cluster.decline(made, veryLongSeconds))) / made.length)
  }
  if (offers !== slaves * frameworks) throw new Error(`${offers} offers were declined`)
  const lookMs = repeat(9, () => ms(() => cluster.leader.decideAll()))
  if (cluster.offers().length > 0) throw new Error('something was offered that everybody had declined')
  return {
    addingMs,
    firstMs: fullMs[0] ?? 0,
    roundMs: median(fullMs),
    declineUs: median(declineUs),
    lookMs: median(lookMs),
    changeUs: median(oneChange(cluster)),
  }
}

/** One more framework comes, is offered all, takes one task on one slave and declines the rest; then that task ends, again and again. */
function oneChange(cluster: Cluster): number[] {
  cluster.addFramework('late', 'everybody')
  cluster.leader.decide()
  const [first, ...rest] = cluster.offers()
  if (!first) return []
  cluster.decline(rest, veryLongSeconds)
  let [running] = cluster.accept(first, slaveHas, 1)
  cluster.leader.decide()
  return repeat(200, () => {
    const took = 1000 * ms(() => endAndOffer(cluster, running))
    const [again] = cluster.offers()
    if (!again) throw new Error('what was freed was not offered')
    ;[running] = cluster.accept(again, slaveHas, 1)
    cluster.leader.decide()
    return took
  })
}

/** A framework to a role, each with a quota that it has used up; half of every slave is free, and may be nobody's. */
function quotas({ slaves, frameworks }: Size): Answer {
  const cluster = new Cluster()
  cluster.addSlaves(slaves)
  const { cpuMilli, memMb, diskMb } = half
  const quota = { cpuMilli, memMb, diskMb }
  const operator = { role: 'operator', id: 'bench' } as const
  for (let from = 0; from < frameworks; from += 1000) {
    const roles = Array.from({ length: Math.min(1000, frameworks - from) }, (_, i) => ({
      role: `role-${from + i}`,
      guarantee: quota,
      limit: quota,
    }))
    cluster.leader.ask('sharing.set', operator, { roles })
  }
  const subscribingMs = ms(() => cluster.addFrameworks(frameworks))
  const allocatingMs = ms(() => cluster.leader.decide())
  let taken = 0
  for (let made = cluster.offers(); made.length > 0; made = cluster.offers()) {
    for (const each of made) taken += cluster.accept(each, half, 1).length
    cluster.leader.decide()
  }
  if (taken !== frameworks) throw new Error(`${taken} of ${frameworks} frameworks took their quota`)
  const lookMs = median(repeat(9, () => ms(() => cluster.leader.decideAll())))
  const [framework] = cluster.frameworks
  if (!framework) throw new RangeError('there must be a framework')
  const { speaker, frameworkId } = framework
  const nothingMs = median(
    repeat(99, () =>
      ms(() => {
        cluster.suppress(framework)
        cluster.leader.ask('offers.revive', speaker, { frameworkId })
        cluster.leader.decide()
      }),
    ),
  )
  if (cluster.offers().length > 0) throw new Error('more was offered than the limits allow')
  return { subscribingMs, allocatingMs, lookMs, nothingMs }
}

/** Every slave is full and everybody wants more: one task after another ends, and what it held is offered at once. */
function freed(size: Size): Answer {
  const { endedUs } = lifecycles(size, 5000)
  return { freedUs: endedUs.reduce((sum, us) => sum + us, 0) / endedUs.length, p50Us: median(endedUs) }
}

/** The same, with what else becomes of an offer. */
function decisions(size: Size): Answer {
  const { endedUs, declinedUs, acceptedUs } = lifecycles(size, 1500)
  return { endedUs: median(endedUs), declinedUs: median(declinedUs), acceptedUs: median(acceptedUs) }
}

/** A task ends, and its slave is offered; that is declined, and offered to the next, who takes it. */
function lifecycles({ slaves, frameworks }: Size, count: number) {
  const cluster = new Cluster()
  cluster.addFrameworks(frameworks)
  cluster.addSlaves(slaves)
  cluster.leader.decide()
  const running = takeAll(cluster, cluster.offers())
  cluster.leader.decide()
  globalThis.gc?.()
  const took = { endedUs: [] as number[], declinedUs: [] as number[], acceptedUs: [] as number[] }
  let next = 0
  for (let i = 0; i < 2 * count; i++) {
    const endedUs = us(() => endAndOffer(cluster, running[next]))
    const first = cluster.offers()
    const declinedUs = us(() => {
      cluster.decline(first, 0)
      cluster.leader.decide()
    })
    const made = cluster.offers()
    if (first.length !== 1 || made.length !== 1) throw new Error('a freed slave is offered once')
    let taken: Running[] = []
    const acceptedUs = us(() => {
      taken = takeAll(cluster, made)
    })
    running[next] = taken[0] as Running
    cluster.leader.decide()
    next = (next + 7919) % running.length
    // The first half warms up.
    if (i < count) continue
    took.endedUs.push(endedUs)
    took.declinedUs.push(declinedUs)
    took.acceptedUs.push(acceptedUs)
  }
  return took
}

/** All slaves come, and then all frameworks, who say at once that they want nothing. */
function arrivals({ slaves, frameworks }: Size): Answer {
  const cluster = new Cluster()
  const slavesMs = ms(() => {
    cluster.addSlaves(slaves)
    cluster.leader.decide()
  })
  const frameworksMs = ms(() => {
    for (let i = 0; i < frameworks; i++) {
      cluster.suppress(cluster.addFramework(`framework-${i}`, `role-${i}`))
      cluster.leader.decide()
    }
  })
  if (cluster.offers().length > 0) throw new Error('something was offered to those who want nothing')
  return { slavesMs, frameworksMs }
}

/** Two tasks to a slave, all running. */
function memory({ slaves, frameworks }: Size): Answer {
  const before = heapMb()
  const cluster = new Cluster()
  cluster.addFrameworks(frameworks)
  cluster.addSlaves(slaves)
  cluster.leader.decide()
  for (const made of cluster.offers())
    for (const task of cluster.accept(made, eighth, 2)) cluster.tell(task, 'running', 1)
  cluster.leader.take()
  const heldMb = heapMb() - before
  cluster.leader.decide()
  const offers = cluster.offers().length
  const offeredMb = heapMb() - before
  return { heldMb, offeredMb, offers }
}

/** Each framework that was offered something takes all of it for one task. */
function takeAll(cluster: Cluster, made: readonly Made[]): Running[] {
  const running = made.flatMap((each) => cluster.accept(each, slaveHas, 1))
  for (const task of running) cluster.tell(task, 'running', 1)
  return running
}

function endAndOffer(cluster: Cluster, task: Running | undefined): void {
  if (!task) throw new RangeError('no task runs')
  cluster.tell(task, 'finished', 2)
  cluster.leader.decide()
}

const repeat = (times: number, once: () => number): number[] => Array.from({ length: times }, once)

const us = (does: () => void): number => 1000 * ms(does)

/** CPU time, whatever else the machine does. */
function ms(does: () => void): number {
  const before = process.cpuUsage()
  does()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

function heapMb(): number {
  const { gc } = globalThis
  if (!gc) throw new Error('run with --expose-gc')
  gc()
  return process.memoryUsage().heapUsed / 2 ** 20
}
