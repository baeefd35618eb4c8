/** The scheduler: a framework's side of the offers. What the author decides comes in as events, what he is to know goes out. */
import { setup } from 'xstate'
import type { OfferId, SlaveId, TaskId } from '../../shared/ids.ts'
import type { Filters, HeardBy } from '../../shared/messages.ts'
import {
  type Answered,
  type Context,
  decide,
  type HeardAny,
  ignore,
  refuseStale,
  refuseUnheard,
  type TurnedAway,
  turnAway,
  type Woken,
  when,
} from '../decision.ts'
import type { LeaseAnswered } from '../lease.ts'
import {
  hearDraining,
  hearExecutorLost,
  hearMessage,
  hearRevocation,
  hearSlaveLost,
  sendMessage,
  shutDownExecutor,
} from './executors.ts'
import { obeys, type Scheduler } from './ledger.ts'
import {
  type Accepted,
  accept,
  declineOffers,
  hearAccepted,
  hearDeclined,
  loseOffers,
  showOffers,
} from './offers.ts'
import { askLeader, type Question, tellAnswer } from './questions.ts'
import {
  answerPing,
  beginSeeking,
  hearPing,
  keepLead,
  loseLead,
  losesLead,
  overstays,
  pingLeader,
  renewLead,
  seekLead,
  standsBy,
  takeLead,
  weighLead,
  winsLead,
} from './standby.ts'
import {
  beat,
  compareBooks,
  giveUp,
  giveUpOnAnswer,
  hearElection,
  isAdmitted,
  isBarred,
  isForGood,
  isForgotten,
  isMeant,
  isOverdue,
  isTornDown,
  leave,
  leaveUnanswered,
  retrySubscription,
  retryTeardown,
  startAnew,
  subscribe,
  takePlace,
  tearDown,
} from './subscription.ts'
import {
  acknowledge,
  enterRemembered,
  type Heeded,
  hearKillAnswer,
  hearReconciled,
  hearUpdates,
  killTask,
  noteHeard,
  reconcileThese,
  repeatKills,
} from './tasks.ts'
import { clearRefusals, hearAnswer, noteCleared, noteFilters, noteWish, setFilters, wish } from './wishes.ts'

/** What the author of a framework decides. */
export type AuthorEvent = { readonly at: number } & (
  | ({ readonly type: 'author.accept' } & Accepted)
  | {
      readonly type: 'author.decline'
      readonly offerIds: readonly OfferId[]
      readonly refuseSeconds: number
      readonly reason: string
    }
  | { readonly type: 'author.want'; readonly wanted: readonly string[] }
  | { readonly type: 'author.filters'; readonly roles: readonly string[]; readonly filters: Filters }
  | { readonly type: 'author.clear'; readonly roles: readonly string[] }
  | ({ readonly type: 'author.ask'; readonly ref: string } & Question)
  | { readonly type: 'author.kill'; readonly taskId: TaskId; readonly graceSeconds: number | undefined }
  | { readonly type: 'author.reconcile'; readonly taskIds: readonly TaskId[] }
  | { readonly type: 'author.ready' }
  | { readonly type: 'author.heard'; readonly status: Heeded }
  | {
      readonly type: 'author.message'
      readonly slaveId: SlaveId
      readonly executor: string
      readonly payload: Uint8Array
    }
  | { readonly type: 'author.shutdown'; readonly slaveId: SlaveId; readonly name: string }
)

export type SchedulerEvent =
  | HeardAny<HeardBy<'scheduler'>>
  | AuthorEvent
  | Answered<
      | 'leader.ping'
      | 'framework.subscribe'
      | 'framework.beat'
      | 'framework.teardown'
      | 'offer.accept'
      | 'offer.decline'
      | 'offers.revive'
      | 'offers.suppress'
      | 'refusals.clear'
      | 'filters.set'
      | 'share.get'
      | 'explain.get'
      | 'task.explain'
      | 'task.kill'
      | 'tasks.reconcile'
      | 'executor.shutdown'
    >
  | LeaseAnswered
  | Woken<'lease' | 'ping' | 'deadline' | 'subscribe' | 'beat' | 'ack' | 'kills' | 'teardown'>
  | TurnedAway
  | { readonly type: 'start' | 'reconnected'; readonly at: number }
  | { readonly type: 'stop'; readonly at: number; readonly teardown: boolean }

