/**
 * Every message, who says it to whom, and what it carries: the one table from which the types, the checks, the
 * subjects and the protocol reference come. A request is imperative (`task.launch`), news is a participle.
 *
 * `say` is published and may be lost; `ask` is a request that is always answered, with `{ ok: true, ... }` or
 * with a refusal.
 */
import Type, { type TObject, type TProperties } from 'typebox'
import { AttributeRules, Attributes } from './attributes.ts'
import type { OfferId } from './ids.ts'
import { ResourceSum, Resources } from './resources.ts'
import { Quota } from './roles.ts'
import {
  Bytes,
  ExecutorIdText,
  ExecutorName,
  FrameworkIdText,
  Labels,
  maxNameLength,
  named,
  oneOf,
  ReasonText,
  RoleName,
  Seconds,
  SlaveIdText,
  Status,
  Task,
  TaskIdText,
  TaskStateText,
  VolumeIdText,
} from './tasks.ts'

export type Role = 'master' | 'scheduler' | 'slave' | 'executor' | 'operator'
/** Who may say a message to whom. `all` is every role that listens on this cluster. */
export type Route = readonly [from: Role, to: Role | 'all']

/** No list in a message is longer; a speaker with more says it in several messages. */
export const maxListed = 10_000

/** Far above what any store counts to, and exact. */
const maxEpoch = 2 ** 48

const Epoch = Type.Integer({
  minimum: 0,
  maximum: maxEpoch,
  description: "the leader's epoch: the KV revision at which it took its lease",
  examples: [7],
})
const Principal = named('in whose name the framework speaks', 'alice')
const FrameworkName = named('the name of the framework, for people', 'batch')
const SlaveName = named('the name of the slave, the same whenever it comes back', 'node-1')
const LeaderName = named('the name of the leading master', 'm1')
const Instance = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'made anew for each process of the framework; a newer instance supersedes an older',
  examples: ['k3v9q'],
})
const Incarnation = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'made anew for each process of the slave',
  examples: ['p81xd'],
})
const Reign = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'made anew for each process of a master: tells it from another that counts the same epoch',
  examples: ['m4t7w'],
})
const Words = (description: string, example: string) => Type.String({ description, examples: [example] })
const Count = (description: string, example: number) =>
  Type.Integer({ minimum: 0, description, examples: [example] })
const Suppressed = (description: string) => Type.Boolean({ description, examples: [false] })
const OfferIdText = Type.Unsafe<OfferId>(
  Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'the offer, as the leader named it',
    examples: ['7-O12'],
  }),
)
const list = <Item extends Type.TSchema>(item: Item, description: string) =>
  Type.Array(item, { maxItems: maxListed, description })
const RefuseSeconds = Seconds(
  'the slave is not offered to this framework again for, unless more is free than was refused',
  120,
)
const Page = {
  after: Type.Optional(
    Type.String({
      maxLength: 1024,
      description: 'what the page before gave as `next`; absent: from the start',
      examples: ['7:412'],
    }),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description: 'rows at the most; a page may hold fewer, or none, and others follow',
      examples: [100],
    }),
  ),
}
/** A page, or the first rows of an order that somebody looks at: the others are not asked for. */
const PageOr = <const Orders extends readonly string[]>(orders: Orders) => ({
  ...Page,
  order: Type.Optional(
    oneOf<Orders[number]>(
      orders,
      'the first rows in this order, and nothing of what is behind them; absent: page by page',
      orders[0] as Orders[number],
    ),
  ),
})
export const slaveOrders = ['fullest', 'tasks'] as const
export type SlaveOrder = (typeof slaveOrders)[number]
export const frameworkOrders = ['share', 'tasks', 'offers'] as const
export type FrameworkOrder = (typeof frameworkOrders)[number]
export const taskOrders = ['newest', 'oldest', 'largest'] as const
export type TaskOrder = (typeof taskOrders)[number]

const policyFlaw = Type.Optional(
  Words('why the policy that was asked for does not serve', 'policy mine was refused: it failed'),
)
const next = Type.Optional(
  Words('give it as `after` for the page behind this one; absent: that was all', '7:412'),
)
const Said = Type.Optional(
  Type.String({
    maxLength: maxNameLength,
    description: "the author's reason, counted where operators can read it",
    examples: ['too-small'],
  }),
)

export const Filters = Type.Object(
  {
    slaves: Type.Optional(list(SlaveName, 'only these slaves, by name')),
    atLeast: Type.Optional(ResourceSum('only slaves with as much free')),
    attributes: Type.Optional(AttributeRules),
  },
  { description: 'Only slaves that meet every part of it are offered; an empty one lets all pass.' },
)
export type Filters = Type.Static<typeof Filters>

/** A framework is in so many roles at the most. */
export const maxRoles = 100
const Roles = Type.Optional(
  Type.Array(RoleName, { maxItems: maxRoles, description: 'only in these of its roles; absent: in all' }),
)
const RoleWish = Type.Object(
  {
    role: RoleName,
    suppressed: Suppressed('whether it wants no offers in this role for now'),
    filters: Type.Optional(Filters),
  },
  { description: 'A role that a framework is in, and what it wants there.' },
)
export type RoleWish = Type.Static<typeof RoleWish>
/** What not everybody can make use of. */
const Taken = oneOf(
  ['revocable', 'short'] as const,
  'a kind of offer that is made to those alone who take it',
  'short',
)
export type Taken = Type.Static<typeof Taken>

