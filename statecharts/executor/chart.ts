/** The executor: it runs tasks on a slave, by commands or by its author's own work, and says what became of them. */
import { setup } from 'xstate'
import type { TaskId } from '../../shared/ids.ts'
import type { HeardBy } from '../../shared/messages.ts'
import type { RunEvent } from '../../shared/runs.ts'
import type { Status, TaskState } from '../../shared/tasks.ts'
import {
  type Answered,
  type Context,
  decide,
  type HeardAny,
  ignore,
  refuseUnheard,
  type TurnedAway,
  turnAway,
  type Woken,
  when,
} from '../decision.ts'
import type { Executor } from './ledger.ts'
import {
  abandon,
  beat,
  begin,
  end,
  giveUp,
  hearAcks,
  hearAuthor,
  hearMessage,
  isAdmitted,
  isAnswered,
  isBarred,
  isCustom,
  isOrphaned,
  launchTasks,
  noteEnded,
  noteProgress,
  noteSlave,
  noteStarted,
  register,
  repeat,
  sendMessage,
  shutDown,
  speak,
  stopTasks,
  takePlace,
} from './tasks.ts'

/** What the author of a custom executor decides. */
export type ExecutorAuthorEvent = { readonly at: number } & (
  | {
      readonly type: 'author.status'
      readonly taskId: TaskId
      readonly state: TaskState
      readonly why: Pick<Status, 'reason' | 'message' | 'exitCode' | 'signal' | 'payload'>
    }
  | { readonly type: 'author.message'; readonly payload: Uint8Array }
  | { readonly type: 'author.done' }
)

export type ExecutorEvent =
  | HeardAny<HeardBy<'executor'>>
  | ExecutorAuthorEvent
  | Answered<'executor.register' | 'executor.beat'>
  | Woken<'register' | 'beat' | 'speak' | 'repeat'>
  | (RunEvent & { readonly at: number })
  | TurnedAway
  | { readonly type: 'start' | 'reconnected'; readonly at: number }
  | { readonly type: 'stop'; readonly at: number; readonly graceSeconds: number }

export const executorChart = setup({
  types: { context: {} as Context<Executor>, events: {} as ExecutorEvent, input: {} as Executor },
}).createMachine({
  id: 'executor',
  context: ({ input }) => ({ ledger: input, outbox: [] }),
  initial: 'starting',
  states: {
    starting: {
      on: {
        start: [
          { guard: when(isCustom), target: 'registering', actions: decide(begin) },
          { target: 'running' },
        ],
      },
    },
    registering: {
      on: {
        'wake.register': { actions: decide(register) },
        'answer.executor.register': [
          { guard: when(isAdmitted), target: 'running', actions: decide(takePlace) },
          { guard: when(isBarred), target: 'stopped', actions: decide(giveUp) },
          { actions: ignore },
        ],
        stop: { target: 'stopped', actions: decide(end) },
      },
    },
    running: {
      on: {
        'wake.register': { actions: ignore },
        'answer.executor.register': { actions: ignore },
        'wake.beat': { actions: decide(beat) },
        'answer.executor.beat': [
          { guard: when(isAnswered), actions: decide(noteSlave) },
          { guard: when(isOrphaned), target: 'stopping', actions: decide(abandon) },
          { actions: ignore },
        ],
        stop: { target: 'stopping', actions: decide(shutDown) },
      },
    },
    // The author finishes what he can; the slave ends the process when its patience is over.
    stopping: {
      on: {
        'author.done': { target: 'stopped', actions: decide(end) },
        stop: { actions: ignore },
        'wake.beat': { actions: ignore },
        'answer.executor.beat': { actions: ignore },
      },
    },
    stopped: { type: 'final' },
  },
  on: {
    'task.launch': { actions: decide(launchTasks) },
    'task.stop': { actions: decide(stopTasks) },
    'author.status': { actions: decide(hearAuthor) },
    'run.started': { actions: decide(noteStarted) },
    'run.progress': { actions: decide(noteProgress) },
    'run.ended': { actions: decide(noteEnded) },
    'wake.speak': { actions: decide(speak) },
    'wake.repeat': { actions: decide(repeat) },
    'status.ack': { actions: decide(hearAcks) },
    'framework.message': { actions: decide(hearMessage) },
    'author.message': { actions: decide(sendMessage) },
    reconnected: { actions: ignore },
    'master.elected': { actions: ignore },

    'stranger.refused': { actions: decide(turnAway) },
    '*': { actions: decide(refuseUnheard) },
  },
})
