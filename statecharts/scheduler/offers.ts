/** Offers as their framework holds them: shown to the author, answered, and gone. */
import type { OfferId } from '../../shared/ids.ts'
import type { Body } from '../../shared/messages.ts'
import type { Task as TaskSpec } from '../../shared/tasks.ts'
import {
  type Answered,
  ask,
  type Effect,
  type Heard,
  type HeldOffer,
  isUnanswered,
  note,
  tell,
} from '../decision.ts'
import { type Accept, idOf, nextRef, type Scheduler, timeoutMs, toLeader } from './ledger.ts'
import { dropTasks, enterTasks, placeTasks } from './tasks.ts'

/** Offers came: the author is asked. In roles in which he wants none they are declined, for long. */
export function showOffers(scheduler: Scheduler, heard: Heard<'offer.make'>): Effect[] {
  const offers = heard.body.offers.map((offer) => ({
    ...offer,
    standsUntil: heard.at + offer.standsSeconds * 1000,
  }))
  const isIdle = ({ role }: HeldOffer) => scheduler.wishes.get(role)?.wanted === false
  const idle = offers.filter(isIdle).map((offer) => offer.offerId)
  const shown = offers.filter((offer) => !isIdle(offer))
  for (const offer of shown) scheduler.offers.set(offer.offerId, offer)
  return [
    ...decline(scheduler, idle, scheduler.settings.idleRefuseSeconds, 'idle'),
    ...(shown.length > 0 ? [tell({ news: 'offers', offers: shown })] : []),
  ]
}

/** What is reserved in an accept, made, and undone. */
export type Operations = Pick<
  Body<'offer.accept'>,
  'reserve' | 'unreserve' | 'createVolumes' | 'destroyVolumes'
>
/** What an author does with offers that he takes. */
export interface Accepted {
  /** Undefined where there are none. */
  readonly operations: Operations | undefined
  readonly offerIds: readonly OfferId[]
  readonly tasks: readonly TaskSpec[]
  readonly refuseSeconds: number
}

/** The author takes offers of one slave. Offers that are gone meanwhile drop the tasks: no failure of theirs. */
export function accept(scheduler: Scheduler, heard: Accepted & { readonly at: number }): Effect[] {
  const { offerIds, tasks, refuseSeconds, operations, at } = heard
  const inUse = usedIds(scheduler, tasks)
  if (inUse.length > 0)
    return [complain('task-id-in-use', `task ${inUse[0]} is not over yet; nothing was accepted`)]
  const gone = offerIds.filter((offerId) => !scheduler.offers.has(offerId))
  enterTasks(scheduler, tasks)
  const accept = { taskIds: tasks.map((task) => task.taskId), operates: operations !== undefined }
  if (gone.length > 0)
    return failAccept(scheduler, accept, 'offer-gone', `offer ${gone[0]} is no longer valid`, at)

  const { maxAcceptsInFlight } = scheduler.settings
  if (scheduler.accepts.size >= maxAcceptsInFlight)
    return failAccept(
      scheduler,
      accept,
      'refused',
      `${maxAcceptsInFlight} accepts wait for the leader already`,
      at,
    )
  for (const offerId of offerIds) scheduler.offers.delete(offerId)
  const ref = nextRef(scheduler)
  scheduler.accepts.set(ref, accept)
  const body = { frameworkId: idOf(scheduler), offerIds: [...offerIds], tasks: [...tasks], refuseSeconds }
  return [ask('offer.accept', toLeader, { ...body, ...operations }, ref, timeoutMs(scheduler))]
}

/** Ids of these tasks that are taken: by a task that is not over, or by another of them. */
function usedIds(scheduler: Scheduler, tasks: readonly TaskSpec[]): string[] {
  const seen = new Set<string>()
  return tasks.flatMap(({ taskId }) => {
    const isUsed = scheduler.tasks.has(taskId) || seen.has(taskId)
    seen.add(taskId)
    return isUsed ? [taskId] : []
  })
}

