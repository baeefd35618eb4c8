/** What operators ask: the books, page by page. Reading changes nothing. */
import type { FrameworkRow, OfferRow, SlaveRow, TaskRow } from '../../shared/messages.ts'
import { copyOf } from '../../shared/tally.ts'
import { isTerminal } from '../../shared/tasks.ts'
import { type Effect, grant, type Heard } from '../decision.ts'
import type { Roll } from '../roll.ts'
import { drf } from './allocator/drf.ts'
import { countHeld } from './books.ts'
import { deny } from './callers.ts'
import { wantsNone } from './claims.ts'
import { subscribedClaims } from './filters.ts'
import { executorName, type Framework, type Master, type Offer, type Slave, type Task } from './ledger.ts'
import { first, frameworkRanks, slaveRanks, taskRanks } from './orders.ts'
import { type Page, page } from './pages.ts'
import { charge } from './readers.ts'
import { backedOffSeconds } from './refusals.ts'
import { idleOf } from './reserved.ts'
import { wholeOf } from './whole.ts'

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
  const told = order
    ? first(master.slaves.values(), slaveRanks[order], slaveRow, limit)
    : page(master, master.slaves, slaveRow, heard.body)
  return told
    ? grant(heard, { slaves: rowsOf(master, told), ...told.next })
    : deny(master, heard, 'page-unknown')
}

export function listFrameworks(master: Master, heard: Heard<'frameworks.list'>): Effect[] {
  const { order, limit } = heard.body
  const rowOf = (framework: Framework) => frameworkRow(master, framework, heard.at)
  const rankOf = (framework: Framework) => (order ? frameworkRanks[order](framework, master) : 0)
  const told = order
    ? first(master.frameworks.values(), rankOf, rowOf, limit)
    : page(master, master.frameworks, rowOf, heard.body)
  return told
    ? grant(heard, { frameworks: rowsOf(master, told), ...told.next })
    : deny(master, heard, 'page-unknown')
}

export function listOffers(master: Master, heard: Heard<'offers.list'>): Effect[] {
  const told = page(master, master.offers, offerRow, heard.body)
  return told
    ? grant(heard, { offers: rowsOf(master, told), ...told.next })
    : deny(master, heard, 'page-unknown')
}

/** Tasks; of those that are over, the latest that are still remembered. */
export function listTasks(master: Master, heard: Heard<'tasks.list'>): Effect[] {
  const { frameworkId, taskId, over = false, order, limit } = heard.body
  const owner = frameworkId && master.frameworks.get(frameworkId)
  const all: Roll<unknown, Task> = owner && !over ? owner.tasks : master.tasks
  const isAsked = (task: Task) =>
    (over || !isTerminal(task.state)) &&
    (!frameworkId || task.framework.frameworkId === frameworkId) &&
    (!taskId || task.taskId === taskId)
  const rankOf = (task: Task) => (order ? taskRanks[order](task, master) : 0)
  const told = order
    ? first(those(all.values(), isAsked), rankOf, taskRow, limit)
    : page(master, all, taskRow, heard.body, isAsked)
  return told
    ? grant(heard, { tasks: rowsOf(master, told), ...told.next })
    : deny(master, heard, 'page-unknown')
}

function* those<Thing>(all: Iterable<Thing>, isAsked: (thing: Thing) => boolean): Generator<Thing> {
  for (const thing of all) if (isAsked(thing)) yield thing
}

/** They are counted: there are so many a second for all who read. */
function rowsOf<Row>(master: Master, { rows, looks }: Page<Row>): Row[] {
  charge(master, rows.length, looks)
  return rows
}

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
    ...(reserved.length > 0 && { reserved, reservedFree: idleOf(slave) }),
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
    roles: claims.map((claim) => ({ role: claim.as, suppressed: wantsNone(claim), filters: claim.filters })),
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
