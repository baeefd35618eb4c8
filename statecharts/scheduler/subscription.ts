/** The framework and the leader: it subscribes, beats, and starts again with every new leader. */
import { type Answered, ask, type Effect, type Heard, isUnanswered, note, tell, wake } from '../decision.ts'
import { compareDigests } from '../mismatch.ts'
import { idOf, nextRef, ownAddress, type Scheduler, timeoutMs, toLeader } from './ledger.ts'
import { expireOffers, voidOffers } from './offers.ts'
import { releaseLead } from './standby.ts'
import { acknowledge, askAboutUnplaced, reconcileAll, repeatKills } from './tasks.ts'
import { repeatWishes, wishesOf } from './wishes.ts'

type At = { readonly at: number }

export function subscribe(scheduler: Scheduler, heard: At): Effect[] {
  const { name, takes, instance, failoverSeconds, frameworkId, settings } = scheduler
  const who = { name, roles: wishesOf(scheduler), instance, failoverSeconds }
  const body = takes.length > 0 ? { ...who, takes: [...takes] } : who
  scheduler.subscription = nextRef(scheduler)
  const retry = wake('subscribe', heard.at + (settings.askTimeoutSeconds + settings.askRetrySeconds) * 1000)
  return [
    ask(
      'framework.subscribe',
      toLeader,
      frameworkId ? { ...body, frameworkId } : { ...body, resume: scheduler.standby },
      scheduler.subscription,
      timeoutMs(scheduler),
    ),
    retry,
  ]
}

export const isAdmitted = (scheduler: Scheduler, heard: Answered<'framework.subscribe'>): boolean =>
  heard.answer.ok && heard.ref === scheduler.subscription
/** A no that no retry can turn into a yes. */
export const isBarred = (
  _scheduler: Scheduler,
  heard: Answered<'framework.subscribe'> | Answered<'framework.beat'>,
): boolean =>
  !heard.answer.ok &&
  [
    'framework-superseded',
    'framework-foreign',
    'framework-completed',
    'too-many-frameworks',
    'bad-message',
    'bad-role',
  ].includes(heard.answer.code)

/** It is in the leader's books: from now on it listens there, and beats; the two books are compared at once. */
export function takePlace(scheduler: Scheduler, heard: Answered<'framework.subscribe'>): Effect[] {
  if (!heard.answer.ok) return []
  const { frameworkId, epoch, beatSeconds } = heard.answer
  const again = scheduler.frameworkId !== undefined
  scheduler.frameworkId = frameworkId
  // Of the one who answers now, even when a store was lost and epochs are counted from lower again.
  scheduler.epoch = epoch
  scheduler.beatMs = beatSeconds * 1000
  return [
    { do: 'listen', address: ownAddress(scheduler) },
    tell({ news: 'subscribed', frameworkId, again }),
    ...beat(scheduler, heard),
    ...reconcileAll(scheduler),
    ...repeatKills(scheduler),
  ]
}

export function retrySubscription(scheduler: Scheduler, heard: Answered<'framework.subscribe'>): Effect[] {
  if (heard.answer.ok || heard.ref !== scheduler.subscription) return []
  const complaint = isUnanswered(heard.answer)
    ? []
    : [note('warn', `framework ${scheduler.name} was refused: ${heard.answer.message}`, scheduler)]
  return [...complaint, wake('subscribe', heard.at + scheduler.settings.askRetrySeconds * 1000)]
}

/** I am here. */
export function beat(scheduler: Scheduler, heard: At): Effect[] {
  const { instance } = scheduler
  const body = { frameworkId: idOf(scheduler), instance }
  return [
    ...expireOffers(scheduler, heard.at),
    ask('framework.beat', toLeader, body, nextRef(scheduler), timeoutMs(scheduler)),
    wake('beat', heard.at + scheduler.beatMs),
  ]
}

/** Whether the leader does not know us (any more): we start again with it. */
export const isForgotten = (_scheduler: Scheduler, heard: Answered<'framework.beat'>): boolean =>
  !heard.answer.ok && heard.answer.code === 'framework-unknown'

