/** What an author answers, and what he may ask for at any time. */
import type { AttributeRules } from '../../shared/attributes.ts'
import type { FrameworkId, OfferId, SlaveId, TaskId } from '../../shared/ids.ts'
import type { ExplainRow, ObstacleCode, RoleRow } from '../../shared/messages.ts'
import type { Resources } from '../../shared/resources.ts'
import type { Status } from '../../shared/tasks.ts'
import type { Notice } from '../../statecharts/decision.ts'
import type { Offer } from './offer.ts'
import type { Amounts } from './task.ts'

/** What an author answers. Only `onOffers` must be there. */
export interface Framework {
  /** Add tasks to offers. What is neither sent, declined nor held when this returns is answered: sent if it has tasks, else declined. */
  onOffers(offers: readonly Offer[], scheduler: Scheduler): void | Promise<void>
  /**
   * Told once for each update, in order per task. An update is acknowledged when this has returned, or what it returned
   * has settled: whoever dies before that is told again in his next life.
   */
  onStatus?(status: Status, scheduler: Scheduler): void | Promise<void>
  /**
   * Whether there is work for this role. Asked after each callback and on `review()`, for each role of the framework;
   * wanting nothing suppresses offers there, and new work is offered even what was refused before.
   */
  wants?(role: string): boolean
  /** The ids of tasks that an earlier process of this framework launched, and did not see end: each is asked about. */
  remembers?(): readonly string[]
  onSubscribed?(frameworkId: FrameworkId, scheduler: Scheduler): void
  onRescinded?(offerIds: readonly OfferId[], reason: string): void
  onMessage?(
    payload: Uint8Array,
    from: { readonly slaveId: SlaveId; readonly executor: string },
    scheduler: Scheduler,
  ): void
  /** This scheduler, of several that stand by for one another, leads from now on: bring back what it must remember. */
  onLeading?(scheduler: Scheduler): void | Promise<void>
  /** An operator wants a slave empty: what you have not ended there by then is killed. */
  onDraining?(
    slave: {
      readonly slaveId: SlaveId
      readonly slaveName: string
      readonly withinSeconds: number
      readonly taskIds: readonly TaskId[]
    },
    scheduler: Scheduler,
  ): void
  /**
   * Others are owed what you hold beyond your share: end tasks there that free so much, whichever you choose, within
   * so many seconds. If they do not, those that are named are killed, with reason `revoked`. Doing nothing is allowed.
   */
  onRevocation?(notice: Notice, scheduler: Scheduler): void
  /**
   * You keep declining what you are offered, so each refusal lasts at least so long, and longer if you go on. Told once
   * each time that it begins; it ends when you launch something. Filters, or wanting nothing, spare you such offers.
   */
  onBackedOff?(seconds: number, scheduler: Scheduler): void
  onSlaveLost?(slave: { readonly slaveId: SlaveId; readonly slaveName: string }): void
  onExecutorLost?(executor: {
    readonly slaveId: SlaveId
    readonly name: string
    readonly message: string
  }): void
  /** Something was refused, or a callback of this framework failed. */
  onError?(error: { readonly code: string; readonly message: string }): void
}

/** Filters as people write them: only slaves that meet every part are offered. */
export interface OfferFilters {
  /** Only these, by name. */
  readonly slaves?: readonly string[]
  /** Only with so much free. */
  readonly atLeast?: Amounts
  /** A value, `{ exists: true }`, `{ oneOf: ['r1', 'r2'] }` or `{ pattern: 'rack-*' }`, by the attribute's name. */
  readonly attributes?: AttributeRules
}

export interface Share {
  /** None of its tasks is revoked while it holds less. */
  readonly guaranteed: Resources
  /** Dominant share of the cluster, 0..1. */
  readonly share: number
  readonly booked: Resources
  readonly offered: Resources
  readonly total: Resources
  /** How each of its roles stands: weight, fair share, guarantee, limit. */
  readonly roles: readonly RoleRow[]
}

/** What would be launched, and where: of all of it nothing must be given. */
export interface Wanted extends Amounts {
  readonly attributes?: AttributeRules
  /** In this role; in all when absent. */
  readonly role?: string
  /** Only this slave, by name or id. */
  readonly slave?: string
  /** Where the page before ended, and how many rows one has. */
  readonly after?: string
  readonly limit?: number
}
export interface Explanation {
  /** How many slaves each thing keeps away; `none`: about to be offered. */
  readonly counts: Readonly<Partial<Record<ObstacleCode | 'none', number>>>
  /** Slave by slave, with the first thing that stands in the way, in words. */
  readonly slaves: readonly ExplainRow[]
  /** Ask again with it as `after` for the rows behind these. */
  readonly next?: string
}

/** What an author may do at any time. */
export interface Scheduler {
  readonly frameworkId: FrameworkId | undefined
  /** Kills a task: said again until it is over. */
  kill(taskId: string, graceSeconds?: number): void
  /** Asks `wants` again, when something outside of the callbacks has changed. */
  review(): void
  /**
   * Asks the leader what it knows of every task, and of these, which an earlier process launched; differences come as
   * statuses. It happens by itself after each gap.
   */
  reconcile(taskIds?: readonly string[]): void
  /** Only such slaves from now on, in these roles or in all. Throws RangeError for a role that it is not in. */
  filter(filters: OfferFilters, roles?: readonly string[]): void
  /** What was refused may be offered again, in these roles or in all. New work does it by itself; see `wants`. */
  clearRefusals(roles?: readonly string[]): void
  /** What is guaranteed to this framework, and what it has. */
  share(): Promise<Share>
  /** Why is it offered so little? What stands between it and each slave, were the next offers made now. */
  explain(wanted?: Wanted): Promise<Explanation>
  /** Where a task is, and why, in sentences. */
  explainTask(taskId: string): Promise<readonly string[]>
  /** Bytes to an executor; best effort, in order. */
  message(slaveId: SlaveId, executor: string, payload: Uint8Array): void
  /** Stops an executor and its tasks. */
  shutDownExecutor(slaveId: SlaveId, name: string): void
}
