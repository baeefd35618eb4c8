/** The promises of the protocol, one function for each sentence. Each throws with what was broken. */

import type { SimulatedCluster } from '../../services/simulator/index.ts'
import { add, fits, type Resources, subtract, sum } from '../../shared/resources.ts'
import { isTerminal, taskStates } from '../../shared/tasks.ts'
import type { Master, Offer, Slave } from '../../statecharts/master/ledger.ts'
import { isOver, pathOf } from '../../statecharts/master/roles.ts'
import { checkShares } from '../leader/shareChecks.ts'
import { Spans } from './spans.ts'
import type { Told } from './workload.ts'

/** What happened so far, as far as a promise spans more than one moment. */
export interface History {
  readonly endedOffers: Set<string>
  readonly standing: Set<string>
  readonly told: readonly Told[]
  /** How many of `told` were looked at. */
  looked: number
  readonly lastTold: Map<string, number>
  /** Who led in each epoch; a store that was lost counts from the start again, until it hears how far it was. */
  readonly reigns: Map<number, object>
  storeLosses: number
  /** Reigns that began before it was lost. */
  stale: ReadonlySet<string>
  /** The highest epoch that each slave's process has obeyed. */
  readonly obeyed: WeakMap<object, number>
  readonly spans: Spans
  /** Looks at the cluster so far. */
  looks: number
}
export const newHistory = (told: readonly Told[]): History => ({
  endedOffers: new Set(),
  standing: new Set(),
  told,
  looked: 0,
  lastTold: new Map(),
  reigns: new Map(),
  storeLosses: 0,
  stale: new Set(),
  obeyed: new WeakMap(),
  spans: new Spans(),
  looks: 0,
})

/** The shares are counted anew at every so many looks only: what is wrong in them stays wrong. */
const sharesEvery = 20

export function checkPromises(cluster: SimulatedCluster, history: History, whole = false): void {
  const shares = whole || ++history.looks % sharesEvery === 0
  for (const { actor, ledger, process } of cluster.masters.values()) {
    if (actor.present !== 'leading' || !process.lives) continue
    noOversubscription(ledger)
    booksAreExact(ledger)
    if (shares) sharesAreExact(ledger)
  }
  nothingRunsBeyondItsSlave(cluster)
  anOfferIsOnePromise(cluster, history)
  atMostOneLaunch(cluster)
  aVolumeIsOneRuns(cluster)
  toldOnceInOrder(history)
  oneReign(cluster, history)
}

/** 1. What is booked on a slave and offered of it never exceeds what the slave has. */
function noOversubscription(master: Master): void {
  for (const slave of master.slaves.values()) {
    if (!fits(add(slave.booked, slave.offered), slave.total))
      broken(
        1,
        `slave ${slave.name} has ${words(slave.total)}, booked ${words(slave.booked)}, offered ${words(slave.offered)}`,
      )
  }
}

/** 1. The figures are those of the things themselves: incremental books equal books that are added up anew. */
function booksAreExact(master: Master): void {
  for (const slave of master.slaves.values()) {
    same(
      slave.booked,
      sum(
        [...slave.tasks.values()]
          .map(({ spec }) => spec.resources)
          .concat([...slave.executors.values()].map(({ resources }) => resources)),
      ),
      `booked on ${slave.name}`,
    )
    same(slave.offered, sum([...slave.offers].map(({ resources }) => resources)), `offered of ${slave.name}`)
  }
  same(master.booked, sum(slavesOf(master).map(({ booked }) => booked)), 'booked in all')
  same(master.offered, sum(slavesOf(master).map(({ offered }) => offered)), 'offered in all')
  same(master.total, sum(slavesOf(master).map(({ total }) => total)), 'total')
  same(
    master.booked,
    sum([...master.frameworks.values()].map(({ booked }) => booked)),
    'booked by frameworks',
  )
  tasksAreCounted(master)
}