/** The leader heard us. What it believes of our tasks and of our wishes must be what we believe. */
export function compareBooks(scheduler: Scheduler, heard: Answered<'framework.beat'>): Effect[] {
  if (!heard.answer.ok) return []
  const wishes = repeatWishes(scheduler, heard.answer.suppressed)
  switch (compareDigests(scheduler.mismatch, scheduler.digest, heard.answer.digest)) {
    case 'lost':
      return [...wishes, ...reconcileAll(scheduler)]
    // There may be very many tasks: what nobody has placed yet is what may be lost.
    case 'busy':
      return [...wishes, ...askAboutUnplaced(scheduler)]
    default:
      return wishes
  }
}

/** Another leader: what the last one offered is void. */
export function hearElection(scheduler: Scheduler, heard: Heard<'master.elected'>): Effect[] {
  scheduler.epoch = Math.max(scheduler.epoch, heard.body.epoch)
  return startAnew(scheduler, heard)
}

export const startAnew = (scheduler: Scheduler, heard: At): Effect[] => [
  ...voidOffers(scheduler, 'leader-changed'),
  ...subscribe(scheduler, heard),
]

/** Whether it is this very process that is meant. */
export const isMeant = (scheduler: Scheduler, heard: Heard<'framework.refused'>): boolean =>
  heard.body.epoch >= scheduler.epoch && (heard.body.instance ?? scheduler.instance) === scheduler.instance

/** The leader will not have us: superseded, or done for good. */
export const giveUp = (
  _scheduler: Scheduler,
  { body: { code, message } }: Heard<'framework.refused'>,
): Effect[] => over(code, message)
export const giveUpOnAnswer = (
  _scheduler: Scheduler,
  { answer }: Answered<'framework.subscribe'> | Answered<'framework.beat'>,
): Effect[] => (answer.ok ? [] : over(answer.code, answer.message))

/** The author is done: with the framework for good, or with this process only. */
export const isForGood = (_scheduler: Scheduler, heard: { readonly teardown: boolean }): boolean =>
  heard.teardown
export function tearDown(scheduler: Scheduler, heard: At): Effect[] {
  const { askTimeoutSeconds, askRetrySeconds, teardownSeconds } = scheduler.settings
  scheduler.leaveBy ??= heard.at + teardownSeconds * 1000
  const retry = wake('teardown', heard.at + (askTimeoutSeconds + askRetrySeconds) * 1000)
  return [
    ask(
      'framework.teardown',
      toLeader,
      { frameworkId: idOf(scheduler) },
      nextRef(scheduler),
      timeoutMs(scheduler),
    ),
    retry,
  ]
}
/** Whether nobody has answered for so long that nobody will. */
export const isOverdue = (scheduler: Scheduler, heard: At): boolean =>
  heard.at >= (scheduler.leaveBy ?? Number.POSITIVE_INFINITY)
export function leaveUnanswered(scheduler: Scheduler): Effect[] {
  const { name, failoverSeconds } = scheduler
  const message = `no leader answered that framework ${name} is torn down; what it runs is killed when it has been away for ${failoverSeconds} s`
  return [note('warn', message, scheduler), { do: 'end', code: 'unanswered', message }]
}
export const isTornDown = (_scheduler: Scheduler, heard: Answered<'framework.teardown'>): boolean =>
  !isUnanswered(heard.answer)
export const retryTeardown = (scheduler: Scheduler, heard: Answered<'framework.teardown'>): Effect[] => [
  wake('teardown', heard.at + scheduler.settings.askRetrySeconds * 1000),
]
export const leave = (scheduler: Scheduler, heard: At): Effect[] => [
  ...acknowledge(scheduler),
  ...releaseLead(scheduler, heard.at),
  { do: 'end', code: 'stopped', message: `framework ${scheduler.name} has stopped` },
]

const over = (code: string, message: string): Effect[] => [
  tell({ news: 'refused', code, message }),
  { do: 'end', code, message },
]
