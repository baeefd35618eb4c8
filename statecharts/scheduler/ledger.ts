/** What a framework's scheduler knows: the offers that it holds, and its tasks. */
import type { SchedulerSettings } from '../../shared/config.ts'
import type { Epoch, FrameworkId, OfferId, SlaveId, TaskId } from '../../shared/ids.ts'
import type { Body, Filters, Taken } from '../../shared/messages.ts'
import type { Address } from '../../shared/subjects.ts'
import type { TaskState } from '../../shared/tasks.ts'
import type { HeldOffer } from '../decision.ts'
import { type Lease, newLease } from '../lease.ts'
import { type Mismatch, newMismatch } from '../mismatch.ts'
import { Moves } from '../moves.ts'

export interface Task {
  readonly taskId: TaskId
  state: TaskState
  /** Where it runs; undefined until the leader has said yes. */
  slaveId: SlaveId | undefined
  /** The seq of the last update that the author was told; undefined for a task that an earlier instance launched. */
  told: number | undefined
  /** The author wants it killed, with this grace: said again to every new leader. */
  killing: { readonly graceSeconds: number | undefined } | undefined
}

/** What the author wishes in one of his roles: wanting nothing suppresses. */
export interface Wish {
  wanted: boolean
  filters: Filters
}

/** What the leader is to know of a role, and has not said yet that he does. */
export interface Unheard {
  readonly role: string
  /** Undefined: that refusals are to be forgotten. */
  readonly filters: Filters | undefined
  /** What it was last said by; undefined when it is to be said again. */
  ref: string | undefined
}

/** An accept on its way to the leader. */
export interface Accept {
  readonly taskIds: readonly TaskId[]
  /** Whether it reserves, or makes volumes, or undoes that: no task tells of those. */
  readonly operates: boolean
}

/** Who this framework is: given to it, and the same for all of its life. */
export interface FrameworkIdentity {
  readonly name: string
  readonly principal: string
  readonly instance: string
  readonly failoverSeconds: number
  /** What it can make use of beside ordinary offers. */
  readonly takes: readonly Taken[]
  /** Whether it stands by for other schedulers of the same framework, and they for it. */
  readonly standby: boolean
}

export interface Scheduler extends FrameworkIdentity {
  readonly settings: SchedulerSettings
  /** Of several schedulers that stand by for one another; undefined for one that is alone. */
  readonly lease: Lease | undefined
  frameworkId: FrameworkId | undefined
  readonly moves: Moves
  /** The highest epoch that was heard; words of a lower one are dropped. */
  epoch: Epoch
  beatMs: number
  /** By role: those that the framework is in. */
  readonly wishes: ReadonlyMap<string, Wish>
  readonly unheard: Map<string, Unheard>
  /** Whether the leader makes its refusals last longer, because it keeps declining. */
  backedOff: boolean
  readonly offers: Map<OfferId, HeldOffer>
  readonly tasks: Map<TaskId, Task>
  /** Tasks that are over, with the last seq that was told: a repeated update is acknowledged and not told again. */
  readonly over: Map<TaskId, number>
  /** Accepts on their way to the leader. */
  readonly accepts: Map<string, Accept>
  /** What was asked in reconciling, by ref. */
  readonly questions: Map<string, readonly TaskId[]>
  /** Updates that the author was told and has not done with, by task, the oldest first. */
  readonly hearing: Map<TaskId, number[]>
  digest: number
  /** Between that and the leader's. */
  readonly mismatch: Mismatch
  /** What is to be acknowledged to each slave after this burst of events. */
  readonly acks: Map<SlaveId, Body<'status.ack'>['acks']>
  ackDue: boolean
  /** When a teardown that nobody answers is given up. */
  leaveBy: number | undefined
  /** The ref of the latest subscription: an answer to an earlier one comes too late. */
  subscription: string
  /** Counts asks, so that each answer finds its question. */
  asked: number
}

/** What a scheduler knows from the start. */
interface Known {
  readonly frameworkId?: FrameworkId
  readonly wishes: ReadonlyMap<string, Wish>
}

export function newScheduler(
  identity: FrameworkIdentity,
  settings: SchedulerSettings,
  known: Known,
): Scheduler {
  return {
    ...identity,
    settings,
    moves: new Moves(),
    lease: identity.standby ? newLease(identity.instance, settings) : undefined,
    frameworkId: known.frameworkId,
    epoch: 0,
    beatMs: 1000,
    wishes: known.wishes,
    unheard: unheardAtFirst(identity, known),
    backedOff: false,
    offers: new Map(),
    tasks: new Map(),
    over: new Map(),
    accepts: new Map(),
    questions: new Map(),
    hearing: new Map(),
    digest: 0,
    mismatch: newMismatch(),
    acks: new Map(),
    ackDue: false,
    leaveBy: undefined,
    subscription: '',
    asked: 0,
  }
}

/** What an earlier process of the framework refused it refused for reasons that this one does not know. */
function unheardAtFirst(
  { standby }: FrameworkIdentity,
  { frameworkId, wishes }: Known,
): Map<string, Unheard> {
  const unheard = new Map<string, Unheard>()
  if (!frameworkId && !standby) return unheard
  for (const [role, { wanted }] of wishes)
    if (wanted) unheard.set(`refusals ${role}`, { role, filters: undefined, ref: undefined })
  return unheard
}

export const toLeader: Address = { role: 'master' }
/** Only asked for once the leader has answered: before it there is nothing to say. */
export const idOf = (scheduler: Scheduler): FrameworkId => scheduler.frameworkId ?? ('' as FrameworkId)
export const ownAddress = (scheduler: Scheduler): Address => ({
  role: 'scheduler',
  principal: scheduler.principal,
  frameworkId: idOf(scheduler),
})
/** Where the one that leads is found by those that stand by: under the framework's name, which is no id. */
export const leaderAddress = ({ principal, name }: Scheduler): Address => ({
  role: 'scheduler',
  principal,
  frameworkId: name as FrameworkId,
})
export const nextRef = (scheduler: Scheduler): string => `${++scheduler.asked}`
export const timeoutMs = (scheduler: Scheduler): number => scheduler.settings.askTimeoutSeconds * 1000
/** Whether a word of a leader counts: an epoch as high as any that was heard. */
export const obeys = (scheduler: Scheduler, heard: { readonly body: { readonly epoch: number } }): boolean =>
  heard.body.epoch >= scheduler.epoch