const Revocable = Type.Optional(
  Type.Boolean({ description: 'others are owed it: what runs on it is the first to go', examples: [true] }),
)
const MaxSeconds = Type.Optional(Seconds('what runs on it may run for, at the most', 60))

/** A persistent volume, on disk that is reserved for a role. */
export const Volume = Type.Object(
  {
    volumeId: VolumeIdText,
    role: RoleName,
    diskMb: Type.Integer({
      minimum: 1,
      description: 'its size, MiB: what it counts for; nobody keeps it from growing',
      examples: [1000],
    }),
  },
  { description: 'A persistent volume: it outlives tasks, and its slave being started anew.' },
)
export type Volume = Type.Static<typeof Volume>
export const Reservation = Type.Object(
  { role: RoleName, resources: Resources },
  { description: 'What of a slave is for one role alone. Ports cannot be reserved.' },
)
export type Reservation = Type.Static<typeof Reservation>
const maxReservations = 1000
const reservations = (description: string) =>
  Type.Array(Reservation, { maxItems: maxReservations, description })
const volumes = (description: string) => Type.Array(Volume, { maxItems: maxReservations, description })

export const Offer = Type.Object(
  {
    offerId: OfferIdText,
    slaveId: SlaveIdText,
    slaveName: SlaveName,
    role: RoleName,
    resources: Resources,
    revocable: Revocable,
    maxSeconds: MaxSeconds,
    volumes: Type.Optional(volumes('of this role on this slave, in use by no task')),
    attributes: Attributes,
    isolation: Type.String({
      maxLength: 32,
      description: 'how the slave keeps tasks apart: `process`, or `docker`, which takes containers too',
      examples: ['docker'],
    }),
    executors: list(ExecutorName, 'executors of this framework that already run there, by name'),
    standsSeconds: Seconds('it is rescinded when unanswered for', 30),
  },
  { description: 'Resources of one slave, promised to one framework until it answers.' },
)
export type Offer = Type.Static<typeof Offer>

const Launch = Type.Object({
  frameworkId: FrameworkIdText,
  principal: Principal,
  frameworkName: FrameworkName,
  tasks: list(Task, 'to be run here'),
  resumed: Type.Optional(
    list(
      Count("the last of its executor's updates that the slave has taken in", 2),
      'said to the command executor of a slave that was started anew: these runs go on, and what is told of them is counted on from here',
    ),
  ),
  runs: Type.Optional(
    list(
      named('a run on its slave', '7-F1.t1.1'),
      "the slave's name of each task's run, said to its own executors",
    ),
  ),
})
const TaskKey = Type.Object({ frameworkId: FrameworkIdText, taskId: TaskIdText })

/** A task as its slave reports it. */
export const HeldTask = Type.Object(
  {
    frameworkId: FrameworkIdText,
    principal: Principal,
    frameworkName: FrameworkName,
    task: Task,
    executorId: ExecutorIdText,
    state: TaskStateText,
  },
  { description: 'A task as its slave reports it.' },
)
export type HeldTask = Type.Static<typeof HeldTask>
export const HeldExecutor = Type.Object(
  {
    frameworkId: FrameworkIdText,
    principal: Principal,
    frameworkName: FrameworkName,
    name: ExecutorName,
    resources: Resources,
    role: Type.Optional(RoleName),
  },
  { description: 'A custom executor as its slave reports it.' },
)
export type HeldExecutor = Type.Static<typeof HeldExecutor>

/** What the leader has had a slave hold for roles; each change counts the version up. */
export const Holdings = Type.Object(
  {
    version: Type.Integer({ minimum: 0, description: 'counts the changes', examples: [3] }),
    reserved: reservations("for roles, beside the slave's own"),
    volumes: volumes('persistent volumes'),
  },
  { description: 'What a slave holds for roles. It outlives the slave, and whatever id it had.' },
)
export type Holdings = Type.Static<typeof Holdings>

const SlaveRow = Type.Object({
  slaveId: SlaveIdText,
  name: SlaveName,
  state: Words('where it is in its life', 'active'),
  closed: Type.Optional(Words('why it takes no tasks for now', 'its disk: ENOSPC: no space left on device')),
  isolation: Words('how it keeps tasks apart', 'process'),
  total: ResourceSum('all that there is'),
  booked: ResourceSum('what tasks and executors hold'),
  offered: ResourceSum('what offers hold'),
  attributes: Attributes,
  tasks: Count('tasks that are not over', 3),
  reserved: Type.Optional(reservations('what of it is for one role alone')),
  reservedFree: Type.Optional(ResourceSum('what of `reserved` its roles do not hold')),
  volumes: Type.Optional(volumes('persistent volumes on it')),
})
const FrameworkRow = Type.Object({
  frameworkId: FrameworkIdText,
  name: FrameworkName,
  principal: Principal,
  roles: Type.Array(RoleWish, { description: 'what it wants in each of its roles' }),
  state: Words('where it is in its life', 'active'),
  share: Type.Number({
    minimum: 0,
    description: 'dominant share of the cluster, 0..1',
    examples: [0.25],
  }),
  booked: ResourceSum('what tasks and executors hold'),
  offered: ResourceSum('what offers hold'),
  tasks: Count('tasks that are not over', 3),
  offers: Count('offers that stand', 1),
  declines: Type.Record(Type.String(), Type.Integer(), {
    description: 'declined offers by the reason that its author gave',
    examples: [{ 'too-small': 4 }],
  }),
  offeredSeconds: Type.Number({
    description: 'offers that it held, times how long it held them, since the leader took office',
    examples: [12.5],
  }),
  sinceOffered: Type.Optional(Seconds('it was last made an offer before; absent: never', 3)),
  backedOff: Type.Optional(
    Seconds('it keeps declining what it is offered, so the leader makes each refusal last at least', 4),
  ),
})
const RoleRow = Type.Object({
  role: RoleName,
  weight: Type.Number({ description: 'among its siblings', examples: [2] }),
  share: Type.Number({ description: 'by which the policy compares it with its siblings', examples: [0.25] }),
  fairShare: Type.Number({
    description: 'the part of the cluster that is its own by weight, were all roles to want theirs, 0..1',
    examples: [0.5],
  }),
  guarantee: Type.Optional(Quota('held back for it')),
  limit: Type.Optional(Quota('it never holds more')),
  minOffer: Type.Optional(Quota('an offer to it holds at least so much of one slave')),
  lacking: Type.Optional(Quota('what it holds less than its guarantee')),
  booked: ResourceSum('what its tasks and executors hold, and those of the roles below it'),
  offered: ResourceSum('what offers hold'),
  frameworks: Count('frameworks in it', 2),
  movedTo: Type.Optional(RoleName),
})
export type RoleRow = Type.Static<typeof RoleRow>

