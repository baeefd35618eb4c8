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

/** A transition as Stately's tools read it. Without a target it stays; without actions it was heard, and that is all. */
export interface TransitionJson {
  readonly target?: string
  readonly guard?: string
  readonly actions?: readonly string[]
}
export interface StateJson {
  readonly type?: string
  readonly on?: Readonly<Record<string, readonly TransitionJson[]>>
}
/** A chart in XState's JSON form: what `createMachine` reads, with the names of decisions in place of functions. */
export interface ChartJson extends StateJson {
  readonly id: string
  readonly initial: string
  readonly states: Readonly<Record<string, StateJson>>
}

/** The machine's own config as plain JSON; the ledger is no part of it. */
export function chartAsJson(machine: AnyStateMachine): ChartJson {
  const { id, initial, states = {} } = machine.config as Config
  assert(id && initial, 'a chart has an id and an initial state')
  const written = Object.entries(states).map(([name, state]) => [name, stateAsJson(state)])
  return { id, initial, ...stateAsJson(machine.config as Config), states: Object.fromEntries(written) }
}

type Named = string | { readonly type: string } | ((...given: never[]) => unknown)
interface TransitionConfig {
  readonly target?: string
  readonly guard?: Named
  readonly actions?: Named | readonly Named[]
}
interface Config {
  readonly id?: string
  readonly initial?: string
  readonly type?: string
  readonly states?: Readonly<Record<string, Config>>
  readonly on?: Readonly<Record<string, string | TransitionConfig | readonly (string | TransitionConfig)[]>>
}

/** What a chart of ours is made of. Anything else would be missing from the picture, so there is nothing else. */
const known = new Set(['id', 'schemas', 'context', 'initial', 'type', 'states', 'on'])

function stateAsJson(config: Config): StateJson {
  const strange = Object.keys(config).filter((key) => !known.has(key))
  assert(strange.length === 0, `the picture of a chart shows no ${strange}`)
  const heard = Object.entries(config.on ?? {}).map(([event, transitions]) => [
    event,
    listed(transitions).map(transitionAsJson),
  ])
  return {
    ...(config.type && { type: config.type }),
    ...(config.on && { on: Object.fromEntries(heard) }),
  }
}

function transitionAsJson(transition: string | TransitionConfig): TransitionJson {
  if (typeof transition === 'string') return { target: transition }
  const { target, guard, actions = [] } = transition
  const names = listed(actions)
    .filter((action) => action !== ignore)
    .map(nameOf)
  return {
    ...(target && { target }),
    ...(guard && { guard: nameOf(guard) }),
    ...(names.length > 0 && { actions: names }),
  }
}

const listed = <Item>(items: Item | readonly Item[]): readonly Item[] =>
  Array.isArray(items) ? items : [items as Item]

function nameOf(named: Named): string {
  if (typeof named === 'string') return named
  const name = typeof named === 'function' ? named.name : named.type
  assert(name, 'whatever a chart decides has a name')
  return name
}
