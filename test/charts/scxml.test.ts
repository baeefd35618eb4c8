/** A chart as SCXML, as an XML parser and the standard read it, against what XState makes of the machine itself. */
import { describe, expect, test } from 'vitest'
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { charts } from '../../statecharts/index.ts'
import { chartAsScxml } from '../../statecharts/scxml.ts'
import { allCharts } from './madeUp.ts'
import { decoded, type ReadScxml, readScxml } from './readScxml.ts'
import { type Arrow, arrowsOf, isWithin, namesOf, nodesOf, pathOf } from './xstateArrows.ts'

describe.each(Object.entries(allCharts))('%s as SCXML', (_name, machine) => {
  const scxml = readScxml(chartAsScxml(machine))
  const paths = pathsById(scxml, machine)
  const nodes = nodesOf(machine.root)
  const nodeAt = new Map(nodes.map((node) => [pathOf(node), node]))

  test('has every state, where it is, and what it decides', () => {
    const states = scxml.states.map(({ id, tag, initial, entry, exit }) => ({
      path: paths.get(id),
      tag,
      initial: initial && paths.get(initial),
      entry,
      exit,
    }))
    const isWritten = (node: AnyStateNode) => node !== machine.root || paths.size === nodes.length
    expect(byPath(states)).toEqual(byPath(nodes.filter(isWritten).map(scxmlTraits)))
    const begins = paths.get(scxml.initial ?? '')
    expect(begins === '' ? scxmlTraits(machine.root).initial : begins).toBe(scxmlTraits(machine.root).initial)
  })

  test('has every arrow, with what it hears, asks, decides and leads to', () => {
    const read = scxml.transitions.map(({ from, event, cond, target, isInternal, decides }) => ({
      from: paths.get(from),
      event: xstateEvent(event, from),
      guard: cond,
      to: target && paths.get(target),
      isInternal,
      actions: decides,
    }))
    expect(byEvent(read)).toEqual(byEvent(arrowsOf(machine).map((arrow) => scxmlArrow(arrow, nodeAt))))
  })

  test('says first what is heard by nobody else', () => {
    for (const { id } of scxml.states) {
      const heard = scxml.transitions.filter(({ from, event }) => from === id && event !== '')
      const events = [...new Set(heard.map(({ event }) => event))]
      events.forEach((event, i) => {
        expect(
          events.slice(i + 1).filter((later) => matches(event, later)),
          event,
        ).toEqual([])
      })
    }
  })

  /** What XState calls the events that a state makes for itself. */
  function xstateEvent(event: string, from: string): string {
    const delays = scxml.states.find(({ id }) => id === from)?.delays
    const xstateId = (id: string) => nodeAt.get(paths.get(id) ?? '?')?.id
    if (delays?.has(event)) return `xstate.after.${delays.get(event)}.${xstateId(from)}`
    if (event.startsWith('done.state.'))
      return `xstate.done.state.${xstateId(event.slice('done.state.'.length))}`
    return decoded(event)
  }
})

test('no event of our charts is heard in SCXML by who hears another in XState', () => {
  for (const chart of Object.values(charts)) {
    const events = [...new Set(arrowsOf(chart).map(({ event }) => event))].filter((event) => event !== '*')
    for (const event of events)
      expect(events.filter((other) => other !== event && matches(event, other))).toEqual([])
  }
})

/** Which state an id of SCXML stands for: its name, or the end of it where several states are called alike. */
function pathsById({ states, initial }: ReadScxml, machine: AnyStateMachine): Map<string, string> {
  const nodes = nodesOf(machine.root)
  const box = states.length === nodes.length ? initial : undefined
  const paths = new Map(box === undefined ? [] : [[box, '']])
  for (const { id, parent } of states.filter((state) => state.id !== box)) {
    const around = parent === undefined ? '' : paths.get(parent)
    const siblings = nodes.filter((node) => node.parent && pathOf(node.parent) === around)
    const word = decoded(id)
    const node =
      siblings.find(({ key }) => key === word) ?? siblings.find(({ key }) => word.endsWith(`_${key}`))
    expect(node, `no state is called ${id}`).toBeDefined()
    if (node) paths.set(id, pathOf(node))
  }
  return paths
}

function scxmlTraits(node: AnyStateNode) {
  const listed = (actions: unknown) => namesOf([actions ?? []].flat())
  return {
    path: pathOf(node),
    tag: node.type === 'final' || node.type === 'parallel' ? node.type : 'state',
    initial: node.type === 'compound' ? node.initial.target?.map(pathOf)[0] : undefined,
    entry: listed(node.config.entry),
    exit: listed(node.config.exit),
  }
}

/** The same way by the rules of SCXML, which leaves a state on the way into it, unless it is internal. */
function scxmlArrow(arrow: Arrow, nodeAt: ReadonlyMap<string, AnyStateNode>) {
  const { reenter, to, ...rest } = arrow
  const [from, target] = [nodeAt.get(arrow.from), nodeAt.get(to ?? '?')]
  const written = (to: string | undefined, isInternal: boolean) => ({ ...rest, to, isInternal })
  const endsAll = target?.type === 'final' && target.parent?.parent === undefined
  if (reenter || endsAll || from?.type === 'parallel') return written(to, false)
  if (to === arrow.from)
    return from?.type === 'compound' ? written(scxmlTraits(from).initial, true) : written(undefined, false)
  return written(to, isWithin(to, arrow.from))
}

/** Whether SCXML hears this event where that is waited for. */
const matches = (descriptor: string, event: string): boolean =>
  descriptor === '*' || `${event}.`.startsWith(`${descriptor.replace(/\.\*$/, '')}.`)

const byPath = <Item extends { path: string | undefined }>(items: readonly Item[]): Item[] =>
  items.toSorted((a, b) => `${a.path}`.localeCompare(`${b.path}`))
/** Those of one event stay in order: it matters. */
const byEvent = <Item extends { from: string | undefined; event: string }>(items: readonly Item[]): Item[] =>
  items.toSorted((a, b) => `${a.from} ${a.event}`.localeCompare(`${b.from} ${b.event}`))
