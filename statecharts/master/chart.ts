/** The master: it stands by until the lease is its own, leads while it holds it, and says nothing without it. */
import { setup } from 'xstate'
import type { HeardBy } from '../../shared/messages.ts'
import {
  type Answered,
  type Context,
  decide,
  type HeardAny,
  ignore,
  refuseUnheard,
  type TurnedAway,
  type Woken,
  when,
} from '../decision.ts'
import type { LeaseAnswered } from '../lease.ts'
import { declareGone, drainSlave, reactivateSlave } from './drains.ts'
import { reviveOffers, setFilters, suppressOffers } from './filters.ts'
import { noteFrameworkBeat, subscribeFramework, tearDownFramework } from './frameworks.ts'
import type { Master } from './ledger.ts'
import { noteSlaveLeft } from './losses.ts'
import { acceptOffers, declineOffers, expireOffers, makeOffers } from './offers.ts'
import {
  answerPing,
  beginSeeking,
  checkSilence,
  countStranger,
  doubtOffice,
  enterOffice,
  hearPing,
  isBelow,
  isHigher,
  isOfReign,
  isRivalled,
  keepOffice,
  leaveOffice,
  loseLink,
  losesOffice,
  noteElection,
  noteKept,
  overstays,
  pingLeader,
  regainLink,
  renewOffice,
  resign,
  riseAbove,
  seekOffice,
  standDown,
  sweep,
  takeOffice,
  weighLease,
  winsOffice,
  yieldToRival,
} from './office.ts'
import { getCluster, getShare, listFrameworks, listOffers, listSlaves, listTasks } from './operator.ts'
import { reconcileTasks } from './reconcile.ts'
import type { RegistryKept, RegistryLoaded } from './registry.ts'
import { noteSlaveBeat, registerSlave } from './slaves.ts'
import { killTask, noteExecutorEnded, noteStatus, shutDownExecutor } from './tasks.ts'

export type MasterEvent =
  | HeardAny<HeardBy<'master'>>
  | Answered<'leader.ping'>
  | Woken<'lease' | 'ping' | 'deadline' | 'offers' | 'expiries' | 'silence' | 'sweep'>
  | LeaseAnswered
  | RegistryLoaded
  | RegistryKept
  | TurnedAway
  | { readonly type: 'start' | 'stop' | 'disconnected' | 'reconnected'; readonly at: number }

/** What anybody in office hears of his lease, whether or not he has begun to lead. */
const inOffice = {
  'wake.lease': { actions: decide(renewOffice) },
  'lease.answered': [
    { guard: when(losesOffice), target: 'standby', actions: decide(leaveOffice) },
    { guard: when(isRivalled), target: 'stopped', actions: decide(yieldToRival) },
    { actions: decide(keepOffice) },
  ],
  'wake.deadline': [
    { guard: when(overstays), target: 'standby', actions: decide(leaveOffice) },
    { actions: ignore },
  ],
  'master.elected': [{ guard: when(isHigher), actions: decide(doubtOffice) }, { actions: ignore }],
  'leader.ping': { actions: decide(answerPing) },
  'wake.ping': { actions: ignore },
  'answer.leader.ping': { actions: ignore },
  stop: { target: 'stopped', actions: decide(resign) },
} as const

export const masterChart = setup({
  types: { context: {} as Context<Master>, events: {} as MasterEvent, input: {} as Master },
}).createMachine({
  id: 'master',
  context: ({ input }) => ({ ledger: input, outbox: [] }),
  initial: 'standby',
  states: {
    standby: {
      on: {
        start: { actions: decide(beginSeeking) },
        'wake.lease': { actions: decide(seekOffice) },
        'wake.ping': { actions: decide(pingLeader) },
        'answer.leader.ping': { actions: decide(hearPing) },
        'master.elected': { actions: decide(noteElection) },
        'lease.answered': [
          { guard: when(winsOffice), target: 'entering', actions: decide(enterOffice) },
          { actions: decide(weighLease) },
        ],
        stop: { target: 'stopped', actions: decide(standDown) },
      },
    },
    // The lease is held, and the registry is being read.
    entering: {
      on: {
        ...inOffice,
        'registry.loaded': [
          { guard: when(isOfReign), target: 'leading', actions: decide(takeOffice) },
          { actions: ignore },
        ],
      },
    },
    leading: {
      on: {
        ...inOffice,
        'registry.kept': { actions: decide(noteKept) },

        'slave.register': [
          { guard: when(isBelow), target: 'standby', actions: decide(riseAbove) },
          { actions: decide(registerSlave) },
        ],
        'slave.beat': { actions: decide(noteSlaveBeat) },
        'slave.leave': { actions: decide(noteSlaveLeft) },
        'slave.drain': { actions: decide(drainSlave) },
        'slave.reactivate': { actions: decide(reactivateSlave) },
        'slave.remove': { actions: decide(declareGone) },
        'framework.subscribe': { actions: decide(subscribeFramework) },
        'framework.beat': { actions: decide(noteFrameworkBeat) },
        'framework.teardown': { actions: decide(tearDownFramework) },
        'wake.silence': { actions: decide(checkSilence) },

        'wake.offers': { actions: decide(makeOffers) },
        'wake.expiries': { actions: decide(expireOffers) },
        'wake.sweep': { actions: decide(sweep) },
        'offer.accept': { actions: decide(acceptOffers) },
        'offer.decline': { actions: decide(declineOffers) },
        'offers.revive': { actions: decide(reviveOffers) },
        'offers.suppress': { actions: decide(suppressOffers) },
        'filters.set': { actions: decide(setFilters) },
        'share.get': { actions: decide(getShare) },

        'status.update': { actions: decide(noteStatus) },
        'task.kill': { actions: decide(killTask) },
        'tasks.reconcile': { actions: decide(reconcileTasks) },
        'executor.shutdown': { actions: decide(shutDownExecutor) },
        'executor.ended': { actions: decide(noteExecutorEnded) },

        'cluster.get': { actions: decide(getCluster) },
        'slaves.list': { actions: decide(listSlaves) },
        'frameworks.list': { actions: decide(listFrameworks) },
        'tasks.list': { actions: decide(listTasks) },
        'offers.list': { actions: decide(listOffers) },
      },
    },
    stopped: { type: 'final' },
  },
  on: {
    'registry.loaded': { actions: ignore },
    'registry.kept': { actions: ignore },
    disconnected: { actions: decide(loseLink) },
    reconnected: { actions: decide(regainLink) },
    'stranger.refused': { actions: decide(countStranger) },
    '*': { actions: decide(refuseUnheard) },
  },
})