/** What stands between a framework and a slave. */
export const obstacleMeanings = {
  'framework-away': 'The framework is not there, or not yet known for good.',
  'framework-suppressed': 'It has said that it wants no offers in this role.',
  'framework-full': 'It holds as many offers as one framework may.',
  'slave-away': 'The slave is not there, or not yet known for good.',
  'slave-draining': 'The slave is to be empty.',
  'slave-closed': 'The slave takes no tasks for now.',
  constrained: "The framework's own filters do not let the slave pass.",
  filtered: 'The framework has declined as much of the slave, and the refusal lasts yet.',
  'role-limit': 'The role holds as much as its limit allows.',
  reserved: 'What is free is reserved for another role.',
  headroom: 'What is free is held back for roles that hold less than their guarantee.',
  'short-only': 'What is free is for short tasks, which the framework does not take.',
  held: 'The slave is kept for a role whose offers must be large, until enough of it is free.',
  offered: 'It is offered: to another, or to the framework itself.',
  'too-small': 'Too little of it is free.',
  behind: 'Another is served before.',
} as const satisfies Record<string, string>
export type ObstacleCode = keyof typeof obstacleMeanings
const ObstacleText = oneOf(
  Object.keys(obstacleMeanings) as ObstacleCode[],
  'the first thing that stands in the way',
  'filtered',
)
const ExplainRow = Type.Object({
  slaveId: SlaveIdText,
  slaveName: SlaveName,
  role: RoleName,
  obstacle: Type.Optional(ObstacleText),
  message: Words(
    'the same in words, with the figures; without an obstacle: what it is about to be offered',
    'refused for 12 s more',
  ),
})
export type ExplainRow = Type.Static<typeof ExplainRow>

const TaskRow = Type.Object({
  frameworkId: FrameworkIdText,
  frameworkName: FrameworkName,
  taskId: TaskIdText,
  name: Type.Optional(named('of the task, for people', 'greeting')),
  slaveId: SlaveIdText,
  slaveName: SlaveName,
  executor: ExecutorName,
  role: RoleName,
  revocable: Revocable,
  maxSeconds: MaxSeconds,
  state: TaskStateText,
  resources: Resources,
  since: Type.Number({
    description: 'when it came into this state, ms since 1970',
    examples: [1789000000000],
  }),
  labels: Type.Optional(Labels),
  reason: Type.Optional(Words('why it is in this state', 'exit-code')),
  message: Type.Optional(Words('the reason in words', 'it ended with code 1')),
  exitCode: Type.Optional(Type.Integer({ description: 'what it exited with', examples: [1] })),
})
const OfferRow = Type.Object({
  offerId: OfferIdText,
  frameworkId: FrameworkIdText,
  frameworkName: FrameworkName,
  slaveId: SlaveIdText,
  slaveName: SlaveName,
  role: RoleName,
  revocable: Revocable,
  maxSeconds: MaxSeconds,
  resources: Resources,
  standsUntil: Type.Number({ description: 'ms since 1970', examples: [1789000030000] }),
})
export type SlaveRow = Type.Static<typeof SlaveRow>
export type FrameworkRow = Type.Static<typeof FrameworkRow>
export type TaskRow = Type.Static<typeof TaskRow>
export type OfferRow = Type.Static<typeof OfferRow>

function say<const Routes extends readonly Route[], Body extends TProperties>(
  routes: Routes,
  doc: string,
  body: Body,
) {
  return { kind: 'say', routes, doc, body: Type.Object(body), answer: undefined } as const
}
function ask<const Routes extends readonly Route[], Body extends TProperties, Answer extends TProperties>(
  routes: Routes,
  doc: string,
  body: Body,
  answer: Answer,
) {
  return { kind: 'ask', routes, doc, body: Type.Object(body), answer: Type.Object(answer) } as const
}
/** How often a slave is to speak. */
const Pace = {
  beatSeconds: Seconds('it must be heard from every', 1),
  nextBeatSeconds: Type.Optional(
    Seconds('and the next time after, so that not all speak at once; absent: the same', 0.5),
  ),
}
/** What the leader says to anybody: its epoch goes with every word, and a lower one than was heard is dropped. */
const rule = <const Routes extends readonly Route[], Body extends TProperties>(
  routes: Routes,
  doc: string,
  body: Body,
) => say(routes, doc, { epoch: Epoch, ...body })