const stale = { actions: decide(refuseStale) }

/** What a scheduler that stands by for others, and they for it, hears of its lease while it leads. */
const leading = {
  'wake.lease': { actions: decide(renewLead) },
  'lease.answered': [
    { guard: when(losesLead), target: 'stopped', actions: decide(loseLead) },
    { actions: decide(keepLead) },
  ],
  'wake.deadline': [
    { guard: when(overstays), target: 'stopped', actions: decide(loseLead) },
    { actions: ignore },
  ],
  'leader.ping': { actions: decide(answerPing) },
  'wake.ping': { actions: ignore },
  'answer.leader.ping': { actions: ignore },
} as const

export const schedulerChart = setup({
  types: { context: {} as Context<Scheduler>, events: {} as SchedulerEvent, input: {} as Scheduler },
}).createMachine({
  id: 'scheduler',
  context: ({ input }) => ({ ledger: input, outbox: [] }),
  initial: 'starting',
  states: {
    starting: {
      on: {
        start: [
          { guard: when(standsBy), target: 'standby', actions: decide(beginSeeking) },
          { target: 'subscribing', actions: decide(subscribe) },
        ],
      },
    },
    standby: {
      on: {
        'wake.lease': { actions: decide(seekLead) },
        'wake.ping': { actions: decide(pingLeader) },
        'answer.leader.ping': { actions: decide(hearPing) },
        'lease.answered': [
          { guard: when(winsLead), target: 'preparing', actions: decide(takeLead) },
          { actions: decide(weighLead) },
        ],
        'author.want': { actions: decide(noteWish) },
        'author.filters': { actions: decide(noteFilters) },
        'author.clear': { actions: decide(noteCleared) },
        'author.reconcile': { actions: decide(enterRemembered) },
        'master.elected': { actions: ignore },
        reconnected: { actions: ignore },
        stop: { target: 'stopped', actions: decide(leave) },
      },
    },
    // The author brings back what the framework must remember.
    preparing: {
      on: {
        ...leading,
        'author.ready': { target: 'subscribing', actions: decide(subscribe) },
        'author.want': { actions: decide(noteWish) },
        'author.filters': { actions: decide(noteFilters) },
        'author.clear': { actions: decide(noteCleared) },
        'author.reconcile': { actions: decide(enterRemembered) },
        'master.elected': { actions: ignore },
        reconnected: { actions: ignore },
        stop: { target: 'stopped', actions: decide(leave) },
      },
    },
    subscribing: {
      on: {
        ...leading,
        'wake.subscribe': { actions: decide(subscribe) },
        'answer.framework.subscribe': [
          { guard: when(isAdmitted), target: 'subscribed', actions: decide(takePlace) },
          { guard: when(isBarred), target: 'stopped', actions: decide(giveUpOnAnswer) },
          { actions: decide(retrySubscription) },
        ],
        'author.want': { actions: decide(noteWish) },
        'author.filters': { actions: decide(noteFilters) },
        'author.clear': { actions: decide(noteCleared) },
        'wake.beat': { actions: ignore },
        'answer.framework.beat': { actions: ignore },
        stop: { target: 'stopped', actions: decide(leave) },
      },
    },
    subscribed: {
      on: {
        ...leading,
        'wake.beat': { actions: decide(beat) },
        'wake.subscribe': { actions: ignore },
        'answer.framework.subscribe': { actions: ignore },
        'answer.framework.beat': [
          { guard: when(isForgotten), target: 'subscribing', actions: decide(startAnew) },
          { guard: when(isBarred), target: 'stopped', actions: decide(giveUpOnAnswer) },
          { actions: decide(compareBooks) },
        ],
        'author.want': { actions: decide(wish) },
        'author.filters': { actions: decide(setFilters) },
        'author.clear': { actions: decide(clearRefusals) },
        stop: [
          { guard: when(isForGood), target: 'leaving', actions: decide(tearDown) },
          { target: 'stopped', actions: decide(leave) },
        ],

        'offer.make': [{ guard: when(obeys), actions: decide(showOffers) }, stale],
        'offer.rescind': [{ guard: when(obeys), actions: decide(loseOffers) }, stale],
      },
    },
    leaving: {
      on: {
        ...leading,
        'wake.teardown': [
          { guard: when(isOverdue), target: 'stopped', actions: decide(leaveUnanswered) },
          { actions: decide(tearDown) },
        ],
        'answer.framework.teardown': [
          { guard: when(isTornDown), target: 'stopped', actions: decide(leave) },
          { actions: decide(retryTeardown) },
        ],
        'framework.refused': { target: 'stopped', actions: decide(leave) },
        'master.elected': { actions: ignore },
        // Updates are acknowledged to the last, so that no slave waits for a framework that is gone.
        'status.update': { actions: decide(hearUpdates) },
        'author.heard': { actions: decide(noteHeard) },
        'wake.ack': { actions: decide(acknowledge) },
        '*': { actions: ignore },
      },
    },
    stopped: { type: 'final' },
  },
  on: {
    'master.elected': [{ guard: when(obeys), target: '.subscribing', actions: decide(hearElection) }, stale],
    reconnected: { target: '.subscribing', actions: decide(startAnew) },
    'framework.refused': [
      { guard: when(isMeant), target: '.stopped', actions: decide(giveUp) },
      { actions: ignore },
    ],

    // The author may answer at any time; between leaders his offers are gone, and his tasks are dropped.
    'author.accept': { actions: decide(accept) },
    'author.decline': { actions: decide(declineOffers) },
    'author.reconcile': { actions: decide(reconcileThese) },
    'author.kill': { actions: decide(killTask) },
    'author.ask': { actions: decide(askLeader) },
    'author.message': { actions: decide(sendMessage) },
    'author.shutdown': { actions: decide(shutDownExecutor) },

    'status.update': { actions: decide(hearUpdates) },
    'author.heard': { actions: decide(noteHeard) },
    'wake.ack': { actions: decide(acknowledge) },
    'slave.draining': [{ guard: when(obeys), actions: decide(hearDraining) }, stale],
    'revocation.notice': [{ guard: when(obeys), actions: decide(hearRevocation) }, stale],
    'slave.lost': [{ guard: when(obeys), actions: decide(hearSlaveLost) }, stale],
    'executor.lost': [{ guard: when(obeys), actions: decide(hearExecutorLost) }, stale],
    'framework.message': { actions: decide(hearMessage) },
    'wake.kills': { actions: decide(repeatKills) },
    'answer.offer.accept': { actions: decide(hearAccepted) },
    'answer.task.kill': { actions: decide(hearKillAnswer) },
    'answer.tasks.reconcile': { actions: decide(hearReconciled) },
    'answer.share.get': { actions: decide(tellAnswer) },
    'answer.explain.get': { actions: decide(tellAnswer) },
    'answer.task.explain': { actions: decide(tellAnswer) },
    'answer.filters.set': { actions: decide(hearAnswer) },
    'answer.refusals.clear': { actions: decide(hearAnswer) },
    // A decline that was lost is an offer that expires.
    'answer.offer.decline': { actions: decide(hearDeclined) },
    // Wishes are compared with each beat; executors are told of when they end.
    'answer.offers.revive': { actions: ignore },
    'answer.offers.suppress': { actions: ignore },
    'answer.executor.shutdown': { actions: ignore },
    'answer.framework.beat': { actions: ignore },

    'stranger.refused': { actions: decide(turnAway) },
    '*': { actions: decide(refuseUnheard) },
  },
})