/** The leader's answer to an accept. Where none came, the tasks may be launched or not: reconciling will tell. */
export function hearAccepted(scheduler: Scheduler, heard: Answered<'offer.accept'>): Effect[] {
  const accept = scheduler.accepts.get(heard.ref)
  scheduler.accepts.delete(heard.ref)
  const { answer } = heard
  if (!accept) return []
  if (answer.ok) {
    if (accept.taskIds.length > 0) scheduler.backedOff = false
    return placeTasks(scheduler, accept.taskIds, answer.slaveId)
  }
  const { code, message } = answer
  if (code === 'timeout' || code === 'unreachable')
    return accept.operates ? [complain(code, `${message}; what was reserved shows in the next offers`)] : []
  const lost = isUnanswered(answer) || code === 'offer-gone' || code === 'framework-unknown'
  return failAccept(scheduler, accept, lost ? 'offer-gone' : 'refused', `${code}: ${message}`, heard.at)
}

/** Nothing of it was done. Of its tasks statuses tell; of what it was to reserve nothing else does. */
const failAccept = (
  scheduler: Scheduler,
  { taskIds, operates }: Accept,
  reason: 'offer-gone' | 'refused',
  message: string,
  at: number,
): Effect[] => [
  ...dropTasks(scheduler, taskIds, reason, message, at),
  ...(operates ? [complain(reason, `nothing was reserved or made: ${message}`)] : []),
]
const complain = (code: string, message: string): Effect => tell({ news: 'refused', code, message })

/** The author does not want these. */
export function declineOffers(
  scheduler: Scheduler,
  heard: { readonly offerIds: readonly OfferId[]; readonly refuseSeconds: number; readonly reason: string },
): Effect[] {
  const held = heard.offerIds.filter((offerId) => scheduler.offers.delete(offerId))
  return decline(scheduler, held, heard.refuseSeconds, heard.reason)
}

/** Who declines without end is backed off: told once, until it has taken something, or is taken at its word again. */
export function hearDeclined(scheduler: Scheduler, { answer }: Answered<'offer.decline'>): Effect[] {
  if (!answer.ok) return []
  const seconds = answer.backedOff
  const isNews = seconds !== undefined && !scheduler.backedOff
  scheduler.backedOff = seconds !== undefined
  return isNews
    ? [note('warn', backedOffInWords(scheduler, seconds), scheduler), tell({ news: 'backedOff', seconds })]
    : []
}
const backedOffInWords = ({ name }: Scheduler, seconds: number) =>
  `framework ${name} keeps declining what it is offered: each refusal lasts at least ${seconds} s now, and longer if it goes on; filters, or wanting nothing, would spare it the offers`

/** The leader takes offers back. */
export function loseOffers(scheduler: Scheduler, heard: Heard<'offer.rescind'>): Effect[] {
  const held = heard.body.offerIds.filter((offerId) => scheduler.offers.delete(offerId))
  return held.length > 0 ? [tell({ news: 'rescinded', offerIds: held, reason: heard.body.reason })] : []
}

/** Every offer of a leader who is gone. */
export function voidOffers(scheduler: Scheduler, reason: string): Effect[] {
  const offerIds = [...scheduler.offers.keys()]
  scheduler.offers.clear()
  return offerIds.length > 0 ? [tell({ news: 'rescinded', offerIds, reason })] : []
}

/** Offers whose time is over, in case the leader's word on it was lost. */
export function expireOffers(scheduler: Scheduler, at: number): Effect[] {
  const expired = [...scheduler.offers.values()]
    .filter((offer) => offer.standsUntil < at)
    .map((offer) => offer.offerId)
  for (const offerId of expired) scheduler.offers.delete(offerId)
  return expired.length > 0 ? [tell({ news: 'rescinded', offerIds: expired, reason: 'expired' })] : []
}

function decline(
  scheduler: Scheduler,
  offerIds: readonly OfferId[],
  refuseSeconds: number,
  reason: string,
): Effect[] {
  if (offerIds.length === 0) return []
  return [
    ask(
      'offer.decline',
      toLeader,
      { frameworkId: idOf(scheduler), offerIds: [...offerIds], refuseSeconds, reason },
      nextRef(scheduler),
      timeoutMs(scheduler),
    ),
  ]
}