/** 1. The same for tasks by their states, which are counted as they move. */
function tasksAreCounted(master: Master): void {
  const counted = new Map<string, number>()
  for (const slave of master.slaves.values())
    for (const { state } of slave.tasks.values()) counted.set(state, (counted.get(state) ?? 0) + 1)
  for (const state of taskStates.filter((each) => !isTerminal(each))) {
    const [now, then] = [master.tasksIn[state], counted.get(state) ?? 0]
    if (now !== then) broken(1, `${now} tasks are counted as ${state}, and ${then} are`)
  }
}

/** 1. The same, seen from the machine: what really runs on a slave is never more than it has. */
function nothingRunsBeyondItsSlave(cluster: SimulatedCluster): void {
  for (const [name, { containers, ledger }] of cluster.slaves) {
    const used = sum([...containers.running.values()].map(({ resources }) => resources))
    if (!fits(used, ledger.resources))
      broken(1, `slave ${name} has ${words(ledger.resources)} and runs ${words(used)}`)
  }
}

/** 2. An offer is accepted, declined or rescinded exactly once: what has gone never stands again. */
function anOfferIsOnePromise(cluster: SimulatedCluster, history: History): void {
  const standing = new Set<string>()
  for (const { actor, ledger, process } of cluster.masters.values()) {
    if (actor.present !== 'leading' || !process.lives) continue
    for (const offer of ledger.offers.values()) {
      // A store that was lost, and every master with it, counts from the start: its ids come again.
      if (history.endedOffers.has(offer.offerId) && cluster.leases.losses === 0)
        broken(2, `offer ${offer.offerId} stands again`)
      if (offer.state !== 'pending') broken(2, `offer ${offer.offerId} stands and is ${offer.state}`)
      if (!history.standing.has(offer.offerId)) withinLimits(offer)
      standing.add(offer.offerId)
    }
  }
  for (const offerId of history.standing) if (!standing.has(offerId)) history.endedOffers.add(offerId)
  history.standing.clear()
  for (const offerId of standing) history.standing.add(offerId)
}

/** 6. What each role and each framework in it holds is what its tasks, executors and offers add up to. */
function sharesAreExact(master: Master): void {
  try {
    checkShares(master)
  } catch (error) {
    broken(6, (error as Error).message)
  }
}

/** 6. No offer is made that brings a role above its limit. */
function withinLimits({ offerId, claim }: Offer): void {
  for (const role of pathOf(claim.role))
    if (isOver(role)) broken(6, `offer ${offerId} brings role ${role.path} above its limit`)
}

/** 3. At most one launch for a (framework, task) that is not terminal: no two of its runs at the same time. */
function atMostOneLaunch(cluster: SimulatedCluster): void {
  const running = new Set<string>()
  for (const { containers } of cluster.slaves.values()) {
    for (const { labels } of containers.running.values()) {
      const key = `${labels['proffer.framework']} ${labels['proffer.task'] ?? `executor ${labels['proffer.executor']} ${labels['proffer.slave']}`}`
      if (running.has(key)) broken(3, `${key} runs twice`)
      running.add(key)
    }
  }
}

/** 3. At most one run uses a volume, and while it does the volume is there. */
function aVolumeIsOneRuns(cluster: SimulatedCluster): void {
  for (const [name, { containers, holdings }] of cluster.slaves) {
    const used = new Set<string>()
    for (const { runId, volumes = [] } of containers.running.values()) {
      for (const { volumeId } of volumes) {
        if (used.has(volumeId)) broken(3, `two runs use volume ${volumeId} of ${name}`)
        if (!holdings.volumes.has(volumeId))
          broken(3, `run ${runId} uses volume ${volumeId}, which ${name} does not have`)
        used.add(volumeId)
      }
    }
  }
}

