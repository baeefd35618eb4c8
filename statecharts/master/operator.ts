/** What operators ask: the books, page by page. Reading changes nothing. */

import { taskKey } from '../../shared/ids.ts'
import type {
  Body,
  FrameworkOrder,
  FrameworkRow,
  OfferRow,
  SlaveOrder,
  SlaveRow,
  TaskOrder,
  TaskRow,
} from '../../shared/messages.ts'
import { kinds } from '../../shared/resources.ts'
import { split } from '../../shared/split.ts'
import { copyOf, type Tally } from '../../shared/tally.ts'
import { isTerminal } from '../../shared/tasks.ts'
import { type Effect, grant, type Heard } from '../decision.ts'
import { Heap } from '../heap.ts'
import type { Claimant } from './allocator/allocator.ts'
import { drf } from './allocator/drf.ts'
import { countHeld } from './books.ts'
import { subscribedClaims } from './filters.ts'
import { executorName, type Framework, type Master, type Offer, type Slave, type Task } from './ledger.ts'
import { backedOffSeconds } from './refusals.ts'

/** Rows in one answer, at the most. */
const pageSize = 200

export function getCluster(master: Master, heard: Heard<'cluster.get'>): Effect[] {
  const {
    epoch,
    name,
    electedAt,
    policy,
    total,
    booked,
    offered,
    slaves,
    frameworks,
    taskCount,
    offers,
    refused,
  } = master
  return grant(heard, {
    epoch,
    leader: name,
    since: electedAt,
    policy: policy.name,
    total: copyOf(total),
    booked: copyOf(booked),
    offered: copyOf(offered),
    slaves: slaves.size,
    frameworks: frameworks.size,
    tasks: taskCount,
    offers: offers.size,
    refused: Object.fromEntries(refused),
  })
}

export function listSlaves(master: Master, heard: Heard<'slaves.list'>): Effect[] {
  const { order, limit } = heard.body
  const slaves = master.slaves.values()
  if (order) return grant(heard, { slaves: first(slaves, slaveRanks[order], slaveRow, limit) })
  const { rows, next } = page(slaves, ({ slaveId }) => slaveId, slaveRow, heard.body)
  return grant(heard, { slaves: rows, ...next })
}

export function listFrameworks(master: Master, heard: Heard<'frameworks.list'>): Effect[] {
  const { order, limit } = heard.body
  const frameworks = master.frameworks.values()
  const rowOf = (framework: Framework) => frameworkRow(master, framework, heard.at)
  if (order) {
    const rankOf = (framework: Framework) => frameworkRanks[order](framework, master)
    return grant(heard, { frameworks: first(frameworks, rankOf, rowOf, limit) })
  }
  const { rows, next } = page(frameworks, ({ frameworkId }) => frameworkId, rowOf, heard.body)
  return grant(heard, { frameworks: rows, ...next })
}

export function listOffers(master: Master, heard: Heard<'offers.list'>): Effect[] {
  const { rows, next } = page(master.offers.values(), ({ offerId }) => offerId, offerRow, heard.body)
  return grant(heard, { offers: rows, ...next })
}

/** Tasks by framework and id; of those that are over, the latest that are still remembered. */
export function listTasks(master: Master, heard: Heard<'tasks.list'>): Effect[] {
  const { order, limit } = heard.body
  const tasks = tasksAsked(master, heard.body)
  if (order) {
    const rankOf = (task: Task) => taskRanks[order](task, master)
    return grant(heard, { tasks: first(tasks, rankOf, taskRow, limit) })
  }
  const keyOf = ({ framework, taskId }: Task) => taskKey(framework.frameworkId, taskId)
  const { rows, next } = page(tasks, keyOf, taskRow, heard.body)
  return grant(heard, { tasks: rows, ...next })
}

function* tasksAsked(
  master: Master,
  { frameworkId, taskId, over = false }: Body<'tasks.list'>,
): Iterable<Task> {
  const isMeant = (task: Task) =>
    (!frameworkId || task.framework.frameworkId === frameworkId) && (!taskId || task.taskId === taskId)
  for (const framework of master.frameworks.values())
    for (const task of framework.tasks.values()) if (isMeant(task)) yield task
  if (over) for (const task of latestOver(master)) if (isMeant(task)) yield task
}

/** The newest of a task id that was used more than once stands for all of them. */
function latestOver(master: Master): Iterable<Task> {
  const latest = new Map<string, Task>()
  for (const task of master.over) latest.set(taskKey(task.framework.frameworkId, task.taskId), task)
  for (const framework of master.frameworks.values())
    for (const taskId of framework.tasks.keys()) latest.delete(taskKey(framework.frameworkId, taskId))
  return latest.values()
}

/** By these the highest comes first. */
const slaveRanks: Readonly<Record<SlaveOrder, (slave: Slave) => number>> = {
  fullest: ({ booked, total }) => largestPart(booked, total),
  tasks: ({ tasks }) => tasks.size,
}
const frameworkRanks: Readonly<Record<FrameworkOrder, (framework: Framework, master: Master) => number>> = {
  share: (framework, { total }) => drf.measure(wholeOf(framework), total),
  tasks: ({ tasks }) => tasks.size,
  offers: ({ offers }) => offers.size,
}
const taskRanks: Readonly<Record<TaskOrder, (task: Task, master: Master) => number>> = {
  newest: ({ launchedAt }) => launchedAt,
  oldest: ({ launchedAt }) => -launchedAt,
  largest: ({ spec }, { total }) => largestPart(spec.resources, total),
}

