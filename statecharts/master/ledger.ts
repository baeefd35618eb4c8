/** What the leading master knows. All of it is soft: a new leader hears it again from slaves and schedulers. */

import { assert } from '../../shared/assert.ts'
import type { Attributes } from '../../shared/attributes.ts'
import type { MasterSettings } from '../../shared/config.ts'
import { hash } from '../../shared/digest.ts'
import type { RefusalCode } from '../../shared/errors.ts'
import type { Epoch, ExecutorId, FrameworkId, OfferId, SlaveId, TaskId } from '../../shared/ids.ts'
import type { Answer, Filters, Holdings, Reservation, Taken } from '../../shared/messages.ts'
import { type Resources, subtract } from '../../shared/resources.ts'
import type { Sharing } from '../../shared/roles.ts'
import type { Address } from '../../shared/subjects.ts'
import { newTally, type Tally } from '../../shared/tally.ts'
import { type Status, type Task as TaskSpec, type TaskState, taskStates } from '../../shared/tasks.ts'
import { Bits } from '../bits.ts'
import type { ReplyTo } from '../decision.ts'
import { Heap } from '../heap.ts'
import { type Lease, newLease } from '../lease.ts'
import type { FrameworkState, OfferState, SlaveState } from '../lives.ts'
import type { Mismatch } from '../mismatch.ts'
import { Moves } from '../moves.ts'
import { Roll } from '../roll.ts'
import { type Policies, type Policy, policies } from './allocator/allocator.ts'
import { drf } from './allocator/drf.ts'
import { newReaders, type Readers } from './readers.ts'
import type { Report } from './reconcile.ts'
import type { Revocation } from './revocation.ts'
import { newRoot, type Role } from './roles.ts'

export interface Slave {
  readonly slaveId: SlaveId
  readonly name: string
  incarnation: string
  isolation: string
  attributes: Attributes
  /** What it says that it has; and what of that is not a persistent volume. */
  declared: Resources
  total: Resources
  state: SlaveState
  /** What its tasks and executors hold; what its outstanding offers hold. */
  booked: Resources
  offered: Resources
  /** What is neither; counted anew when it is asked for after a change. */
  free: Resources | undefined
  /** Of what is booked and offered: what others are owed, and what is for short tasks alone. */
  readonly revocable: Tally
  readonly short: Tally
  /** What of it is for one role alone, and what each such role holds of it; undefined where nothing is. */
  reserved: ReservedParts | undefined
  /** Its own reservations, which nobody can undo; and what the leader has had it hold. */
  ownReserved: readonly Reservation[]
  holdings: Holdings
  /** Another version of them is on its way to it. */
  holdingsAsked: HoldingsAsked | undefined
  /** What it adds to all that may be offered, as that was last counted. */
  readonly counted: Tally
  readonly offers: Set<Offer>
  readonly tasks: Map<string, Task>
  readonly executors: Map<ExecutorId, Executor>
  /** Claims that have refused it, by their numbers, and the least that any of them has refused. */
  readonly refusedBy: Bits
  leastRefused: Tally | undefined
  refusals: number
  keptFor: Kept | undefined
  /** What of it was taken back for a role, by role. */
  earmarks: Map<Role, Earmark>
  heardAt: number
  /** How long it may be between its words, s: what it says itself, or what it was told. */
  beatSeconds: number
  /** Counts the launches to it, so that one that comes late can be told. */
  launchSeq: number
  /** Whether it stands in the registry: before that nothing is offered of it. */
  kept: boolean
  /** Its tasks with updates that no framework has acknowledged, as it last said. */
  unacked: number
  /** When it last said that there are none; and when the last of its tasks has ended. */
  quietAt: number
  endedAt: number
  /** Tasks that were over when it registered, and not acknowledged. */
  ended: ReadonlySet<string>
  /** Why it takes no tasks for now, in its own words. */
  closed: string | undefined
  drain: Drain | undefined
  /** Over its tasks that are not over and its executors; see heldHash. */
  digest: number
  /** Between that and the slave's own. */
  mismatch: Mismatch
}

/** The role for which a slave is kept until enough of it is free for one large offer, and for how long at the most. */
export interface Kept {
  readonly role: Role
  readonly until: number
}

