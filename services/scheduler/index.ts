/**
 * The door of a framework's author. A name and a few answers make a framework:
 *
 *     const scheduler = await runScheduler({
 *       name: 'hello',
 *       onOffers: (offers) => offers[0]?.add({ id: 'greet', cpus: 0.1, mem: 32, command: ['echo', 'hello'] }),
 *     })
 *
 * Nothing here mentions NATS subjects, msgpack, masters or charts. What the paper calls its calls and callbacks
 * (Hindman et al., NSDI 2011, Table 1) is all here; the README maps each.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { readSchedulerSettings } from '../../shared/config.ts'
import type { FrameworkId } from '../../shared/ids.ts'
import type { Taken } from '../../shared/messages.ts'
import { token } from '../../shared/subjects.ts'
import { type GivenConnection, readConnection } from '../runtime/bus/connection.ts'
import { type Log, openLog } from '../runtime/log.ts'
import { type Ending, Member, newIncarnation } from '../runtime/member.ts'
import { bucketName, keyOf, leaseIn } from '../runtime/overBus.ts'
import { version } from '../runtime/package.ts'
import { schedulerActor } from './actor.ts'
import type { Framework, Scheduler } from './framework.ts'
import { type GivenRoles, readRoles } from './roles.ts'
import { openStore, type Store } from './store.ts'

export type { AttributeRule, AttributeRules } from '../../shared/attributes.ts'
export type { FrameworkId, OfferId, SlaveId, TaskId } from '../../shared/ids.ts'
export type { ExplainRow, ObstacleCode, RoleRow, Taken, Volume } from '../../shared/messages.ts'
export type { Reason, Status, TaskState } from '../../shared/tasks.ts'
export type { Notice } from '../../statecharts/decision.ts'
export { isOver } from './author.ts'
export type { Explanation, Framework, OfferFilters, Scheduler, Share, Wanted } from './framework.ts'
export { levelOf, Patience, type Place, type Preference } from './locality.ts'
export type { Offer } from './offer.ts'
export type { GivenRoles } from './roles.ts'
export { type Entry, type Store, StoreConflict, StoreUnknown } from './store.ts'
export type { Amounts, ExecutorRequest, TaskRequest } from './task.ts'

export interface SchedulerOptions extends Framework, GivenRoles {
  /** What people see; 1 to 255 characters. */
  readonly name: string
  /**
   * What it can make use of beside ordinary offers: `short` ones, on which tasks may run only so long, and `revocable`
   * ones, which others are owed, so that what runs there is the first to go.
   */
  readonly takes?: readonly Taken[]
  /** Who it speaks as on the bus, where permissions pin that; its name where none is given. */
  readonly principal?: string
  /** Its tasks run on while it is away for so many seconds; 600. */
  readonly failoverSeconds?: number
  /** The id of its earlier life, to find its tasks again. */
  readonly frameworkId?: string
  /** Stands by for other schedulers of the same principal and name, and they for it: one leads, and has the tasks. */
  readonly standby?: boolean
  /** Which cluster on this bus; `main`. */
  readonly cluster?: string
  /** How to reach the bus; where nothing is given, as the `nats` command does: NATS_URL, a context, or localhost. */
  readonly connection?: GivenConnection
  /** Where NATS_URL and its like are looked for; the process's own environment. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly log?: Log
  /** Settings by name; see `schedulerSettings`. */
  readonly settings?: Readonly<Record<string, number>>
  /** Of the buckets of the store and of the lease; 1. */
  readonly storeReplicas?: number
}

export interface RunningScheduler extends Scheduler {
  /** Values that outlive the process, with compare-and-set. Opened when it is first asked for. */
  store(): Promise<Store>
  /** Leaves; its tasks run on for `failoverSeconds`. */
  stop(): Promise<void>
  /** Is done for good: whatever it runs is killed. */
  teardown(): Promise<void>
  /** When it has ended: stopped, torn down, or refused by the leader. Rejects when something of ours is broken. */
  readonly ended: Promise<Ending>
}

/**
 * Runs a framework's scheduler. Resolves when it is on the bus; it subscribes with whoever leads, now and after
 * every gap. Rejects with ConnectionError or BusError when the bus cannot be reached, with SettingError or
 * RangeError for what cannot be.
 */
export async function runScheduler(options: SchedulerOptions): Promise<RunningScheduler> {
  const { name, cluster = 'main', failoverSeconds = 600, takes = [], frameworkId } = options
  const principal = options.principal ?? name
  checkName(name, 'name')
  checkName(principal, 'principal')
  const filters = readRoles(name, options)
  const settings = readSchedulerSettings(options.settings)
  const log = options.log ?? openLog({ level: 'warn', pretty: false })
  const connection = readConnection(options.connection ?? {}, options.env ?? process.env)
  const title = `proffer framework ${name}`
  const who = { role: 'scheduler', id: principal } as const
  const member = await Member.join({ connection, cluster, title, who, log })

  const { post, bind } = member.post({ role: 'scheduler', id: principal })
  const identity = {
    name,
    principal,
    instance: newIncarnation(),
    failoverSeconds,
    takes,
    standby: options.standby ?? false,
  }
  const known = frameworkId ? { frameworkId: frameworkId as FrameworkId } : {}
  const lease = options.standby ? await openLease(member, cluster, identity, options) : undefined
  const { author, actor } = schedulerActor(
    { identity, filters, framework: options, settings, ...known },
    { ...member.ports(name), post, ...(lease && { lease }) },
  )
  bind(actor)
  member.onReconnected(() => actor.hear({ type: 'reconnected', at: actor.now() }))
  actor.hear({ type: 'start', at: actor.now() })

  const ended = member.ended.finally(async () => {
    actor.halt()
    await Promise.race([author.idle(), delay(settings.callbackSeconds * 1000, undefined, { ref: false })])
    await lease?.settled()
    await member.leave()
  })
  ended.catch(() => {})
  const stop = async (teardown: boolean) => {
    actor.hear({ type: 'stop', at: actor.now(), teardown } as { type: string; at: number })
    await ended
  }
  let store: Promise<Store> | undefined
  return Object.assign(author, {
    ended,
    stop: () => stop(false),
    teardown: () => stop(true),
    store: () => {
      store ??= openStore(member.bus, cluster, name, options.storeReplicas ?? 1)
      return store
    },
  })
}

/** The lease of schedulers that stand by for one another: one key for each framework. */
async function openLease(
  { bus, clock }: Member,
  cluster: string,
  { principal, name, instance }: { principal: string; name: string; instance: string },
  { storeReplicas = 1, settings }: SchedulerOptions,
) {
  const { leaseTtlSeconds } = readSchedulerSettings(settings)
  const bucket = await bus.bucket(bucketName(cluster, 'schedulers'), {
    replicas: storeReplicas,
    ttlMs: leaseTtlSeconds * 1000,
  })
  return leaseIn(bucket, keyOf(principal, name), { name: instance, version, startedAt: clock.now() })
}

function checkName(name: string, what: string): void {
  if (name.length < 1 || name.length > 255)
    throw new RangeError(`a framework's ${what} has 1 to 255 characters, not ${name.length}`)
  token(name)
}
