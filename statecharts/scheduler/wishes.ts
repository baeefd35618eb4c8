/** What the author wishes to be offered. A wish that is lost would stall it for ever: it is acknowledged, and repeated. */
import type { Filters } from '../../shared/messages.ts'
import { type Answered, ask, type Effect, isUnanswered, tell } from '../decision.ts'
import { idOf, nextRef, type Scheduler, timeoutMs, toLeader } from './ledger.ts'

/** The author has work, or has none: wanting nothing suppresses. */
export function wish(scheduler: Scheduler, heard: { readonly wanted: boolean }): Effect[] {
  if (scheduler.wanted === heard.wanted) return []
  scheduler.wanted = heard.wanted
  return askWish(scheduler)
}

/** Tells the leader; each beat compares, so that a lost one is told again. */
export function askWish(scheduler: Scheduler): Effect[] {
  const type = scheduler.wanted ? 'offers.revive' : 'offers.suppress'
  return scheduler.frameworkId
    ? [ask(type, toLeader, { frameworkId: idOf(scheduler) }, nextRef(scheduler), timeoutMs(scheduler))]
    : []
}

/** Before a leader is there, the wish goes with the subscription. */
export function noteWish(scheduler: Scheduler, heard: { readonly wanted: boolean }): Effect[] {
  scheduler.wanted = heard.wanted
  return []
}
export function noteFilters(scheduler: Scheduler, heard: { readonly filters: Filters }): Effect[] {
  scheduler.filters = heard.filters
  return []
}

export function setFilters(scheduler: Scheduler, heard: { readonly filters: Filters }): Effect[] {
  scheduler.filters = heard.filters
  return [
    ask(
      'filters.set',
      toLeader,
      { frameworkId: idOf(scheduler), filters: heard.filters },
      nextRef(scheduler),
      timeoutMs(scheduler),
    ),
  ]
}
/** Filters that got no answer are said again; they go with each subscription, too. */
export const hearFiltersAnswer = (scheduler: Scheduler, heard: Answered<'filters.set'>): Effect[] =>
  isUnanswered(heard.answer) ? setFilters(scheduler, { filters: scheduler.filters }) : []

/** What is mine? The answer goes to the author as it is. */
export const askShare = (scheduler: Scheduler, heard: { readonly ref: string }): Effect[] => [
  ask('share.get', toLeader, { frameworkId: idOf(scheduler) }, heard.ref, timeoutMs(scheduler)),
]
export const tellShare = (_scheduler: Scheduler, heard: Answered<'share.get'>): Effect[] => [
  tell({ news: 'answer', ref: heard.ref, answer: heard.answer }),
]
