/**
 * Bugs planted on purpose: each breaks one decision or one port in its own way, and the seeds must find it. What is
 * swapped is an export of a module, for all who import it; the product has no switch for any of this.
 */
import { taskKey } from '../../shared/ids.ts'
import { add } from '../../shared/resources.ts'
import { isTerminal } from '../../shared/tasks.ts'
import type { Offer } from '../../statecharts/master/ledger.ts'
import { pathOf } from '../../statecharts/master/roles.ts'
import type { Kind } from './mischief.ts'

export interface Planted {
  readonly name: string
  /** Whose exports are swapped, from the root. */
  readonly module: string
  /** What stands in the place of some of them. */
  readonly swap: (original: never) => object
  /** How the first seed that finds it says so. */
  readonly found: RegExp
  /** What goes wrong in the world where it is looked for; everything when absent. */
  readonly weather?: readonly Kind[]
}

/** Takes the type of the module along, so that what is swapped in fits where it goes. */
const planted = <Module extends object>(
  name: string,
  module: string,
  found: RegExp,
  swap: (original: Module) => Partial<Module>,
  weather?: readonly Kind[],
): Planted => ({
  name,
  module,
  found,
  swap: swap as (original: never) => object,
  ...(weather && { weather }),
})

type Judge = typeof import('../../statecharts/master/allocator/judge.ts')
type Disks = typeof import('../../services/simulator/disk.ts')
type Lease = typeof import('../../statecharts/lease.ts')
type Remembered = typeof import('../../statecharts/remembered.ts')
type MasterOffers = typeof import('../../statecharts/master/offers.ts')
type MasterTasks = typeof import('../../statecharts/master/tasks.ts')
type MasterBooks = typeof import('../../statecharts/master/books.ts')
type SlaveTasks = typeof import('../../statecharts/slave/tasks.ts')
type SlaveUpdates = typeof import('../../statecharts/slave/updates.ts')
type SlaveLimits = typeof import('../../statecharts/slave/limits.ts')
type SlaveRecovery = typeof import('../../statecharts/slave/recovery.ts')