/** 4. Told in order per task and once per update; terminal states are terminal. */
function toldOnceInOrder(history: History): void {
  for (; history.looked < history.told.length; history.looked++) {
    const { framework, status, life } = history.told[history.looked] as Told
    const key = `${framework} ${life} ${status.taskId} ${status.slaveId}`
    const before = history.lastTold.get(key) ?? 0
    if (before === Number.POSITIVE_INFINITY) broken(4, `${key} is told ${status.state} after its end`)
    if (status.seq > 0 && status.seq <= before)
      broken(4, `${key} is told update ${status.seq} after ${before}`)
    history.lastTold.set(
      key,
      isTerminal(status.state) ? Number.POSITIVE_INFINITY : Math.max(before, status.seq),
    )
  }
}

/** 5. One epoch is one reign, and what was obeyed once is never gone back behind. */
function oneReign(cluster: SimulatedCluster, history: History): void {
  if (history.storeLosses !== cluster.leases.losses) {
    history.reigns.clear()
    history.stale = new Set(
      [...cluster.masters.values()].map(({ ledger }) => `${ledger.name} ${ledger.epoch}`),
    )
  }
  history.storeLosses = cluster.leases.losses
  for (const { actor, ledger } of cluster.masters.values()) {
    // Whoever leads yet by what the store held before it was lost is about to find out.
    if (actor.present !== 'leading' || history.stale.has(`${ledger.name} ${ledger.epoch}`)) continue
    const known = history.reigns.get(ledger.epoch)
    if (known && known !== ledger) broken(5, `two masters lead in epoch ${ledger.epoch}`)
    history.reigns.set(ledger.epoch, ledger)
  }
  for (const { ledger } of cluster.slaves.values()) {
    const before = history.obeyed.get(ledger) ?? 0
    if (ledger.epoch < before) broken(5, `slave ${ledger.name} obeys epoch ${ledger.epoch} after ${before}`)
    history.obeyed.set(ledger, ledger.epoch)
  }
}

/**
 * After the weather has cleared and everything had its time: nothing runs, nothing is booked, everything was told, and
 * all work was done.
 */
export function checkConvergence(
  cluster: SimulatedCluster,
  undone: readonly string[],
  launched: ReadonlySet<string>,
  history: History,
): void {
  const { leader } = cluster
  if (!leader) throw new Error('broken: nobody leads in fair weather')
  const { ledger } = leader
  if (ledger.taskCount > 0)
    broken(
      1,
      `${ledger.taskCount} tasks are still in the books: ${[...ledger.frameworks.values()].flatMap(({ tasks }) => [...tasks.keys()].slice(0, 3))}`,
    )
  if (!fits(ledger.booked, subtract(ledger.total, ledger.total)))
    broken(1, `${words(ledger.booked)} are still booked`)
  for (const [name, { containers, ledger: slave }] of cluster.slaves) {
    if (containers.running.size > 0) broken(3, `slave ${name} still runs ${[...containers.running.keys()]}`)
    if (slave.tasks.size > 0)
      broken(4, `slave ${name} still waits for acknowledgements of ${[...slave.tasks.keys()]}`)
  }
  const ended = new Set(
    history.told
      .filter(({ status }) => isTerminal(status.state))
      .map(({ framework, status }) => `${framework} ${status.taskId}`),
  )
  for (const key of launched) if (!ended.has(key)) broken(4, `${key} was never told to be over`)
  // Whatever is free is offered, sooner or later all of it that somebody wants.
  if (undone.length > 0) broken(2, `nothing was offered that would do for ${undone}`)
}

const slavesOf = (master: Master): Slave[] => [...master.slaves.values()]
const words = ({ cpuMilli, memMb }: Resources) => `${cpuMilli / 1000} cpus, ${memMb} MiB`

/** Ports do not add up over slaves, each of which has the same ones. */
function same(
  { ports: _kept, ...kept }: Resources,
  { ports: _counted, ...counted }: Resources,
  what: string,
): void {
  if (!fits(kept, counted) || !fits(counted, kept))
    broken(1, `${what}: the books say ${words(kept)}, the things are ${words(counted)}`)
}

function broken(promise: number, how: string): never {
  throw new Error(`promise ${promise} is broken: ${how}`)
}
