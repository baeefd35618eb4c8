/** The master: it stands by until the lease is its own, leads while it holds it, and says nothing without it. */
import { setup } from 'xstate'
import type { HeardBy } from '../../shared/messages.ts'
import {
  type Answered,
  type Context,
  decide,
  type Effect,
  type HeardAny,
  ignore,
  refuseUnheard,
  type TurnedAway,
  type Woken,
  when,
} from '../decision.ts'
import type { LeaseAnswered } from '../lease.ts'
import { declareGone, drainSlave, reactivateSlave } from './drains.ts'
import { explain, explainTask } from './explain.ts'
import { clearRefusals, reviveOffers, setFilters, suppressOffers } from './filters.ts'
import { noteFrameworkBeat, subscribeFramework, tearDownFramework } from './frameworks.ts'
import { noteKept } from './freed.ts'
import { hearHoldings, reserveOnSlave } from './holdings.ts'
import type { Master } from './ledger.ts'
import { noteSlaveLeft } from './losses.ts'
import { acceptOffers, declineOffers, expireOffers, makeOffers } from './offers.ts'
import {
  answerPing,
  checkSilence,
  countStranger,
  doubtOffice,
  enterOffice,
  isBelow,
  isHigher,
  isOfReign,
  isOutlived,
  isRivalled,
  keepOffice,
  leaveOffice,
  loseLink,
  losesOffice,
  overstays,
  regainLink,
  reigning,
  renewOffice,
  resign,
  riseAbove,
  standDown,
  sweep,
  takeOffice,
  yieldToRival,
} from './office.ts'
import { getCluster, listFrameworks, listOffers, listSlaves, listTasks } from './operator.ts'
import { answerReader, inTurn } from './readers.ts'
import { reconcileTasks } from './reconcile.ts'
import type { RegistryKept, RegistryLoaded } from './registry.ts'
import { getShare, listRoles, noteSharingKept, setSharing } from './sharing.ts'
import { noteSlaveBeat, registerSlave } from './slaves.ts'
import {
  beginSeeking,
  hearPing,
  noteElection,
  pingLeader,
  seekOffice,
  weighLease,
  winsOffice,
} from './standby.ts'
import { killTask, noteExecutorEnded, noteStatus, shutDownExecutor } from './tasks.ts'

export type MasterEvent =
  | HeardAny<HeardBy<'master'>>
  | Answered<'leader.ping' | 'holdings.set'>
  | Woken<'lease' | 'ping' | 'deadline' | 'offers' | 'expiries' | 'silence' | 'sweep' | 'readers'>
  | LeaseAnswered
  | RegistryLoaded
  | RegistryKept
  | TurnedAway
  | { readonly type: 'start' | 'stop' | 'disconnected' | 'reconnected'; readonly at: number }

/** A decision of the leader, who decides only while the lease is his. */
const lead = <Event extends { readonly type: string; readonly at: number }>(
  decision: (master: Master, heard: Event) => readonly Effect[],
) => decide(reigning(decision))

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
          { guard: when(isOutlived), target: 'standby', actions: decide(riseAbove) },
          { guard: when(isOfReign), target: 'leading', actions: decide(takeOffice) },
          { actions: ignore },
        ],
      },
    },
    leading: {
      on: {
        ...inOffice,
        'registry.kept': { actions: [lead(noteKept), lead(noteSharingKept)] },

        'slave.register': [
          { guard: when(isBelow), target: 'standby', actions: decide(riseAbove) },
          { actions: lead(registerSlave) },
        ],
        'slave.beat': { actions: lead(noteSlaveBeat) },
        'slave.leave': { actions: lead(noteSlaveLeft) },
        'slave.drain': { actions: lead(drainSlave) },
        'slave.reactivate': { actions: lead(reactivateSlave) },
        'slave.remove': { actions: lead(declareGone) },
        'framework.subscribe': { actions: lead(subscribeFramework) },
        'framework.beat': { actions: lead(noteFrameworkBeat) },
        'framework.teardown': { actions: lead(tearDownFramework) },
        'wake.silence': { actions: lead(checkSilence) },

        'wake.offers': { actions: lead(makeOffers) },
        'wake.expiries': { actions: lead(expireOffers) },
        'wake.sweep': { actions: lead(sweep) },
        'offer.accept': { actions: lead(acceptOffers) },
        'offer.decline': { actions: lead(declineOffers) },
        'offers.revive': { actions: lead(reviveOffers) },
        'offers.suppress': { actions: lead(suppressOffers) },
        'refusals.clear': { actions: lead(clearRefusals) },
        'filters.set': { actions: lead(setFilters) },
        'share.get': { actions: lead(getShare) },
        'explain.get': { actions: lead(explain) },
        'task.explain': { actions: lead(explainTask) },

        'sharing.set': { actions: lead(setSharing) },
        'roles.list': { actions: lead(inTurn(listRoles)) },
        'slave.reserve': { actions: lead(reserveOnSlave) },
        'answer.holdings.set': { actions: lead(hearHoldings) },

        'status.update': { actions: lead(noteStatus) },
        'task.kill': { actions: lead(killTask) },
        'tasks.reconcile': { actions: lead(reconcileTasks) },
        'executor.shutdown': { actions: lead(shutDownExecutor) },
        'executor.ended': { actions: lead(noteExecutorEnded) },

        'cluster.get': { actions: lead(getCluster) },
        'slaves.list': { actions: lead(inTurn(listSlaves)) },
        'frameworks.list': { actions: lead(inTurn(listFrameworks)) },
        'tasks.list': { actions: lead(inTurn(listTasks)) },
        'offers.list': { actions: lead(inTurn(listOffers)) },
        'wake.readers': { actions: lead(answerReader) },
      },
    },
    stopped: { type: 'final' },
  },
  on: {
    'registry.loaded': { actions: ignore },
    'registry.kept': { actions: ignore },
    'answer.holdings.set': { actions: ignore },
    disconnected: { actions: decide(loseLink) },
    reconnected: { actions: decide(regainLink) },
    'stranger.refused': { actions: decide(countStranger) },
    '*': { actions: decide(refuseUnheard) },
  },
})
