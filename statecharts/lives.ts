/**
 * The lives of the things that the roles talk about: small machines without effects. A ledger holds only the name
 * of a thing's state; the machine is compiled once into a table (state x fact -> state), because a table costs
 * some nanoseconds where an actor for each offer or task would cost microseconds and memory.
 *
 * A life that hears a fact which its state does not know stays where it is.
 */
import { createMachine } from 'xstate'
import type { TaskState } from '../shared/tasks.ts'

/** One promise of resources. */
export const offerLife = createMachine({
  id: 'offer',
  initial: 'pending',
  states: {
    pending: { on: { accept: 'accepted', decline: 'declined', rescind: 'rescinded' } },
    declined: { on: { filter: 'filtered' } },
    // The slave is kept from this framework until the refusal ends.
    filtered: { on: { lapse: 'lapsed' } },
    accepted: { type: 'final' },
    rescinded: { type: 'final' },
    lapsed: { type: 'final' },
  },
})

/** One task, as its slave, its framework and the leader see it. */
export const taskLife = createMachine({
  id: 'task',
  initial: 'staging',
  states: {
    staging: {
      on: {
        start: 'starting',
        run: 'running',
        kill: 'killing',
        finish: 'finished',
        fail: 'failed',
        die: 'killed',
        err: 'error',
        drop: 'dropped',
        part: 'unreachable',
        lose: 'lost',
      },
    },
    starting: {
      on: {
        run: 'running',
        kill: 'killing',
        finish: 'finished',
        fail: 'failed',
        die: 'killed',
        err: 'error',
        drop: 'dropped',
        part: 'unreachable',
        lose: 'lost',
      },
    },
    running: {
      on: {
        kill: 'killing',
        finish: 'finished',
        fail: 'failed',
        die: 'killed',
        err: 'error',
        drop: 'dropped',
        part: 'unreachable',
        lose: 'lost',
      },
    },
    killing: {
      on: {
        finish: 'finished',
        fail: 'failed',
        die: 'killed',
        err: 'error',
        drop: 'dropped',
        part: 'unreachable',
        lose: 'lost',
      },
    },
    // Its slave cannot be reached: it may be running yet, and comes back in whatever state it has.
    unreachable: {
      on: {
        stage: 'staging',
        start: 'starting',
        run: 'running',
        kill: 'killing',
        finish: 'finished',
        fail: 'failed',
        die: 'killed',
        err: 'error',
        drop: 'dropped',
        lose: 'lost',
      },
    },
    finished: { type: 'final' },
    failed: { type: 'final' },
    killed: { type: 'final' },
    error: { type: 'final' },
    dropped: { type: 'final' },
    lost: { type: 'final' },
  },
})

/** A slave, as the leader sees it. */
export const slaveLife = createMachine({
  id: 'slave',
  initial: 'registering',
  states: {
    // Answered, but not yet heard at its new address.
    registering: {
      on: {
        beat: 'active',
        drain: 'draining',
        recall: 'disconnected',
        part: 'unreachable',
        leave: 'gone',
      },
    },
    active: {
      on: {
        register: 'registering',
        drain: 'draining',
        miss: 'disconnected',
        part: 'unreachable',
        leave: 'gone',
      },
    },
    // Not heard for some beats; or known from the registry, and not yet heard by this leader at all.
    disconnected: {
      on: {
        register: 'registering',
        beat: 'active',
        drain: 'draining',
        part: 'unreachable',
        leave: 'gone',
      },
    },
    unreachable: { on: { register: 'registering', leave: 'gone' } },
    // Nothing more is offered of it.
    draining: {
      on: {
        register: 'registering',
        empty: 'drained',
        reactivate: 'active',
        miss: 'disconnected',
        part: 'unreachable',
        leave: 'gone',
      },
    },
    drained: {
      on: {
        register: 'registering',
        reactivate: 'active',
        miss: 'disconnected',
        part: 'unreachable',
        leave: 'gone',
      },
    },
    gone: { type: 'final' },
  },
})

/** A framework, as the leader sees it. */
export const frameworkLife = createMachine({
  id: 'framework',
  initial: 'subscribing',
  states: {
    // Answered, but not yet heard at its new address.
    subscribing: {
      on: {
        beat: 'active',
        suppress: 'suppressed',
        recall: 'failingOver',
        miss: 'disconnected',
        complete: 'completed',
      },
    },
    active: {
      on: { subscribe: 'subscribing', suppress: 'suppressed', miss: 'disconnected', complete: 'completed' },
    },
    suppressed: {
      on: { subscribe: 'subscribing', revive: 'active', miss: 'disconnected', complete: 'completed' },
    },
    // Its tasks run on until its failover time ends.
    disconnected: { on: { subscribe: 'subscribing', complete: 'completed' } },
    // The leader has changed: it is known from the registry, or from what its slaves run, and yet to come.
    failingOver: { on: { subscribe: 'subscribing', complete: 'completed' } },
    completed: { type: 'final' },
  },
})

type StatesOf<Life> = Life extends { readonly states: infer States } ? keyof States & string : never
export type OfferState = StatesOf<typeof offerLife>
export type SlaveState = StatesOf<typeof slaveLife>
export type FrameworkState = StatesOf<typeof frameworkLife>

/** `table[state][fact]` is the next state; undefined where the state does not know the fact. */
export type LifeTable<State extends string> = Readonly<
  Record<State, Readonly<Record<string, State | undefined>>>
>

interface Readable {
  readonly states: Readonly<Record<string, { readonly on: Readonly<Record<string, unknown>> }>>
}

/** Reads a life machine, which must be flat and without guards, into its table. */
export function compileLife<State extends string>(life: Readable): LifeTable<State> {
  const rows = Object.entries(life.states).map(([state, node]) => {
    const facts = Object.entries(node.on).map(([fact, transitions]) => {
      const [transition] = transitions as { target?: { key: string }[] }[]
      return [fact, transition?.target?.[0]?.key]
    })
    return [state, Object.fromEntries(facts)]
  })
  return Object.fromEntries(rows) as LifeTable<State>
}

export const offerTable = compileLife<OfferState>(offerLife)
export const taskTable = compileLife<TaskState>(taskLife)
export const slaveTable = compileLife<SlaveState>(slaveLife)
export const frameworkTable = compileLife<FrameworkState>(frameworkLife)

/** The state after a fact: another one, or the same when this life does not know it. */
export const step = <State extends string>(table: LifeTable<State>, state: State, fact: string): State =>
  table[state][fact] ?? state

/** The fact that a status update of this state tells. */
export const factOf: Readonly<Record<TaskState, string>> = {
  staging: 'stage',
  starting: 'start',
  running: 'run',
  killing: 'kill',
  finished: 'finish',
  failed: 'fail',
  killed: 'die',
  error: 'err',
  dropped: 'drop',
  unreachable: 'part',
  lost: 'lose',
}
