/** Every chart by name, as data: for the visualizer, for pictures, and for any tool that reads XState's JSON. */
import type { AnyStateMachine } from 'xstate'
import { assert } from '../shared/assert.ts'
import { ignore } from './decision.ts'
import { executorChart } from './executor/chart.ts'
import { frameworkLife, offerLife, slaveLife, taskLife } from './lives.ts'
import { masterChart } from './master/chart.ts'
import { schedulerChart } from './scheduler/chart.ts'
import { slaveChart } from './slave/chart.ts'

export type RoleChartName = 'master' | 'scheduler' | 'slave' | 'executor'
export type LifeName = 'offerLife' | 'taskLife' | 'slaveLife' | 'frameworkLife'
export type ChartName = RoleChartName | LifeName

export const roleCharts: Readonly<Record<RoleChartName, AnyStateMachine>> = {
  master: masterChart,
  scheduler: schedulerChart,
  slave: slaveChart,
  executor: executorChart,
}
export const lives: Readonly<Record<LifeName, AnyStateMachine>> = {
  offerLife,
  taskLife,
  slaveLife,
  frameworkLife,
}
export const charts: Readonly<Record<ChartName, AnyStateMachine>> = { ...roleCharts, ...lives }

/** What each is, in one sentence. */
export const about: Readonly<Record<ChartName, string>> = {
  master: 'It stands by until the lease is its own, leads while it holds it, and says nothing without it.',
  scheduler: "A framework's side of the offers: it subscribes, answers, hears of its tasks, and leaves.",
  slave:
    'It registers with whoever leads, runs what it is told to, and says what became of it until it is heard.',
  executor: 'It runs the tasks that its slave hands it, and says what became of them.',
  offerLife: 'One promise of resources, as the leader sees it.',
  taskLife: 'One task, as its slave, its framework and the leader see it.',
  slaveLife: 'One slave, as the leader sees it.',
  frameworkLife: 'One framework, as the leader sees it.',
}

/** A transition as Stately's tools read it. Without a target it stays; without actions it was heard, and that is all. */
export interface TransitionJson {
  readonly target?: string
  readonly guard?: string
  readonly actions?: readonly string[]
  /** It leaves its state and enters it anew, where it would have stayed in it else. */
  readonly reenter?: boolean
}
export interface StateJson {
  readonly id?: string
  readonly type?: string
  readonly initial?: string
  readonly entry?: readonly string[]
  readonly exit?: readonly string[]
  readonly on?: Readonly<Record<string, readonly TransitionJson[]>>
  /** Taken as soon as the guard holds. */
  readonly always?: readonly TransitionJson[]
  /** Taken when the state has lasted so long: ms, or the name of a delay. */
  readonly after?: Readonly<Record<string, readonly TransitionJson[]>>
  /** Taken when what is within has come to its end. */
  readonly onDone?: readonly TransitionJson[]
  readonly states?: Readonly<Record<string, StateJson>>
}
/** A chart in XState's JSON form: what `createMachine` reads, with the names of decisions in place of functions. */
export interface ChartJson extends StateJson {
  readonly id: string
  readonly states: Readonly<Record<string, StateJson>>
}

/** The machine's own config as plain JSON; the ledger is no part of it. */
export function chartAsJson(machine: AnyStateMachine): ChartJson {
  const { id, states = {}, ...chart } = stateAsJson(machine.config as Config)
  assert(id, 'a chart has an id')
  return { id, ...chart, states }
}

type Named = string | { readonly type: string } | ((...given: never[]) => unknown)
type OneOrMore<Item> = Item | readonly Item[]
interface TransitionConfig {
  readonly target?: unknown
  readonly guard?: Named
  readonly actions?: OneOrMore<Named>
  readonly reenter?: boolean
}
type Transitions = OneOrMore<string | TransitionConfig>
interface Config {
  readonly id?: string
  readonly initial?: unknown
  readonly type?: string
  readonly entry?: OneOrMore<Named>
  readonly exit?: OneOrMore<Named>
  readonly on?: Readonly<Record<string, Transitions>>
  readonly always?: Transitions
  readonly after?: Readonly<Record<string, Transitions>>
  readonly onDone?: Transitions
  readonly states?: Readonly<Record<string, Config>>
}

/** What a chart of ours may be made of. Anything else would be missing from the pictures, so there is nothing else. */
const known = new Set([
  ...['id', 'schemas', 'context', 'initial', 'type', 'states'],
  ...['entry', 'exit', 'on', 'always', 'after', 'onDone'],
])

function stateAsJson(config: Config): StateJson {
  const { id, type, initial, entry, exit, on, always, after, onDone, states } = config
  const strange = Object.keys(config).filter((key) => !known.has(key))
  assert(strange.length === 0, `the picture of a chart shows no ${strange}`)
  assert(type !== 'history', 'the picture of a chart shows no history')
  assert(isNameOrNothing(initial), 'a state begins in one other, and decides nothing on the way')
  return {
    ...(id && { id }),
    ...(type && { type }),
    ...(initial && { initial }),
    ...(entry && { entry: namesOf(entry) }),
    ...(exit && { exit: namesOf(exit) }),
    ...(on && { on: each(on, transitionsAsJson) }),
    ...(always && { always: transitionsAsJson(always) }),
    ...(after && { after: each(after, transitionsAsJson) }),
    ...(onDone && { onDone: transitionsAsJson(onDone) }),
    ...(states && { states: each(states, stateAsJson) }),
  }
}

const transitionsAsJson = (transitions: Transitions): TransitionJson[] =>
  listed(transitions).map(transitionAsJson)

function transitionAsJson(transition: string | TransitionConfig): TransitionJson {
  if (typeof transition === 'string') return { target: transition }
  const { target, guard, actions = [], reenter } = transition
  assert(isNameOrNothing(target), 'a transition leads to one state')
  const names = namesOf(actions)
  return {
    ...(target && { target }),
    ...(guard && { guard: nameOf(guard) }),
    ...(names.length > 0 && { actions: names }),
    ...(reenter && { reenter }),
  }
}

const namesOf = (actions: OneOrMore<Named>): string[] =>
  listed(actions)
    .filter((action) => action !== ignore)
    .map(nameOf)

function nameOf(named: Named): string {
  if (typeof named === 'string') return named
  const name = typeof named === 'function' ? named.name : named.type
  assert(name, 'whatever a chart decides has a name')
  return name
}

const isNameOrNothing = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string'
const listed = <Item>(items: OneOrMore<Item>): readonly Item[] =>
  Array.isArray(items) ? items : [items as Item]
const each = <From, To>(record: Readonly<Record<string, From>>, as: (from: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([name, from]) => [name, as(from)]))