/** What was taken back of a slave for a role, and how long it is kept for it at the most. */
export interface Earmark extends Kept {
  readonly amount: Tally
}

/** By role. What a role holds comes out of its reservation first. */
export type ReservedParts = Map<string, Part>
export interface Part {
  readonly reserved: Tally
  readonly held: Tally
}

/** Who waits for a slave's word on what it is to hold. */
export interface HoldingsAsked {
  readonly before: Holdings
  readonly type: string
  readonly reply: ReplyTo | undefined
}

/** An operator wants a slave empty. */
export interface Drain {
  /** What its frameworks have not given back by then is killed, ms. */
  readonly by: number
  readonly graceSeconds: number | undefined
}

/** A custom executor; the command executor costs nothing and is not booked. */
export interface Executor {
  readonly claim: Claim
  readonly name: string
  readonly resources: Resources
}

export interface Framework {
  readonly frameworkId: FrameworkId
  name: string
  readonly principal: string
  /** Its roles, and what it has in each, by path. */
  readonly claims: Map<string, Claim>
  takes: ReadonlySet<Taken>
  /** Whether it stands in the registry: before that it is offered nothing. */
  kept: boolean
  /** Whether it stands there as away. */
  keptAway: boolean
  state: FrameworkState
  instance: string
  failoverSeconds: number
  heardAt: number
  readonly offers: Set<Offer>
  /** Those that are not over. */
  readonly tasks: Roll<TaskId, Task>
  readonly booked: Tally
  readonly offered: Tally
  readonly declines: Map<string, number>
  /** Offers that it held, times how long, ms; counted up to `offersSince`. */
  offeredMs: number
  offersSince: number
  /** When it was last made an offer. */
  offeredAt: number | undefined
  /** Over its tasks that are not over. */
  digest: number
  /** When it will be given up, once nothing is heard of it. */
  completedAt: number | undefined
}

/** A framework in one role: what is offered, is offered to it. */
export interface Claim {
  readonly kind: 'claim'
  readonly framework: Framework
  role: Role
  /** What the framework calls the role, which may have been moved since; and by which such names it wants no offers. */
  as: string
  readonly suppressedAs: Map<string, boolean>
  /** Its place in sets of bits. */
  readonly index: number
  /** Whether the framework is in this role yet, or only has something left there. */
  subscribed: boolean
  /** Whether it wants offers, and its framework is there to hear of them. */
  wants: boolean
  filters: Filters
  readonly refusals: Map<Slave, Refused>
  /** Its tasks, executors and offers. */
  things: number
  /** Offers that it has declined without taking any. */
  declinedInRow: number
  readonly weight: number
  readonly booked: Tally
  readonly offered: Tally
  /** Of both, what is not revocable. */
  readonly regular: Tally
  share: number
  /** The size of the cluster by which that was measured. */
  measuredAt: number
  allocations: number
  name: string
  readonly id: string
}

/** What kind of offer it is: who is offered a short or revocable part of a slave must have said that he takes such. */
export type Kind = 'regular' | 'short' | 'revocable'

/** A slave that a framework does not want for a while; the last part of a declined offer's life. */
export interface Refused {
  readonly slave: Slave
  readonly claim: Claim
  readonly resources: Resources
  /** The offer that it was declined as; absent where it is what an accept has left. */
  readonly offerId: OfferId | undefined
  /** When it lapses, ms. */
  readonly at: number
  state: OfferState
}

/** What ends an offer. */
export type OfferEnd = 'accept' | 'decline' | 'rescind'

export interface Offer {
  readonly offerId: OfferId
  readonly slave: Slave
  readonly claim: Claim
  readonly kind: Kind
  readonly resources: Resources
  readonly standsUntil: number
  state: OfferState
}

export interface Task {
  readonly framework: Framework
  readonly claim: Claim
  readonly taskId: TaskId
  readonly slave: Slave
  spec: TaskSpec
  readonly launchSeq: number
  state: TaskState
  since: number
  /** When it was launched, as far as this leader knows, and what its claim's share was then. */
  readonly launchedAt: number
  readonly share: number
  latest: Status | undefined
}

