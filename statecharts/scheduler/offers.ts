/** Offers as their framework holds them: shown to the author, answered, and gone. */
import type { OfferId } from '../../shared/ids.ts'
import type { Task as TaskSpec } from '../../shared/tasks.ts'
import { type Answered, ask, type Effect, type Heard, isUnanswered, tell } from '../decision.ts'
import { idOf, nextRef, type Scheduler, timeoutMs, toLeader } from './ledger.ts'
import { dropTasks, enterTasks, placeTasks } from './tasks.ts'

/** Offers came: the author is asked. One who wants none has them declined, for long. */
export function showOffers(scheduler: Scheduler, heard: Heard<'offer.make'>): Effect[] {
  const offers = heard.body.offers.map((offer) => ({
    ...offer,
    standsUntil: heard.at + offer.standsSeconds * 1000,
  }))
  if (!scheduler.wanted)
    return decline(
      scheduler,
      offers.map((offer) => offer.offerId),
      scheduler.settings.idleRefuseSeconds,
      'idle',
    )
  for (const offer of offers) scheduler.offers.set(offer.offerId, offer)
  return [tell({ news: 'offers', offers })]
}

/** The author takes offers of one slave. Offers that are gone meanwhile drop the tasks: no failure of theirs. */
export function accept(
  scheduler: Scheduler,
  heard: {
    readonly at: number
    readonly offerIds: readonly OfferId[]
    readonly tasks: readonly TaskSpec[]
    readonly refuseSeconds: number
  },
): Effect[] {
  const { offerIds, tasks, refuseSeconds, at } = heard
  const inUse = usedIds(scheduler, tasks)
  if (inUse.length > 0)
    return [
      tell({
        news: 'refused',
        code: 'task-id-in-use',
        message: `task ${inUse[0]} is not over yet; nothing was accepted`,
      }),
    ]
  const gone = offerIds.filter((offerId) => !scheduler.offers.has(offerId))
  enterTasks(scheduler, tasks)
  const taskIds = tasks.map((task) => task.taskId)
  if (gone.length > 0)
    return dropTasks(scheduler, taskIds, 'offer-gone', `offer ${gone[0]} is no longer valid`, at)

  const { maxAcceptsInFlight } = scheduler.settings
  if (scheduler.accepts.size >= maxAcceptsInFlight) {
    return dropTasks(
      scheduler,
      taskIds,
      'refused',
      `${maxAcceptsInFlight} accepts wait for the leader already`,
      at,
    )
  }
  for (const offerId of offerIds) scheduler.offers.delete(offerId)
  const ref = nextRef(scheduler)
  scheduler.accepts.set(ref, taskIds)
  const body = { frameworkId: idOf(scheduler), offerIds: [...offerIds], tasks: [...tasks], refuseSeconds }
  return [ask('offer.accept', toLeader, body, ref, timeoutMs(scheduler))]
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
  const taskIds = scheduler.accepts.get(heard.ref) ?? []
  scheduler.accepts.delete(heard.ref)
  const { answer } = heard
  if (answer.ok) return placeTasks(scheduler, taskIds, answer.slaveId)
  if (answer.code === 'timeout' || answer.code === 'unreachable') return []
  const lost = isUnanswered(answer) || answer.code === 'offer-gone' || answer.code === 'framework-unknown'
  return dropTasks(
    scheduler,
    taskIds,
    lost ? 'offer-gone' : 'refused',
    `${answer.code}: ${answer.message}`,
    heard.at,
  )
}

/** The author does not want these. */
export function declineOffers(
  scheduler: Scheduler,
  heard: { readonly offerIds: readonly OfferId[]; readonly refuseSeconds: number; readonly reason: string },
): Effect[] {
  const held = heard.offerIds.filter((offerId) => scheduler.offers.delete(offerId))
  return decline(scheduler, held, heard.refuseSeconds, heard.reason)
}

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