export const messages = {
  // A master that stands by to the leading one; a scheduler that stands by to the one that leads.
  'leader.ping': ask(
    [
      ['master', 'master'],
      ['scheduler', 'scheduler'],
    ],
    'Are you there? Where nobody listens the bus says so at once, and whoever stands by takes over.',
    {},
    { epoch: Epoch, leader: LeaderName, frameworkId: Type.Optional(FrameworkIdText) },
  ),

  // A framework's scheduler to the leading master.
  'framework.subscribe': ask(
    [['scheduler', 'master']],
    'Who I am; my id, if I come back. (The paper: register.)',
    {
      name: FrameworkName,
      roles: Type.Array(RoleWish, {
        minItems: 1,
        maxItems: maxRoles,
        description: 'the roles that it is in, each once',
      }),
      takes: Type.Optional(
        Type.Array(Taken, { maxItems: 2, description: 'what it can make use of beside ordinary offers' }),
      ),
      instance: Instance,
      failoverSeconds: Seconds('its tasks run on while it is away for', 600),
      frameworkId: Type.Optional(FrameworkIdText),
      resume: Type.Optional(
        Type.Boolean({
          description:
            'without an id: go on as the framework of this principal and name, where there is one; for schedulers that stand by for one another',
          examples: [true],
        }),
      ),
    },
    {
      frameworkId: FrameworkIdText,
      epoch: Epoch,
      beatSeconds: Seconds('it must be heard from every', 2),
    },
  ),
  'framework.beat': ask(
    [['scheduler', 'master']],
    'I am here. The answer digests which of its tasks the leader holds.',
    {
      frameworkId: FrameworkIdText,
      instance: Instance,
    },
    {
      epoch: Epoch,
      digest: Type.Number({
        description: 'over the tasks that are not over; see the digest rule',
        examples: [0],
      }),
      suppressed: Type.Array(RoleName, {
        description: 'roles in which the leader believes that it wants no offers',
        examples: [['eng/ads']],
      }),
    },
  ),
  'offer.accept': ask(
    [['scheduler', 'master']],
    'Run these tasks on these offers, all of one slave, one role and one kind; what they leave is declined. (The paper: replyToOffer.)',
    {
      frameworkId: FrameworkIdText,
      offerIds: Type.Array(OfferIdText, { minItems: 1, maxItems: 1000, description: 'offers of one slave' }),
      tasks: list(Task, 'to be run on it'),
      refuseSeconds: RefuseSeconds,
      reserve: Type.Optional(Resources),
      unreserve: Type.Optional(Resources),
      createVolumes: Type.Optional(
        Type.Array(Type.Omit(Volume, ['role']), {
          maxItems: 100,
          description: 'made on disk that is reserved for the role, before the tasks are launched',
        }),
      ),
      destroyVolumes: Type.Optional(
        Type.Array(VolumeIdText, {
          maxItems: 100,
          description: 'with all that is on them',
          examples: [['db-1']],
        }),
      ),
    },
    { slaveId: SlaveIdText },
  ),
  'offer.decline': ask(
    [['scheduler', 'master']],
    'Not these. (The paper: replyToOffer with no tasks.)',
    {
      frameworkId: FrameworkIdText,
      offerIds: Type.Array(OfferIdText, {
        minItems: 1,
        maxItems: maxListed,
        description: 'offers of any slaves',
      }),
      refuseSeconds: RefuseSeconds,
      reason: Said,
    },
    {
      backedOff: Type.Optional(
        Seconds('you keep declining what you are offered, so these refusals last at least', 4),
      ),
    },
  ),
  'offers.revive': ask(
    [['scheduler', 'master']],
    'I want offers. What I refused I refuse yet. (The paper: setNeedsOffers.)',
    { frameworkId: FrameworkIdText, roles: Roles },
    {},
  ),
  'offers.suppress': ask(
    [['scheduler', 'master']],
    'I want no offers until I revive. (The paper: setNeedsOffers.)',
    { frameworkId: FrameworkIdText, roles: Roles },
    {},
  ),
  'refusals.clear': ask(
    [['scheduler', 'master']],
    'Forget what I refused: offer me those slaves again.',
    { frameworkId: FrameworkIdText, roles: Roles },
    {},
  ),
  'filters.set': ask(
    [['scheduler', 'master']],
    'Offer me only such slaves. (The paper: setFilters.)',
    { frameworkId: FrameworkIdText, roles: Roles, filters: Filters },
    {},
  ),
  'share.get': ask(
    [['scheduler', 'master']],
    'What is mine? (The paper: getGuaranteedShare.)',
    { frameworkId: FrameworkIdText },
    {
      guaranteed: ResourceSum(
        'what none of its tasks is killed for: the guarantees of its roles, and its part of what is guaranteed to nobody',
      ),
      share: Type.Number({ description: 'dominant share of the cluster now', examples: [0.25] }),
      roles: Type.Array(RoleRow, { description: 'its roles' }),
      booked: ResourceSum('what tasks and executors hold'),
      offered: ResourceSum('what offers hold'),
      total: ResourceSum('all that there is'),
    },
  ),
  'tasks.reconcile': ask(
    [['scheduler', 'master']],
    'What do you know of these tasks, or of all of mine?',
    {
      frameworkId: FrameworkIdText,
      tasks: Type.Array(
        Type.Object({
          taskId: TaskIdText,
          slaveId: Type.Optional(SlaveIdText),
        }),
        {
          maxItems: 1000,
          description: 'each with its slave, where that is known; none: all that are not over',
        },
      ),
      after: Page.after,
    },
    {
      statuses: Type.Array(Status, { description: "the leader's own words: seq 0, not to be acknowledged" }),
      next,
      awaited: Type.Optional(
        Type.Array(TaskIdText, {
          description: 'over: how, its slave says until it is acknowledged',
          examples: [['t1']],
        }),
      ),
      unknown: Type.Optional(
        Type.Array(TaskIdText, {
          description:
            'nothing is known of these, and nothing will be: what was asked for and is named nowhere may be on a slave that is yet to come back',
          examples: [['t2']],
        }),
      ),
    },
  ),
  'executor.shutdown': ask(
    [['scheduler', 'master']],
    'Stop this executor and its tasks.',
    { frameworkId: FrameworkIdText, slaveId: SlaveIdText, name: ExecutorName },
    {},
  ),

  // A scheduler or an operator to the leading master.
  'task.kill': ask(
    [
      ['scheduler', 'master'],
      ['operator', 'master'],
    ],
    'Kill it. (The paper: killTask.)',
    {
      frameworkId: FrameworkIdText,
      taskId: TaskIdText,
      graceSeconds: Type.Optional(Seconds('between SIGTERM and SIGKILL; absent: as the task says')),
    },
    {},
  ),
  'framework.teardown': ask(
    [
      ['scheduler', 'master'],
      ['operator', 'master'],
    ],
    'It is done for good: kill what it runs and forget it.',
    { frameworkId: FrameworkIdText },
    {},
  ),

  // Why not? An operator may ask it for anybody, a framework for itself.
  'explain.get': ask(
    [
      ['scheduler', 'master'],
      ['operator', 'master'],
    ],
    'What stands between this framework and each slave, were the next offers made now?',
    {
      frameworkId: FrameworkIdText,
      role: Type.Optional(RoleName),
      resources: Type.Optional(Resources),
      attributes: Type.Optional(AttributeRules),
      slave: Type.Optional(named('only this slave, by name or id', 'node-1')),
      ...Page,
    },
    {
      counts: Type.Record(Type.String(), Type.Integer(), {
        description: 'slaves by what stands in the way; `none`: about to be offered',
        examples: [{ filtered: 3, none: 1 }],
      }),
      slaves: Type.Array(ExplainRow, { description: 'a row for each slave and role' }),
      policyFlaw,
      next,
    },
  ),
  'task.explain': ask(
    [
      ['scheduler', 'master'],
      ['operator', 'master'],
    ],
    'Where is this task, and why?',
    { frameworkId: FrameworkIdText, taskId: TaskIdText },
    {
      task: TaskRow,
      why: Type.Array(Type.String(), { description: 'sentences', examples: [['It runs on node-1.']] }),
    },
  ),

  // An operator to the leading master: who gets what.
  'sharing.set': ask(
    [['operator', 'master']],
    'Change weights, guarantees, limits or the policy: all of it, or, when any of it cannot be, none.',
    {
      roles: Type.Array(
        Type.Object({
          role: RoleName,
          weight: Type.Optional(
            Type.Number({ description: 'among its siblings, 0.001 to 1000', examples: [2] }),
          ),
          guarantee: Type.Optional(Quota('held back for it; an empty one takes it away')),
          limit: Type.Optional(Quota('it never holds more; an empty one takes it away')),
          minOffer: Type.Optional(Quota('of one slave; an empty one takes it away')),
          unset: Type.Optional(
            Type.Boolean({ description: 'forget all that was set for it first', examples: [true] }),
          ),
          moveTo: Type.Optional(RoleName),
        }),
        { maxItems: 1000, description: 'what is to be set, by role; what is absent stays' },
      ),
      policy: Type.Optional(named('the allocation policy, by name', 'drf')),
      force: Type.Optional(
        Type.Boolean({ description: 'although the guarantees do not fit the cluster', examples: [false] }),
      ),
    },
    {
      unset: Type.Optional(
        Type.Array(RoleName, { description: 'of those to be unset, the roles for which anything was set' }),
      ),
    },
  ),
  'roles.list': ask(
    [['operator', 'master']],
    'Roles, by name: those that frameworks are in, and those for which something is set.',
    { ...Page },
    {
      roles: Type.Array(RoleRow, { description: 'a row each' }),
      policy: named('the allocation policy', 'drf'),
      policies: Type.Array(Type.String(), {
        description: 'all that the leader was started with',
        examples: [['drf', 'priority', 'lottery']],
      }),
      policyFlaw,
      next,
    },
  ),
  'slave.reserve': ask(
    [['operator', 'master']],
    'Reserve some of a slave for a role, or undo that; make persistent volumes on it, or destroy them.',
    {
      slave: named('its name or its id', 'node-1'),
      role: RoleName,
      reserve: Type.Optional(Resources),
      unreserve: Type.Optional(Resources),
      createVolumes: Type.Optional(
        Type.Array(Type.Omit(Volume, ['role']), { maxItems: 100, description: 'made on reserved disk' }),
      ),
      destroyVolumes: Type.Optional(
        Type.Array(VolumeIdText, {
          maxItems: 100,
          description: 'with all that is on them',
          examples: [['db-1']],
        }),
      ),
    },
    { slaveId: SlaveIdText },
  ),

  // An operator to the leading master: what becomes of a slave.
  'slave.drain': ask(
    [['operator', 'master']],
    'Offer no more of this slave, and have it empty by then.',
    {
      slave: named('its name or its id', 'node-1'),
      withinSeconds: Seconds('its frameworks may give it back by themselves for', 60),
      graceSeconds: Type.Optional(
        Seconds('between SIGTERM and SIGKILL for what is left then; absent: as each task says'),
      ),
    },
    { slaveId: SlaveIdText, tasks: Count('tasks that are not over', 3) },
  ),
  'slave.reactivate': ask(
    [['operator', 'master']],
    'Offer it again: it is drained no more.',
    { slave: named('its name or its id', 'node-1') },
    { slaveId: SlaveIdText },
  ),
  'slave.remove': ask(
    [['operator', 'master']],
    'It is gone for good: its tasks are lost, and its id may not come back.',
    { slave: named('its name or its id', 'node-1') },
    { slaveId: SlaveIdText, tasks: Count('tasks that are lost with it', 3) },
  ),

  // An operator to the leading master: read, page by page.
  'cluster.get': ask(
    [['operator', 'master']],
    'The cluster in one row.',
    {},
    {
      epoch: Epoch,
      leader: LeaderName,
      since: Type.Number({ description: 'when it took office, ms since 1970', examples: [1789000000000] }),
      policy: named('the allocation policy', 'drf'),
      total: ResourceSum('all that there is'),
      booked: ResourceSum('what tasks and executors hold'),
      offered: ResourceSum('what offers hold'),
      slaves: Type.Integer({ description: 'slaves in its books', examples: [3] }),
      frameworks: Type.Integer({ description: 'frameworks in its books', examples: [2] }),
      tasks: Type.Integer({ description: 'tasks that are not over', examples: [40] }),
      offers: Type.Integer({ description: 'offers that stand', examples: [1] }),
      refused: Type.Record(Type.String(), Type.Integer(), {
        description: 'refusals since it leads, by code',
        examples: [{ 'offer-gone': 2 }],
      }),
    },
  ),
  'slaves.list': ask(
    [['operator', 'master']],
    'Slaves, in the order in which they came, or the first in some other.',
    PageOr(slaveOrders),
    { slaves: Type.Array(SlaveRow, { description: 'a row each' }), next },
  ),
  'frameworks.list': ask(
    [['operator', 'master']],
    'Frameworks, in the order in which they came, or the first in some other.',
    PageOr(frameworkOrders),
    { frameworks: Type.Array(FrameworkRow, { description: 'a row each' }), next },
  ),
  'tasks.list': ask(
    [['operator', 'master']],
    'Tasks, also those that ended lately, in the order in which they came, or the first in some other.',
    {
      ...PageOr(taskOrders),
      frameworkId: Type.Optional(FrameworkIdText),
      taskId: Type.Optional(TaskIdText),
      over: Type.Optional(Type.Boolean({ description: 'also those that are over', examples: [false] })),
    },
    { tasks: Type.Array(TaskRow, { description: 'a row each' }), next },
  ),
  'offers.list': ask(
    [['operator', 'master']],
    'Offers that stand, the oldest first.',
    { ...Page },
    { offers: Type.Array(OfferRow, { description: 'a row each' }), next },
  ),

  // The leading master to a scheduler.
  'offer.make': rule(
    [['master', 'scheduler']],
    'These are yours to accept or decline. (The paper: resourceOffer.)',
    { offers: list(Offer, 'each of one slave') },
  ),
  'offer.rescind': rule([['master', 'scheduler']], 'No longer. (The paper: offerRescinded.)', {
    offerIds: list(OfferIdText, 'offers that you hold'),
    reason: Words('why', 'expired'),
  }),
  'slave.lost': rule([['master', 'scheduler']], 'Nothing is heard of it any more. (The paper: slaveLost.)', {
    slaveId: SlaveIdText,
    slaveName: SlaveName,
    gone: Type.Optional(
      Type.Boolean({ description: 'for good: it will not come back by this id', examples: [true] }),
    ),
  }),
  'revocation.notice': rule(
    [['master', 'scheduler']],
    'Others are owed what you hold beyond your share: please give back so much of this slave by then, whichever tasks you choose; else these are killed.',
    {
      slaveId: SlaveIdText,
      slaveName: SlaveName,
      role: RoleName,
      resources: Resources,
      withinSeconds: Seconds('from now', 10),
      taskIds: list(TaskIdText, 'what is killed if nothing is given back'),
      reason: Words('who is owed it, and why', 'role web holds less than its guarantee'),
    },
  ),
  'slave.draining': rule(
    [['master', 'scheduler']],
    'An offer turned round: please give these back by then; what is left is killed.',
    {
      slaveId: SlaveIdText,
      slaveName: SlaveName,
      withinSeconds: Seconds('from now', 60),
      taskIds: list(TaskIdText, 'what it runs of yours'),
    },
  ),
  'executor.lost': rule([['master', 'scheduler']], 'It ended; its tasks are told of one by one.', {
    slaveId: SlaveIdText,
    name: ExecutorName,
    message: Words('how it ended', 'it ended with code 1'),
  }),
  'framework.refused': rule([['master', 'scheduler']], 'You may not go on: superseded, or torn down.', {
    code: Words('a code of the catalogue of refusals', 'framework-superseded'),
    message: Words('the same in words', 'a newer instance of this framework has subscribed'),
    instance: Type.Optional(
      Type.String({ description: 'the one that is meant; absent: every one', examples: ['k3v9q'] }),
    ),
  }),

  // A slave to its framework's scheduler and, listening to the same subject, to the leading master.
  'status.update': say(
    [
      ['slave', 'scheduler'],
      ['slave', 'master'],
      ['master', 'scheduler'],
      ['executor', 'slave'],
    ],
    'What became of tasks, in order per task, said again until acknowledged. (The paper: statusUpdate.)',
    {
      updates: list(Status, 'each task in order of seq'),
      epoch: Type.Optional(Epoch),
    },
  ),
  'status.ack': say(
    [
      ['scheduler', 'slave'],
      ['slave', 'executor'],
    ],
    'Heard: forget these updates.',
    {
      acks: list(
        Type.Object({
          frameworkId: FrameworkIdText,
          taskId: TaskIdText,
          seq: Type.Integer({ minimum: 1, description: 'all up to this one', examples: [1] }),
        }),
        'one for each task',
      ),
    },
  ),
  'framework.message': say(
    [
      ['scheduler', 'executor'],
      ['executor', 'scheduler'],
    ],
    'Bytes between a scheduler and its executor; best effort, in order. (The paper: frameworkMessage.)',
    {
      slaveId: SlaveIdText,
      executor: ExecutorName,
      payload: Bytes('up to the setting messageMaxBytes'),
    },
  ),

  // A slave to the leading master.
  'slave.register': ask(
    [['slave', 'master']],
    'Here I am, with all that I have and run; also after every change of leader or connection.',
    {
      slaveId: Type.Optional(SlaveIdText),
      formerId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 64,
          description: 'the id that it had before its machine was started anew: what it ran then is lost',
          examples: ['5-S1'],
        }),
      ),
      heardReign: Type.Optional(
        Type.String({
          maxLength: 64,
          description: 'the reign that this was, as the leader named it',
          examples: ['m4t7w'],
        }),
      ),
      heardEpoch: Type.Integer({
        minimum: 0,
        maximum: maxEpoch,
        description: 'the highest epoch that it has heard; a leader of a lower one must rise above it first',
        examples: [7],
      }),
      incarnation: Incarnation,
      resources: Resources,
      attributes: Attributes,
      isolation: Type.String({
        maxLength: 32,
        description: 'how it keeps tasks apart: `process` or `docker`',
        examples: ['process'],
      }),
      reserved: Type.Optional(reservations('its own, which nobody can undo')),
      holdings: Type.Optional(Holdings),
      tasks: list(HeldTask, 'what it runs'),
      executors: list(HeldExecutor, 'custom executors that live'),
      ended: Type.Optional(
        list(TaskKey, 'tasks that are over, and of which it is yet to be acknowledged how'),
      ),
      part: Type.Optional(
        Type.Integer({ minimum: 0, description: 'a long report is said in parts, from 0', examples: [0] }),
      ),
      seq: Type.Integer({ minimum: 0, description: 'the last launch that it has heard of', examples: [1] }),
      last: Type.Optional(Type.Boolean({ description: 'absent or true: nothing follows', examples: [true] })),
    },
    {
      slaveId: SlaveIdText,
      epoch: Epoch,
      reign: Reign,
      ...Pace,
    },
  ),
  'slave.beat': say([['slave', 'master']], 'I am here, and hold these tasks.', {
    slaveId: SlaveIdText,
    incarnation: Incarnation,
    digest: Type.Number({ description: 'over the tasks that are not over', examples: [0] }),
    unacked: Count('tasks with updates that no framework has acknowledged', 0),
    closed: Type.Optional(
      Words('why it takes no tasks for now; absent: it does', 'the disk is full: ENOSPC'),
    ),
    beatSeconds: Type.Optional(Seconds('it speaks every', 1)),
  }),
  'slave.leave': say([['slave', 'master']], 'I stop now, on purpose.', {
    slaveId: SlaveIdText,
    kept: Type.Boolean({
      description:
        'whether it leaves anything to come back to: tasks that run on, or ends that nobody acknowledged',
      examples: [false],
    }),
    incarnation: Type.String({
      description: 'made anew for each process of the slave',
      examples: ['p81xd'],
    }),
  }),
  'executor.ended': say([['slave', 'master']], 'This executor ended; its resources are free.', {
    slaveId: SlaveIdText,
    frameworkId: FrameworkIdText,
    name: ExecutorName,
    message: Words('how it ended', 'it ended with code 1'),
    seq: Type.Integer({ minimum: 0, description: 'the last launch that it had heard of', examples: [1] }),
  }),

  // The leading master to a slave; a slave to its executors.
  'task.launch': rule(
    [
      ['master', 'slave'],
      ['slave', 'executor'],
    ],
    'Run these. (The paper: launchTask.)',
    {
      seq: Type.Integer({
        minimum: 0,
        description: "counts the leader's launches to this slave; one that comes late is not obeyed",
        examples: [1],
      }),
      launches: list(Launch, 'by framework'),
    },
  ),
  'task.stop': rule(
    [
      ['master', 'slave'],
      ['slave', 'executor'],
    ],
    'Stop these. (The paper: killTask.)',
    {
      tasks: list(
        Type.Object({
          frameworkId: FrameworkIdText,
          taskId: TaskIdText,
          graceSeconds: Type.Optional(Seconds('between SIGTERM and SIGKILL')),
          reason: Type.Optional(ReasonText),
          seq: Type.Optional(
            Type.Integer({
              minimum: 0,
              description: 'the launch that it came with, said to executors',
              examples: [1],
            }),
          ),
        }),
        'to be stopped',
      ),
    },
  ),
  'holdings.set': ask(
    [['master', 'slave']],
    "Hold this from now on: put it down, make the volumes that are new, destroy those that are not named any more. Only the version that follows the slave's own is obeyed.",
    { epoch: Epoch, holdings: Holdings },
    {},
  ),
  'slave.report': rule(
    [['master', 'slave']],
    'Our books differ: register again, and say `dropped` of those of these that you do not have.',
    {
      seq: Type.Integer({
        minimum: 0,
        description: 'launches up to this one come too late from now on',
        examples: [1],
      }),
      expected: list(
        Type.Object({
          frameworkId: FrameworkIdText,
          principal: Principal,
          frameworkName: FrameworkName,
          taskId: TaskIdText,
        }),
        'what the leader believes to be there',
      ),
    },
  ),
  'slave.pace': rule(
    [['master', 'slave']],
    'The cluster has grown, or shrunk: speak less often, or more often, from now on.',
    Pace,
  ),
  'framework.shutdown': rule(
    [['master', 'slave']],
    'Stop all that this framework runs, and forget what it did not acknowledge.',
    { frameworkId: FrameworkIdText },
  ),
  'framework.returned': rule(
    [['master', 'slave']],
    'It listens again: say now what it did not acknowledge.',
    { frameworkId: FrameworkIdText },
  ),
  'executor.stop': rule([['master', 'slave']], 'Stop this executor and its tasks.', {
    frameworkId: FrameworkIdText,
    name: ExecutorName,
    graceSeconds: Seconds('before it is killed'),
  }),
  'slave.shutdown': rule([['master', 'slave']], 'Stop: you are superseded, or refused.', {
    code: Words('a code of the catalogue of refusals', 'slave-name-in-use'),
    message: Words('the same in words', 'another slave has taken its name'),
    incarnation: Type.Optional(
      Type.String({ description: 'the one that is meant; absent: every one', examples: ['p81xd'] }),
    ),
  }),
  'executor.beat': ask([['executor', 'slave']], 'I am here; are you?', { frameworkId: FrameworkIdText }, {}),
  'executor.register': ask(
    [['executor', 'slave']],
    'I am up; what am I to run?',
    { frameworkId: FrameworkIdText },
    { slaveId: SlaveIdText, frameworkId: FrameworkIdText, principal: Principal, name: ExecutorName },
  ),

  // An operator, or a scheduler, to a slave.
  'log.read': ask(
    [
      ['operator', 'slave'],
      ['scheduler', 'slave'],
    ],
    'A piece of what a task wrote.',
    {
      ...TaskKey.properties,
      stream: Type.Union([Type.Literal('stdout'), Type.Literal('stderr')], {
        description: 'which of the two',
        examples: ['stdout'],
      }),
      offset: Type.Integer({ minimum: 0, description: 'bytes from the start', examples: [0] }),
      limit: Type.Integer({
        minimum: 1,
        maximum: 262144,
        description: 'bytes at the most',
        examples: [65536],
      }),
    },
    {
      bytes: Bytes('from `offset` on'),
      offset: Type.Integer({
        description: 'later than asked when rotation has dropped what was before',
        examples: [0],
      }),
      size: Type.Integer({ description: 'bytes that were written so far', examples: [6] }),
      over: Type.Boolean({ description: 'whether the task has ended', examples: [true] }),
    },
  ),

  // To everybody.
  'master.elected': rule([['master', 'all']], 'I lead now: register and subscribe again.', {
    leader: LeaderName,
    reign: Reign,
    withinSeconds: Type.Optional(
      Seconds('slaves come spread over, for there are very many; absent: at once', 10),
    ),
  }),
  'watch.renew': say(
    [['operator', 'all']],
    'Somebody watches: publish your steps on your trace subject for a while, `{ steps: [...] }`, several in one message where they come together. A `body` or an `answer` in them may be the very bytes that went over the bus, msgpack in msgpack.',
    { seconds: Seconds('for', 5) },
  ),
} as const satisfies Record<
  string,
  {
    readonly kind: 'say' | 'ask'
    readonly routes: readonly Route[]
    readonly doc: string
    readonly body: TObject
    readonly answer: TObject | undefined
  }
