/** A master in numbers, and in one sentence whether it does its work. */
import { isTerminal, type TaskState, taskStates } from '../../shared/tasks.ts'
import { frameworkTable, slaveTable } from '../../statecharts/lives.ts'
import type { Master } from '../../statecharts/master/ledger.ts'
import type { Meter } from '../runtime/actor.ts'
import { exportBus } from '../runtime/exporter/bus.ts'
import type { Exporter } from '../runtime/exporter/exporter.ts'
import type { Metrics } from '../runtime/exporter/metrics.ts'
import { type Readiness, ready, unready } from '../runtime/exporter/readiness.ts'
import { by, countStates } from '../runtime/exporter/reading.ts'
import { exportResources } from '../runtime/exporter/resources.ts'
import { meterSteps } from '../runtime/exporter/steps.ts'
import type { Bus, Clock, LeasePort } from '../runtime/ports.ts'

export interface ExportedMaster {
  readonly ledger: Master
  /** The state of its chart. */
  readonly present: () => string
  readonly clock: Clock
  readonly buses: Readonly<Record<string, Bus>>
  readonly lease: LeasePort
}

/** Shows a master. Its actor is to be made with these ports, which measure. */
export function exportMaster(
  exporter: Exporter,
  { ledger, present, clock, buses, lease }: ExportedMaster,
): { readonly meter: Meter; readonly lease: LeasePort } {
  const { metrics } = exporter
  const leads = () => present() === 'leading'
  exporter.readiness = () => readinessOf(ledger, present(), Object.values(buses))
  exportBus(metrics, buses)
  exportOffice(metrics, ledger, leads, clock)
  exportBooks(metrics, ledger)
  exportOffers(metrics, ledger)
  return { meter: meterOf(metrics), lease: timedLease(metrics, lease) }
}

/** A lease that tells how long each attempt took, and what came of it. */
function timedLease(metrics: Metrics, lease: LeasePort): LeasePort {
  const timed = metrics.timing(
    'proffer_master_lease_attempt_seconds',
    'Reads and writes of the lease in JetStream: a renewal is an update that was written.',
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2, 10],
    ...['op', 'outcome'],
  )
  return {
    attempt(effect, answered) {
      const began = performance.now()
      lease.attempt(effect, (result) => {
        timed(performance.now() - began, { op: effect.op, outcome: result.outcome })
        answered(result)
      })
    },
  }
}

function readinessOf({ name, epoch }: Master, present: string, buses: readonly Bus[]): Readiness {
  if (buses.some(({ isUp }) => !isUp)) return unready(`${name} does not reach NATS`)
  if (present === 'leading') return ready(`${name} leads, epoch ${epoch}`)
  if (present === 'standby') return ready(`${name} stands by`)
  if (present === 'entering') return unready(`${name} takes office: it waits for the registry in JetStream`)
  return unready(`${name} has stopped`)
}

function exportOffice(metrics: Metrics, ledger: Master, leads: () => boolean, clock: Clock): void {
  metrics.gauge('proffer_master_leading', 'Whether it leads; else it stands by.', () => (leads() ? 1 : 0))
  metrics.gauge(
    'proffer_master_epoch',
    'The epoch in which it leads; of a standby, the highest that it has heard of.',
    () => (leads() ? ledger.epoch : ledger.lease.highest),
  )
  metrics.gauge(
    'proffer_master_lease_remaining_seconds',
    'How long it may lead on without another good write of the lease.',
    () => (leads() ? Math.max(0, ledger.lease.deadline - clock.now()) / 1000 : 0),
  )
}

/** Tasks are counted as they move, for there may be 100,000; slaves and frameworks are counted at each scrape. */
function exportBooks(metrics: Metrics, ledger: Master): void {
  const tasksIn = (states: readonly TaskState[]) => () =>
    by(
      'state',
      states.map((state) => [state, ledger.tasksIn[state]] as const),
    )
  metrics.gauge(
    'proffer_master_slaves',
    'Slaves in its books.',
    () => by('state', countStates(Object.keys(slaveTable), ledger.slaves.values())),
    'state',
  )
  metrics.gauge('proffer_master_slaves_closed', 'Slaves that say that they take no tasks for now.', () =>
    countClosed(ledger),
  )
  metrics.gauge(
    'proffer_master_frameworks',
    'Frameworks in its books.',
    () => by('state', countStates(Object.keys(frameworkTable), ledger.frameworks.values())),
    'state',
  )
  const live = taskStates.filter((state) => !isTerminal(state))
  metrics.gauge('proffer_master_tasks', 'Tasks that are not over.', tasksIn(live), 'state')
  metrics.counter(
    'proffer_master_tasks_ended_total',
    'Tasks that have ended since it leads, by how.',
    tasksIn(taskStates.filter(isTerminal)),
    'state',
  )
  metrics.counter(
    'proffer_master_refusals_total',
    'What it has refused since it leads, by the code of the answer.',
    () => by('code', ledger.refused),
    'code',
  )
  exportResources(metrics, 'proffer_master', '', 'of all slaves', () => ledger.total)
  exportResources(metrics, 'proffer_master', 'booked', 'that tasks and executors hold', () => ledger.booked)
  exportResources(metrics, 'proffer_master', 'offered', 'that offers hold', () => ledger.offered)
}

function exportOffers(metrics: Metrics, ledger: Master): void {
  metrics.gauge('proffer_master_offers', 'Offers that stand.', () => ledger.offers.size)
  const total = (what: string, help: string, read: () => number) =>
    metrics.counter(`proffer_master_offers_${what}_total`, `Offers ${help} since it leads.`, read)
  total('made', 'made', () => ledger.counts.offers)
  total('accepted', 'that their frameworks took, some of it or all', () => ledger.offersEnded.accept)
  total('declined', 'that their frameworks did not want', () => ledger.offersEnded.decline)
  total('rescinded', 'taken back, mostly because nobody answered', () => ledger.offersEnded.rescind)
}

/** What no ledger keeps: how long decisions took, and how often it came into office. */
function meterOf(metrics: Metrics): Meter {
  const steps = meterSteps(metrics, 'proffer_master')
  let elections = 0
  metrics.counter('proffer_master_elections_total', 'How often it has taken office.', () => elections)
  const allocated = metrics.timing(
    'proffer_master_allocation_seconds',
    'Runs of the allocation, by the time that each took: nothing else is decided meanwhile.',
    [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  )
  return {
    decided(event, ms, before, after) {
      steps.decided(event, ms, before, after)
      if (event.type === 'wake.offers') allocated(ms)
      if (after === 'leading' && before !== 'leading') elections++
    },
  }
}

function countClosed({ slaves }: Master): number {
  let closed = 0
  for (const slave of slaves.values()) if (slave.closed !== undefined) closed++
  return closed
}