export interface Master extends Books {
  readonly settings: MasterSettings
  /** The name of this master, for people. */
  readonly name: string
  /** All policies that it was started with. */
  readonly policies: Policies
  readonly lease: Lease
  readonly moves: Moves
  epoch: Epoch
  electedAt: number
  /** Whether the registry may lack what was admitted before: it was begun, or lost, only just. */
  fresh: boolean
  /** From when on nothing is known but what is known: later than the election when the registry was lost. */
  settledAt: number
  /** Since when a standby finds the lease vacant though somebody leads. */
  vacantSince: number
  /** When it last looked for whoever is silent, and when among slaves. */
  lookedAt: number
  lookedAtSlaves: number
  /** While its own link is down it hears nobody, and blames nobody. */
  linked: boolean
  allocatedAt: number
}

/** What only the leader may know: forgotten when the lease is lost. */
interface Books {
  /** Who was heard to lead with a higher epoch than ours; empty when nobody was. */
  rival: string
  readonly slaves: Roll<SlaveId, Slave>
  readonly slavesByName: Map<string, Slave>
  /** Those that are to be empty, and are not. */
  readonly draining: Set<Slave>
  /** Those with updates that no framework has acknowledged. */
  readonly unacked: Set<Slave>
  readonly frameworks: Roll<FrameworkId, Framework>
  readonly frameworksOf: Map<string, Set<Framework>>
  /** Offers that stand, the oldest first: all of them stand equally long, so the first is the next to expire. */
  readonly offers: Roll<OfferId, Offer>
  /** Ids that may not come back, the newest so many: their tasks were told lost, or killed. */
  readonly goneSlaves: Set<SlaveId>
  readonly completedFrameworks: Set<FrameworkId>
  /** When slaves were given up within the last minute, and whether too many are away for any to be. */
  readonly removals: number[]
  massLoss: boolean
  /** Reports that come in parts, by slave name. */
  readonly partial: Map<string, Report & { readonly incarnation: string; readonly parts: number }>

  /** Roles in a tree, and what operators have set for them. */
  readonly root: Role
  sharing: Sharing
  /** Who waits for the sharing that he has set to stand in the registry, and what he is told then. */
  readonly sharingAsked: { readonly to: ReplyTo; readonly answer: Answer<'sharing.set'> }[]
  /** The policy by which it goes; and what was wrong with the one that was asked for, when that is not it. */
  policy: Policy
  policyFlaw: string | undefined
  /** Slaves that have something free and were not looked at since that changed. */
  readonly freed: Set<Slave>
  /** Slaves that were looked at: nobody would have what is free; or somebody would, had he the room for it. */
  readonly idle: Set<Slave>
  readonly squeezed: Set<Slave>
  /** Those that are kept for one large offer, or in part for somebody who is owed it. */
  readonly keptSlaves: Set<Slave>
  /** Whether somebody who had no room may have some since the latter were looked at. */
  eased: boolean
  /** Slaves whose part in what may be offered is to be counted anew, and what may be offered in all. */
  readonly uncounted: Set<Slave>
  readonly available: Tally
  /** Whether any role has a limit. */
  limited: boolean
  /** Claims that want offers, by their numbers; and the frameworks that take what is not for everybody. */
  readonly wanting: Bits
  readonly takers: Readonly<Record<Taken, Set<Framework>>>
  /** How many numbers claims have had, and those that are free again. */
  claims: number
  readonly freeIndexes: number[]
  /** Changes with the size of the cluster: every share is another then. */
  measure: number
  /** The state of its random numbers. */
  dice: number
  /** What was asked back, and when tasks were revoked within the last minute. */
  readonly revocations: Set<Revocation>
  readonly revoked: number[]
  /** Since when each claim waits for what it is owed. */
  readonly waiting: Map<Claim, number>

  /** Whether the wake for the next allocation is on its way. */
  offersDue: boolean
  /** Refusals by when they lapse; those that were revived or replaced in between are skipped when they come up. */
  readonly refusals: Heap<Refused>
  /** When the wake for the next expiry of an offer or a refusal comes; Infinity when none was asked for. */
  expiryWakeAt: number
  readonly total: Tally
  readonly booked: Tally
  readonly offered: Tally
  /** All tasks that are remembered, by their keys: the newest of each. */
  readonly tasks: Roll<string, Task>
  /** How many of them are not over; and those that are, the oldest first, for people who look back. */
  taskCount: number
  /** Tasks in each state; in those that end, how many have come there since this leader took office. */
  readonly tasksIn: Record<TaskState, number>
  /** Offers that stand no more, by what has happened to them, since then. */
  readonly offersEnded: Record<OfferEnd, number>
  readonly over: Task[]
  readonly readers: Readers
  readonly refused: Map<RefusalCode, number>
  readonly counts: { slaves: number; frameworks: number; offers: number }
}