>

type Table = typeof messages
export type MessageType = keyof Table
export const messageTypes = Object.keys(messages) as MessageType[]

/** What a message of this type carries. */
export type Body<T extends MessageType> = Type.Static<Table[T]['body']>
export type AskType = { [T in MessageType]: Table[T]['kind'] extends 'ask' ? T : never }[MessageType]
export type SayType = Exclude<MessageType, AskType>
/** What a yes to this request carries. */
export type Answer<T extends AskType> = Table[T]['answer'] extends TObject
  ? Type.Static<Table[T]['answer']>
  : never

type To<Wanted extends Role | 'all', Routes> = Routes extends readonly (infer Each)[]
  ? Each extends readonly [Role, Wanted]
    ? true
    : never
  : never
/** The messages that a role may hear. */
export type HeardBy<Hearer extends Role> = {
  [T in MessageType]: [To<Hearer | 'all', Table[T]['routes']>] extends [never] ? never : T
}[MessageType]

export const isMessageType = (type: string): type is MessageType => Object.hasOwn(messages, type)
/** Whether the table lets `from` say this to `to`. */
export const isRoute = (type: MessageType, from: Role, to: Role): boolean =>
  messages[type].routes.some(
    ([speaker, hearer]: Route) => speaker === from && (hearer === to || hearer === 'all'),
  )
