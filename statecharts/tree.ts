/** A chart as a tree of states and the ways between them, each with where it leads: what every picture is drawn from. */
import { assert } from '../shared/assert.ts'
import type { ChartJson, StateJson, TransitionJson } from './index.ts'

export interface State {
  /** Its name within its parent; of the chart itself its id. */
  readonly name: string
  readonly parent: State | undefined
  readonly children: readonly State[]
  readonly json: StateJson
}

/** A transition, with the state that it leads to; without one it stays. */
export interface Way {
  readonly from: State
  readonly trigger: Trigger
  readonly guard: string | undefined
  readonly actions: readonly string[]
  readonly to: State | undefined
  readonly reenters: boolean
  /** Which it is of the ways with this trigger: they are tried in order. */
  readonly index: number
}
export type Trigger =
  | { readonly kind: 'event'; readonly name: string }
  | { readonly kind: 'after'; readonly delay: string }
  | { readonly kind: 'always' | 'done' }

export function treeOf(chart: ChartJson): State {
  return stateOf(chart.id, chart, undefined)
}

function stateOf(name: string, json: StateJson, parent: State | undefined): State {
  const children: State[] = []
  const state = { name, parent, children, json }
  for (const [key, child] of Object.entries(json.states ?? {})) children.push(stateOf(key, child, state))
  return state
}

/** The state and all that is within it, as the chart lists them. */
export const within = (state: State): State[] => [state, ...state.children.flatMap(within)]

/** The same, in the order in which they are asked: what is within goes before what is around it. */
export const insideOut = (state: State): State[] => [...state.children.flatMap(insideOut), state]

/** From the chart down to the state. */
export const pathOf = (state: State): State[] => [...(state.parent ? pathOf(state.parent) : []), state]

export const isFinal = ({ json }: State): boolean => json.type === 'final'
export const isParallel = ({ json }: State): boolean => json.type === 'parallel'

/** The state within, in which it begins. */
export function initialOf(state: State): State | undefined {
  const { initial } = state.json
  return initial === undefined ? undefined : descend(state, namesIn(initial), initial)
}

/** The ways out of one state, in the order in which the chart lists them. Nothing leads out of what is final. */
export function waysOf(from: State): Way[] {
  const { on = {}, always = [], after = {}, onDone = [] } = from.json
  if (isFinal(from)) return []
  return [
    ...ways(from, { kind: 'always' }, always),
    ...Object.entries(on).flatMap(([name, list]) => ways(from, { kind: 'event', name }, list)),
    ...Object.entries(after).flatMap(([delay, list]) => ways(from, { kind: 'after', delay }, list)),
    ...ways(from, { kind: 'done' }, onDone),
  ]
}

/** When it is taken, in a word; undefined where nothing else is asked. */
export const whenOf = ({ guard, index }: Way): string | undefined =>
  guard ?? (index > 0 ? 'otherwise' : undefined)

const ways = (from: State, trigger: Trigger, transitions: readonly TransitionJson[]): Way[] =>
  transitions.map(({ target, guard, actions = [], reenter = false }, index) => ({
    from,
    trigger,
    guard,
    actions,
    to: target === undefined ? undefined : stateAt(from, target),
    reenters: reenter,
    index,
  }))

/**
 * Where a target leads, as XState reads it: `sibling`, `sibling.child`, `.child` of the state itself, or `#id` and
 * `#id.child` from anywhere. A dot that belongs to a name stands behind a backslash.
 */
function stateAt(from: State, target: string): State {
  const [first = '', ...rest] = namesIn(target)
  if (first.startsWith('#')) return descend(stateOfId(from, first.slice(1)), rest, target)
  if (first === '') return descend(from, rest, target)
  assert(from.parent, `a chart's own transitions lead to states within it: .${target}, not ${target}`)
  return descend(from.parent, [first, ...rest], target)
}

const namesIn = (target: string): string[] =>
  target.split(/(?<!\\)\./).map((name) => name.replace(/\\(.)/g, '$1'))

function stateOfId(from: State, id: string): State {
  const [root = from] = pathOf(from)
  const state = within(root).find(({ json }) => json.id === id)
  assert(state, `no state has the id ${id}`)
  return state
}

function descend(from: State, names: readonly string[], target: string): State {
  return names.reduce((state, name) => {
    const child = state.children.find((each) => each.name === name)
    assert(child, `${target} leads to no state`)
    return child
  }, from)
}
