/** A slave in numbers, and in one sentence whether it does its work. */
import { taskStates } from '../../shared/tasks.ts'
import type { Heard } from '../../statecharts/decision.ts'
import type { Slave } from '../../statecharts/slave/ledger.ts'
import { heldBy } from '../../statecharts/slave/recovery.ts'
import type { Event, Meter } from '../runtime/actor.ts'
import { exportBus } from '../runtime/exporter/bus.ts'
import type { Exporter } from '../runtime/exporter/exporter.ts'
import type { Metrics } from '../runtime/exporter/metrics.ts'
import { type Readiness, ready, unready } from '../runtime/exporter/readiness.ts'
import { by, countStates } from '../runtime/exporter/reading.ts'
import { exportResources } from '../runtime/exporter/resources.ts'
import { meterSteps } from '../runtime/exporter/steps.ts'
import type { Bus, Disk } from '../runtime/ports.ts'

/** Shows a slave that is in this state of its chart. */
export function exportSlave(exporter: Exporter, ledger: Slave, present: () => string, bus: Bus): void {
  const { metrics } = exporter
  exporter.readiness = () => readinessOf(ledger, present(), bus)
  exportBus(metrics, { main: bus })
  exportStanding(metrics, ledger, present)
  exportWork(metrics, ledger)
  exportResources(metrics, 'proffer_slave', '', 'that it offers', () => ledger.resources)
  const held = metrics.perScrape(() => heldBy(ledger))
  exportResources(metrics, 'proffer_slave', 'booked', 'that its tasks and executors hold', held)
}

/** What is to look at its steps. */
export function slaveMeter(metrics: Metrics): Meter {
  const steps = meterSteps(metrics, 'proffer_slave')
  let launches = 0
  metrics.counter('proffer_slave_launches_total', 'Tasks that it was told to launch.', () => launches)
  return {
    decided(event, ms, before, after) {
      steps.decided(event, ms, before, after)
      if (isLaunch(event)) for (const { tasks } of event.body.launches) launches += tasks.length
    },
  }
}
const isLaunch = (event: Event): event is Heard<'task.launch'> => event.type === 'task.launch'

/** A disk that tells how long it took until what was written would survive a crash. */
export function timedDisk(metrics: Metrics, disk: Disk): Disk {
  const timed = metrics.timing(
    'proffer_slave_checkpoint_write_seconds',
    'Writes of its checkpoint, from the asking until they are safe on the disk; many are made as one.',
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2, 10],
    ...['op', 'outcome'],
  )
  const write = (op: 'append' | 'rewrite') => (records: readonly object[], done: (error?: Error) => void) => {
    const began = performance.now()
    disk[op](records, (error) => {
      timed(performance.now() - began, { op, outcome: error ? 'failed' : 'safe' })
      done(error)
    })
  }
  return { append: write('append'), rewrite: write('rewrite'), close: () => disk.close() }
}

function readinessOf({ name, slaveId, closed, complaint }: Slave, present: string, bus: Bus): Readiness {
  if (!bus.isUp) return unready(`slave ${name} does not reach NATS`)
  if (present === 'registering')
    return unready(
      complaint
        ? `the leader does not admit slave ${name}: ${complaint}`
        : `no leader has admitted slave ${name} yet`,
    )
  if (present !== 'registered') return unready(`slave ${name} stops, or has stopped`)
  if (closed !== undefined) return unready(`slave ${name} takes no tasks: ${closed}`)
  return ready(`slave ${name} (${slaveId}) takes tasks`)
}

function exportStanding(metrics: Metrics, ledger: Slave, present: () => string): void {
  metrics.gauge('proffer_slave_registered', 'Whether a leader has admitted it.', () =>
    present() === 'registered' ? 1 : 0,
  )
  metrics.gauge('proffer_slave_epoch', 'The highest epoch that it has heard.', () => ledger.epoch)
  metrics.gauge('proffer_slave_closed', 'Whether it takes no tasks for now, for the sake of its disk.', () =>
    ledger.closed === undefined ? 0 : 1,
  )
}

function exportWork(metrics: Metrics, ledger: Slave): void {
  metrics.gauge(
    'proffer_slave_tasks',
    'Tasks in its books: those that are over stay until their last update is acknowledged.',
    () => by('state', countStates(taskStates, ledger.tasks.values())),
    'state',
  )
  metrics.gauge(
    'proffer_slave_executors',
    'Custom executors that it runs.',
    // Its own, which runs commands, is always there.
    () => ledger.executors.size - 1,
  )
  metrics.gauge(
    'proffer_slave_unacknowledged_updates',
    'Status updates that no framework has acknowledged yet.',
    () => countUpdates(ledger),
  )
  metrics.gauge('proffer_slave_sandboxes', 'Sandboxes on its disk.', () => ledger.sandboxes.size)
}

function countUpdates({ tasks }: Slave): number {
  let count = 0
  for (const { updates } of tasks.values()) count += updates.length
  return count
}
