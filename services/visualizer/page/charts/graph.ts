/**
 * A chart as boxes and arrows. What every state of a box knows alike is drawn once, as an arrow from any of them;
 * arrows with the same two ends are one; and what is heard without leaving a state is no arrow at all: a role hears
 * far more than it moves by.
 */
import type { ChartJson } from '../../../../statecharts/index.ts'
import {
  initialOf,
  isFinal,
  isParallel,
  pathOf,
  type State,
  treeOf,
  type Way,
  waysOf,
  within,
} from '../../../../statecharts/tree.ts'

export interface Box {
  /** The names from the chart down to the state, with dots between; of a mark its state's, a slash and what it is. */
  readonly id: string
  readonly name: string
  readonly kind: 'state' | 'final' | 'parallel' | 'region' | 'any' | 'initial'
  readonly children: readonly Box[]
}
export interface Arrow {
  readonly id: string
  readonly from: string
  readonly to: string
  /** Empty for the arrow from the initial dot. */
  readonly ways: readonly Way[]
}
export interface Graph {
  readonly boxes: readonly Box[]
  readonly arrows: readonly Arrow[]
  readonly states: ReadonlyMap<string, State>
}

export const idOf = (state: State): string =>
  pathOf(state)
    .slice(1)
    .map(({ name }) => name)
    .join('.')

export function graphOf(chart: ChartJson): Graph {
  const root = treeOf(chart)
  const states = within(root)
  const drawn = states.flatMap(waysOf).filter((way) => way.to && way.to !== way.from)
  const arrows = gathered([...states.flatMap(beginning), ...drawn.map((way) => arrowOf(way, drawn))])
  const marks = new Set(arrows.map(({ from }) => from))
  return {
    boxes: inside(root, marks),
    arrows,
    states: new Map(states.map((state) => [idOf(state), state])),
  }
}

const anyOf = (state: State): string => `${idOf(state)}/any`
const beginOf = (state: State): string => `${idOf(state)}/initial`

function inside(state: State, marks: ReadonlySet<string>): Box[] {
  const mark = (id: string, kind: 'any' | 'initial', name: string): Box[] =>
    marks.has(id) ? [{ id, kind, name, children: [] }] : []
  const drawn = (child: State): Box => ({
    id: idOf(child),
    name: child.name,
    kind: kindOf(child),
    children: inside(child, marks),
  })
  // Most of what any state knows alike leads to an end: so it stands between the two.
  return [
    ...mark(beginOf(state), 'initial', ''),
    ...state.children.filter((child) => !isFinal(child)).map(drawn),
    ...mark(anyOf(state), 'any', state.parent ? `any of ${state.name}` : 'any state'),
    ...state.children.filter(isFinal).map(drawn),
  ]
}

function kindOf(state: State): Box['kind'] {
  if (isFinal(state)) return 'final'
  if (isParallel(state)) return 'parallel'
  return state.parent && isParallel(state.parent) ? 'region' : 'state'
}

function beginning(state: State): Arrow[] {
  const to = initialOf(state)
  return to ? [{ id: '', from: beginOf(state), to: idOf(to), ways: [] }] : []
}

function arrowOf(way: Way, all: readonly Way[]): Arrow {
  const { from, to } = way
  const parent = from.parent
  const source = !parent ? anyOf(from) : isOfAll(way, parent, all) ? anyOf(parent) : idOf(from)
  return { id: '', from: source, to: to ? idOf(to) : '', ways: [way] }
}

/** Whether every other state beside it that can be left has a way alike. */
function isOfAll(way: Way, parent: State, all: readonly Way[]): boolean {
  if (isParallel(parent)) return false
  const others = parent.children.filter((state) => !isFinal(state) && state !== way.to)
  return (
    others.length > 1 &&
    others.every((state) => all.some((other) => other.from === state && isAlike(other, way)))
  )
}

const isAlike = (a: Way, b: Way): boolean =>
  a.to === b.to &&
  a.guard === b.guard &&
  triggerInWords(a) === triggerInWords(b) &&
  a.actions.join() === b.actions.join()

function gathered(arrows: readonly Arrow[]): Arrow[] {
  const byEnds = new Map<string, Arrow>()
  for (const { from, to, ways } of arrows) {
    const id = `${from} > ${to}`
    byEnds.set(id, { id, from, to, ways: [...(byEnds.get(id)?.ways ?? []), ...ways] })
  }
  return [...byEnds.values()]
}

/** The ways of an arrow for people: those that many states know alike are told once. */
export function distinct(ways: readonly Way[]): Way[] {
  return ways.filter((way, i) => ways.findIndex((other) => isAlike(other, way)) === i)
}

export function triggerInWords({ trigger }: Way): string {
  if (trigger.kind === 'event') return trigger.name
  if (trigger.kind === 'after')
    return `after ${trigger.delay}${Number.isFinite(Number(trigger.delay)) ? ' ms' : ''}`
  return trigger.kind
}

/** A move as the trace tells it: states by their names, what was heard by its type. */
export interface Moved {
  readonly from: string
  readonly to: string
  readonly by: string
}

/** The arrow that was taken: of several that fit, the one that leaves the innermost state. */
export function arrowFor(graph: Graph, { from, to, by }: Moved): Arrow | undefined {
  let best: { readonly arrow: Arrow; readonly depth: number } | undefined
  for (const arrow of graph.arrows)
    for (const way of arrow.ways) {
      const source = idOf(way.from)
      const fits = holds(source, from) && way.to && holds(idOf(way.to), to) && hears(way, by)
      if (fits && (!best || source.length > best.depth)) best = { arrow, depth: source.length }
    }
  return best?.arrow
}

const hears = (way: Way, event: string): boolean =>
  way.trigger.kind === 'event' && (way.trigger.name === event || way.trigger.name === '*')

/** Whether the outer state is the inner, or around it; the chart itself is around all. */
const holds = (outer: string, inner: string): boolean =>
  statesIn(inner).some((id) => outer === '' || id === outer || id.startsWith(`${outer}.`))

/** An actor's state as the trace writes it: one path, or several where it is in parallel states. */
export const statesIn = (written: string): string[] => written.split(/[\s,+|]+/).filter(Boolean)

/** The states that an actor is in, those around them included. */
export function litBy(written: string): ReadonlySet<string> {
  const lit = new Set<string>()
  for (const path of statesIn(written)) {
    const names = path.split('.')
    for (let depth = 1; depth <= names.length; depth++) lit.add(names.slice(0, depth).join('.'))
  }
  return lit
}

/** All that is heard in a state: by itself first, then by what is around it, each as it would be tried. */
export function heardIn(state: State): Way[] {
  const nearest = pathOf(state).reverse()
  const own = nearest.flatMap((around) => waysOf(around))
  const firstOf = (trigger: string) => own.find((way) => triggerInWords(way) === trigger)?.from
  return own.filter((way) => firstOf(triggerInWords(way)) === way.from)
}