export const plantedBugs: readonly Planted[] = [
  planted<Lease>(
    'a lease that does not fence: every reign counts as the same epoch',
    'statecharts/lease.ts',
    /promise [1-5]/,
    () => ({
      epochOf: () => 1,
      winsLease: (_lease, { op, result }) => op !== 'remove' && result.outcome === 'written',
    }),
    ['crash', 'restart', 'sleep', 'wake'],
  ),
  planted<Lease>(
    'a leader does not notice that his lease is another’s',
    'statecharts/lease.ts',
    /promise 5/,
    () => ({ losesLease: () => false, isLapsed: () => false }),
    ['sleep', 'wake'],
  ),
  planted<SlaveTasks>(
    'a slave acknowledges what its executor says, and drops the last word',
    'statecharts/slave/tasks.ts',
    /promise [14]/,
    ({ noteUpdates }) => ({
      noteUpdates: (slave, heard) => {
        const updates = heard.body.updates.map((status) =>
          isTerminal(status.state) && status.taskId.endsWith('3') ? { ...status, seq: 0 } : status,
        )
        return noteUpdates(slave, { ...heard, body: { updates } })
      },
    }),
  ),
  planted<SlaveTasks>(
    'a launch that comes twice begins its tasks anew',
    'statecharts/slave/tasks.ts',
    /promise [134]/,
    ({ launchTasks }) => ({
      launchTasks: (slave, heard) => {
        slave.launchSeq = Math.min(slave.launchSeq, heard.body.seq - 1)
        for (const { frameworkId, tasks } of heard.body.launches)
          for (const { taskId } of tasks) slave.tasks.delete(taskKey(frameworkId, taskId))
        return launchTasks(slave, heard)
      },
    }),
    ['nothing'],
  ),
  planted<MasterOffers>(
    'a declined offer leaves its resources offered',
    'statecharts/master/offers.ts',
    /promise 1/,
    ({ declineOffers }) => ({
      declineOffers: (master, heard) => {
        const declined = heard.body.offerIds.flatMap((offerId) => master.offers.get(offerId) ?? [])
        const effects = declineOffers(master, heard)
        for (const { slave, resources, state } of declined)
          if (state === 'declined') {
            slave.offered = add(slave.offered, resources)
            slave.free = undefined
          }
        return effects
      },
    }),
  ),
  planted<MasterOffers>(
    'an offer that was accepted can be accepted again',
    'statecharts/master/offers.ts',
    /promise [12]/,
    ({ acceptOffers }) => ({
      acceptOffers: (master, heard) => {
        const offers = heard.body.offerIds.flatMap((offerId): Offer[] => {
          const offer = master.offers.get(offerId)
          return offer ? [offer] : []
        })
        const effects = acceptOffers(master, heard)
        for (const offer of offers) master.offers.set(offer.offerId, offer)
        return effects
      },
    }),
  ),
  planted<MasterBooks>(
    'an executor is not booked',
    'statecharts/master/books.ts',
    /promise 1/,
    ({ enterExecutor, hold }) => ({
      enterExecutor: (master, slave, executor) => {
        enterExecutor(master, slave, executor)
        hold(master, { slave, ...executor, kind: 'regular', as: 'booked' }, -1)
      },
    }),
  ),
  planted<MasterTasks>(
    'the leader frees other than was booked',
    'statecharts/master/tasks.ts',
    /promise 1/,
    ({ noteStatus }) => ({
      noteStatus: (master, heard) => {
        const over = master.over.length
        const effects = noteStatus(master, heard)
        for (const { slave, spec } of master.over.slice(over))
          Object.assign(slave, {
            booked: add(slave.booked, { ...spec.resources, cpuMilli: -spec.resources.cpuMilli }),
            free: undefined,
          })
        return effects
      },
    }),
  ),
  planted<MasterTasks>(
    'the leader does not free what is over',
    'statecharts/master/tasks.ts',
    /promise 1/,
    ({ noteStatus }) => ({
      noteStatus: (master, heard) => {
        const updates = heard.body.updates.filter(({ state }) => !isTerminal(state))
        return noteStatus(master, { ...heard, body: { updates } })
      },
    }),
  ),
  planted<MasterBooks>(
    'what a role consumes is not given back when a task of it is over',
    'statecharts/master/books.ts',
    /promise 6/,
    ({ moveTask }) => ({
      moveTask: (master, task, state, at) => {
        const { role } = task.claim
        moveTask(master, task, state, at)
        if (isTerminal(state)) role.consumed.cpuMilli += task.spec.resources.cpuMilli
      },
    }),
    ['nothing'],
  ),
  planted<Judge>(
    'limits are not looked at',
    'statecharts/master/allocator/judge.ts',
    /promise 6/,
    ({ offerable }) => ({
      offerable: (master, match, at, listener) => {
        const limited = [...pathOf(match.claim.role)].filter(({ settings }) => settings.limit)
        const settings = limited.map((role) => role.settings)
        for (const role of limited) role.settings = {}
        const offered = offerable(master, match, at, listener)
        limited.forEach((role, i) => {
          role.settings = settings[i] ?? {}
        })
        return offered
      },
    }),
    ['share', 'nothing'],
  ),
  planted<Disks>(
    'a disk says that it is done before it is safe',
    'services/simulator/disk.ts',
    /promise [345]/,
    ({ SimulatedDisk }) => ({
      SimulatedDisk: class extends SimulatedDisk {
        constructor(...[time, chance]: ConstructorParameters<typeof SimulatedDisk>) {
          super(time, chance, () => 3000)
        }
        override append(records: readonly object[], done: (error?: Error) => void): void {
          super.append(records, () => {})
          done()
        }
      },
    }),
    ['crash', 'restart', 'restart'],
  ),
  planted<SlaveRecovery>(
    'a slave that comes back has forgotten the updates that nobody acknowledged',
    'statecharts/slave/recovery.ts',
    /promise [14]/,
    ({ recall }) => ({
      recall: (slave, records, at) => {
        recall(
          slave,
          records.filter(({ saved }) => saved !== 'update'),
          at,
        )
      },
    }),
  ),
  planted<SlaveLimits>(
    'a slave that comes back has forgotten how long its tasks may run',
    'statecharts/slave/limits.ts',
    /promise [134]/,
    () => ({ recallTimes: () => {} }),
    ['restart'],
  ),
  planted<Remembered>(
    'what was told over is not remembered',
    'statecharts/remembered.ts',
    /promise 4/,
    () => ({ remember: () => {} }),
  ),
  planted<SlaveUpdates>(
    'what nobody acknowledged is not said again',
    'statecharts/slave/updates.ts',
    /promise/,
    () => ({ repeat: () => [], repeatAll: () => [], repeatFor: () => [] }),
  ),
]