/** `nonce` must be new for each process: it tells this master's lease from another's. */
export function newMaster(
  name: string,
  nonce: string,
  settings: MasterSettings,
  morePolicies: Policies = {},
): Master {
  const known: Policies = { ...policies, ...morePolicies }
  assert(known[settings.policy], `there is no allocation policy ${settings.policy}`)
  return {
    settings,
    name,
    policies: known,
    lease: newLease(nonce, settings),
    moves: new Moves(),
    epoch: 0,
    electedAt: 0,
    fresh: false,
    settledAt: 0,
    vacantSince: 0,
    lookedAt: 0,
    lookedAtSlaves: 0,
    linked: true,
    allocatedAt: 0,
    ...newBooks(known[settings.policy] ?? drf, hash(nonce)),
  }
}

/** Forgets everything that only the leader may know. */
export function empty(master: Master): void {
  Object.assign(master, newBooks(master.policies[master.settings.policy] ?? drf, master.dice))
}

const newBooks = (policy: Policy, dice: number): Books => ({
  rival: '',
  slaves: new Roll(),
  slavesByName: new Map(),
  draining: new Set(),
  unacked: new Set(),
  frameworks: new Roll(),
  frameworksOf: new Map(),
  offers: new Roll(),
  goneSlaves: new Set(),
  completedFrameworks: new Set(),
  removals: [],
  massLoss: false,
  partial: new Map(),
  root: newRoot(),
  sharing: { roles: {}, moved: {} },
  sharingAsked: [],
  policy,
  policyFlaw: undefined,
  freed: new Set(),
  idle: new Set(),
  squeezed: new Set(),
  keptSlaves: new Set(),
  eased: false,
  uncounted: new Set(),
  available: newTally(),
  limited: false,
  wanting: new Bits(),
  takers: { short: new Set(), revocable: new Set() },
  claims: 0,
  freeIndexes: [],
  measure: 0,
  dice,
  revocations: new Set(),
  revoked: [],
  waiting: new Map(),
  offersDue: false,
  refusals: new Heap(),
  expiryWakeAt: Number.POSITIVE_INFINITY,
  total: newTally(),
  booked: newTally(),
  offered: newTally(),
  tasks: new Roll(),
  taskCount: 0,
  tasksIn: Object.fromEntries(taskStates.map((state) => [state, 0])) as Record<TaskState, number>,
  offersEnded: { accept: 0, decline: 0, rescind: 0 },
  over: [],
  readers: newReaders(),
  refused: new Map(),
  counts: { slaves: 0, frameworks: 0, offers: 0 },
})

/** The name of the executor that runs a task, for people. */
export const executorName = (spec: TaskSpec): string => spec.executor?.name ?? 'command'

export function freeOf(slave: Slave): Resources {
  slave.free ??= subtract(subtract(slave.total, slave.booked), slave.offered)
  return slave.free
}
/** The slave of this name, or of this id. */
export const slaveNamed = ({ slavesByName, slaves }: Master, nameOrId: string): Slave | undefined =>
  slavesByName.get(nameOrId) ?? slaves.get(nameOrId as SlaveId)
/** Whether anything may be offered of it. */
export const isOpen = ({ state, kept, closed, holdingsAsked }: Slave): boolean =>
  state === 'active' && kept && closed === undefined && holdingsAsked === undefined
/** Known from the registry, and not heard by this leader. */
export const isAwaited = ({ incarnation }: Slave): boolean => incarnation === ''
export const toFramework = (framework: Framework): Address => ({
  role: 'scheduler',
  principal: framework.principal,
  frameworkId: framework.frameworkId,
})
export const toSlave = (slave: Slave): Address => ({ role: 'slave', slaveId: slave.slaveId })