/** Of the kind of which it is the largest part of all. Written out as a loop: it is asked of 100,000 tasks. */
function largestPart(held: Tally, all: Tally): number {
  let largest = 0
  for (const kind of kinds) if (all[kind] > 0) largest = Math.max(largest, held[kind] / all[kind])
  return largest
}

/** The first rows of an order: of 100,000 only those that somebody looks at are put in order. */
function first<Thing, Row>(
  all: Iterable<Thing>,
  rankOf: (thing: Thing) => number,
  rowOf: (thing: Thing) => Row,
  limit = pageSize,
): Row[] {
  const wanted = Math.min(limit, pageSize)
  const kept = new Heap<{ readonly at: number; readonly thing: Thing }>()
  for (const thing of all) {
    const at = rankOf(thing)
    if (kept.size < wanted) kept.push({ at, thing })
    else if (at > (kept.peek()?.at ?? at)) {
      kept.popDue(Number.POSITIVE_INFINITY)
      kept.push({ at, thing })
    }
  }
  const found: Row[] = []
  for (
    let least = kept.popDue(Number.POSITIVE_INFINITY);
    least;
    least = kept.popDue(Number.POSITIVE_INFINITY)
  )
    found.unshift(rowOf(least.thing))
  const [rows = []] = split(found)
  return rows
}

/** The first rows behind `after`, in the order of their keys; as many as one message carries. */
export function page<Thing, Row>(
  all: Iterable<Thing>,
  keyOf: (thing: Thing) => string,
  rowOf: (thing: Thing) => Row,
  { after = '', limit = pageSize }: { after?: string; limit?: number },
  isBehind = isAfter,
) {
  const rest = [...all]
    .map((thing) => ({ thing, key: keyOf(thing) }))
    .filter(({ key }) => after === '' || isBehind(key, after))
  rest.sort((a, b) => (a.key === b.key ? 0 : isBehind(a.key, b.key) ? 1 : -1))
  const [rows = []] = split(rest.slice(0, Math.min(limit, pageSize)).map(({ thing }) => rowOf(thing)))
  const last = rest[rows.length - 1]
  return { rows, next: rest.length > rows.length && last ? { next: last.key } : {} }
}

/** Ids of the same letter and epoch are in the order of their counts: a longer one came later. */
const isAfter = (key: string, other: string) =>
  key.length === other.length ? key > other : key.length > other.length

const slaveRow = (slave: Slave): SlaveRow => {
  const { slaveId, name, state, closed, isolation, total, booked, offered, attributes, tasks } = slave
  const reserved = [...slave.ownReserved, ...slave.holdings.reserved]
  const { volumes } = slave.holdings
  return {
    slaveId,
    name,
    state,
    isolation,
    total,
    booked,
    offered,
    attributes,
    tasks: tasks.size,
    ...(closed !== undefined && { closed }),
    ...(reserved.length > 0 && { reserved }),
    ...(volumes.length > 0 && { volumes }),
  }
}

function frameworkRow(master: Master, framework: Framework, at: number): FrameworkRow {
  const { frameworkId, name, principal, state, booked, offered, tasks, offers, declines, offeredAt } =
    framework
  countHeld(framework, at)
  const claims = subscribedClaims(framework)
  const backedOff = Math.max(...claims.map((claim) => backedOffSeconds(master, claim) ?? 0))
  return {
    frameworkId,
    name,
    principal,
    roles: claims.map(({ as: role, suppressed, filters }) => ({ role, suppressed, filters })),
    state,
    share: drf.measure(wholeOf(framework), master.total),
    booked: copyOf(booked),
    offered: copyOf(offered),
    tasks: tasks.size,
    offers: offers.size,
    declines: Object.fromEntries(declines),
    offeredSeconds: framework.offeredMs / 1000,
    ...(offeredAt !== undefined && { sinceOffered: (at - offeredAt) / 1000 }),
    ...(backedOff > 0 && { backedOff }),
  }
}
/** A framework in all of its roles together, for people: no policy compares it so. */
export const wholeOf = ({ frameworkId: id, name, booked, offered }: Framework): Claimant => ({
  id,
  name,
  weight: 1,
  booked,
  offered,
  share: 0,
  allocations: 0,
})

const offerRow = ({ offerId, claim, slave, kind, resources, standsUntil }: Offer): OfferRow => ({
  offerId,
  frameworkId: claim.framework.frameworkId,
  frameworkName: claim.framework.name,
  slaveId: slave.slaveId,
  slaveName: slave.name,
  role: claim.as,
  ...(kind === 'revocable' && { revocable: true }),
  resources,
  standsUntil,
})

export function taskRow({ framework, claim, taskId, slave, spec, state, since, latest }: Task): TaskRow {
  const row: TaskRow = {
    frameworkId: framework.frameworkId,
    frameworkName: framework.name,
    taskId,
    slaveId: slave.slaveId,
    slaveName: slave.name,
    executor: executorName(spec),
    role: claim.as,
    state,
    resources: spec.resources,
    since,
  }
  if (spec.name !== undefined) row.name = spec.name
  if (spec.revocable) row.revocable = true
  if (spec.maxSeconds !== undefined) row.maxSeconds = spec.maxSeconds
  if (spec.labels) row.labels = spec.labels
  // What was said on the way is no reason for the state that it came to.
  if (latest?.state !== state && !isTerminal(state)) return row
  if (latest?.reason !== undefined) row.reason = latest.reason
  if (latest?.message !== undefined) row.message = latest.message
  if (latest?.exitCode !== undefined) row.exitCode = latest.exitCode
  return row
}
