/** The slave: it registers with whoever leads, runs what it is told to, and says what became of it until it is heard. */
import { setup } from 'xstate'
import type { HeardBy } from '../../shared/messages.ts'
import type { RunEvent } from '../../shared/runs.ts'
import {
  type Answered,
  decide as asAction,
  type Context,
  type Effect,
  type HeardAny,
  ignore,
  refuseStale,
  refuseUnheard,
  type TurnedAway,
  turnAway,
  type Woken,
  when,
} from '../decision.ts'
import { durably } from './checkpoint.ts'
import { noteExecutorBeat, registerExecutor, stopExecutor } from './executors.ts'
import { changeHoldings, giveUpChange, keepAndReport, keepHoldings, wasReported } from './holdings.ts'
import { stopOverdue, stopTasks } from './kills.ts'
import { obeys, type Slave } from './ledger.ts'
import { begin, closeDown, openAgain, retryDisk } from './recovery.ts'
import {
  awaitEnds,
  beat,
  contradict,
  hearElection,
  hearPace,
  isAdmitted,
  isDone,
  isMeant,
  leave,
  register,
  report,
  retryRegistration,
  shutDown,
  stopAll,
  takesAllAlong,
  takeUpWork,
} from './registration.ts'
import { readLog } from './sandboxes.ts'
import { launchTasks, noteRunEnded, noteUpdates, shutDownFramework, turnDownLaunches } from './tasks.ts'
import { hearAcks, repeat, repeatFor, speak } from './updates.ts'

export type SlaveEvent =
  | HeardAny<HeardBy<'slave'>>
  | Answered<'slave.register'>
  | Woken<'register' | 'beat' | 'speak' | 'repeat' | 'limits' | 'ends' | 'disk'>
  | (RunEvent & { readonly at: number })
  | TurnedAway
  | { readonly type: 'start' | 'reconnected' | 'disk.rewritten' | 'holdings.kept'; readonly at: number }
  | { readonly type: 'disk.failed' | 'holdings.failed'; readonly at: number; readonly message: string }
  | { readonly type: 'stop'; readonly at: number; readonly kill: boolean }

/** A decision of a slave, which puts down what must not be forgotten before anybody hears of it. */
const decide = <Event>(decision: (slave: Slave, heard: Event) => readonly Effect[]) =>
  asAction(durably(decision))

const stale = { actions: decide(refuseStale) }

export const slaveChart = setup({
  types: { context: {} as Context<Slave>, events: {} as SlaveEvent, input: {} as Slave },
}).createMachine({
  id: 'slave',
  context: ({ input }) => ({ ledger: input, outbox: [] }),
  initial: 'registering',
  states: {
    registering: {
      on: {
        start: { actions: decide(begin) },
        'wake.register': { actions: decide(register) },
        'answer.slave.register': [
          { guard: when(isAdmitted), target: 'registered', actions: decide(takeUpWork) },
          { actions: decide(retryRegistration) },
        ],
        'wake.beat': { actions: ignore },
      },
    },
    registered: {
      on: {
        'wake.beat': { actions: decide(beat) },
        'wake.register': { actions: ignore },
        'answer.slave.register': { actions: ignore },
      },
    },
    stopping: {
      on: {
        'wake.ends': [
          { guard: when(isDone), target: 'stopped', actions: decide(leave) },
          { actions: decide(awaitEnds) },
        ],
        // Nothing new is begun.
        'task.launch': [{ guard: when(obeys), actions: decide(turnDownLaunches) }, stale],
        'holdings.set': { actions: decide(refuseUnheard) },
        'holdings.kept': { actions: decide(keepHoldings) },
        'master.elected': { actions: ignore },
        'slave.report': { actions: ignore },
        reconnected: { actions: ignore },
        stop: { actions: ignore },
        'wake.beat': { actions: decide(beat) },
      },
    },
    stopped: { type: 'final' },
  },
  on: {
    // Whether or not the leader knows us at the moment, what runs here goes on and is told of.
    'master.elected': [{ guard: when(obeys), target: '.registering', actions: decide(hearElection) }, stale],
    'slave.report': [
      { guard: when(obeys), target: '.registering', actions: decide(report) },
      { target: '.registering', actions: decide(contradict) },
    ],
    reconnected: { target: '.registering', actions: decide(register) },
    'slave.shutdown': [{ guard: when(isMeant), target: '.stopped', actions: decide(shutDown) }, stale],
    'slave.pace': [{ guard: when(obeys), actions: decide(hearPace) }, stale],
    stop: [
      { guard: when(takesAllAlong), target: '.stopping', actions: decide(stopAll) },
      { target: '.stopped', actions: decide(leave) },
    ],

    'task.launch': [{ guard: when(obeys), actions: decide(launchTasks) }, stale],
    'task.stop': [{ guard: when(obeys), actions: decide(stopTasks) }, stale],
    'executor.stop': [{ guard: when(obeys), actions: decide(stopExecutor) }, stale],
    'framework.returned': [{ guard: when(obeys), actions: decide(repeatFor) }, stale],
    'framework.shutdown': [{ guard: when(obeys), actions: decide(shutDownFramework) }, stale],

    'holdings.set': { actions: decide(changeHoldings) },
    'holdings.kept': [
      { guard: when(wasReported), target: '.registering', actions: decide(keepAndReport) },
      { actions: decide(keepHoldings) },
    ],
    'holdings.failed': { actions: decide(giveUpChange) },

    'executor.beat': { actions: decide(noteExecutorBeat) },
    'executor.register': { actions: decide(registerExecutor) },
    'status.update': { actions: decide(noteUpdates) },
    'run.ended': { actions: decide(noteRunEnded) },
    'run.started': { actions: ignore },
    'run.progress': { actions: ignore },

    'disk.failed': { actions: decide(closeDown) },
    'wake.disk': { actions: decide(retryDisk) },
    'disk.rewritten': { actions: decide(openAgain) },

    'wake.speak': { actions: decide(speak) },
    'wake.repeat': { actions: decide(repeat) },
    'wake.limits': { actions: decide(stopOverdue) },
    'status.ack': { actions: decide(hearAcks) },
    'log.read': { actions: decide(readLog) },

    'stranger.refused': { actions: decide(turnAway) },
    '*': { actions: decide(refuseUnheard) },
  },
})
