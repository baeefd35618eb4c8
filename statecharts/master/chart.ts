/** The master: it stands by until the lease is its own, leads while it holds it, and says nothing without it. */
import { setup } from 'xstate'
import type { HeardBy } from '../../shared/messages.ts'
import {
  type Context,
  decide,
  type HeardAny,
  ignore,
  refuseUnheard,
  type TurnedAway,
  type Woken,
  when,
} from '../decision.ts'
import { reviveOffers, setFilters, suppressOffers } from './filters.ts'
import { noteFrameworkBeat, subscribeFramework, tearDownFramework } from './frameworks.ts'
import type { LeaseAnswered } from './lease.ts'
import type { Master } from './ledger.ts'
import { acceptOffers, declineOffers, expireOffers, makeOffers } from './offers.ts'
import {
  checkSilence,
  countStranger,
  isSucceeded,
  keepOffice,
  leaveOffice,
  loseLink,
  losesOffice,
  overstays,
  regainLink,
  renewOffice,
  resign,
  seekOffice,
  standDown,
  sweep,
  takeOffice,
  weighLease,
  winsOffice,
} from './office.ts'
import { getCluster, getShare, listFrameworks, listOffers, listSlaves, listTasks } from './operator.ts'
import { reconcileTasks } from './reconcile.ts'
import { noteSlaveBeat, noteSlaveLeft, registerSlave } from './slaves.ts'
import { killTask, noteExecutorEnded, noteStatus, shutDownExecutor } from './tasks.ts'

export type MasterEvent =
  | HeardAny<HeardBy<'master'>>
  | Woken<'lease' | 'deadline' | 'offers' | 'expiries' | 'silence' | 'sweep'>
  | LeaseAnswered
  | TurnedAway
  | { readonly type: 'start' | 'stop' | 'disconnected' | 'reconnected'; readonly at: number }

export const masterChart = setup({
  types: { context: {} as Context<Master>, events: {} as MasterEvent, input: {} as Master },
}).createMachine({
  id: 'master',
  context: ({ input }) => ({ ledger: input, outbox: [] }),
  initial: 'standby',
  states: {
    standby: {
      on: {
        start: { actions: decide(seekOffice) },
        'wake.lease': { actions: decide(seekOffice) },
        'master.elected': { actions: ignore },
        'lease.answered': [
          { guard: when(winsOffice), target: 'leading', actions: decide(takeOffice) },
          { actions: decide(weighLease) },
        ],
        stop: { target: 'stopped', actions: decide(standDown) },
      },
    },
    leading: {
      on: {
        'wake.lease': { actions: decide(renewOffice) },
        'lease.answered': [
          { guard: when(losesOffice), target: 'standby', actions: decide(leaveOffice) },
          { actions: decide(keepOffice) },
        ],
        'wake.deadline': [
          { guard: when(overstays), target: 'standby', actions: decide(leaveOffice) },
          { actions: ignore },
        ],
        'master.elected': [
          { guard: when(isSucceeded), target: 'standby', actions: decide(leaveOffice) },
          { actions: ignore },
        ],
        stop: { target: 'stopped', actions: decide(resign) },

        'slave.register': { actions: decide(registerSlave) },
        'slave.beat': { actions: decide(noteSlaveBeat) },
        'slave.leave': { actions: decide(noteSlaveLeft) },
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
    disconnected: { actions: decide(loseLink) },
    reconnected: { actions: decide(regainLink) },
    'stranger.refused': { actions: decide(countStranger) },
    '*': { actions: decide(refuseUnheard) },
  },
})
