/** A chart as JSON is the chart when XState reads it: state by state, arrow by arrow, and in all that it does. */
import { describe, expect, test } from 'vitest'
import { type AnyStateMachine, type AnyStateNode, createMachine } from 'xstate'
import { chartAsJson } from '../../statecharts/index.ts'
import { allCharts } from './madeUp.ts'
import { walk, withNames } from './walk.ts'
import { arrowsOf, namesOf, nodesOf, pathOf } from './xstateArrows.ts'

describe.each(Object.entries(allCharts))('%s as JSON', (_name, machine) => {
  const json = chartAsJson(machine)
  const read = createMachine(json as never)

  test('is plain', () => expect(JSON.parse(JSON.stringify(json))).toEqual(json))

  test('has the same states and arrows when XState reads it', () => {
    expect(arrowsOf(read)).toEqual(arrowsOf(machine))
    expect(nodesOf(read.root).map(traits)).toEqual(nodesOf(machine.root).map(traits))
  })

  test('does the same from every state, whatever is heard and whatever the guards say', () => {
    const seen = walk(read)
    expect(seen).toEqual(walk(withNames(machine)))
    const reached = new Set(seen.flatMap(({ value }) => leavesOf(value)))
    // What ends within a state is left at once, where that says what then.
    const rests = ({ type, parent }: AnyStateNode) =>
      type === 'atomic' || (type === 'final' && !parent?.parent)
    const leaves = nodesOf(machine.root).filter(rests).map(pathOf)
    expect([...reached]).toEqual(expect.arrayContaining(leaves))
  })
})

test.each<[string, object, string]>([
  ['history', { initial: 'a', states: { a: { type: 'history' } } }, 'shows no history'],
  ['an invoked actor', { invoke: { src: 'x' } }, 'shows no invoke'],
  [
    'several targets',
    { initial: 'a', states: { a: { on: { go: { target: ['a'] } } } } },
    'leads to one state',
  ],
  ['a nameless decision', { entry: [() => {}] }, 'has a name'],
])('a chart with %s is not written at all', (_what, config, complaint) => {
  const machine = { config: { id: 'x', ...config } } as unknown as AnyStateMachine
  expect(() => chartAsJson(machine)).toThrow(complaint)
})

const traits = (node: AnyStateNode) => ({
  path: pathOf(node),
  type: node.type,
  entry: namesOf(node.entry),
  exit: namesOf(node.exit),
  initial: node.type === 'compound' && node.initial.target?.map(pathOf),
})

/** The states of a configuration that have none within them. */
function leavesOf(value: unknown, path: readonly string[] = []): string[] {
  if (typeof value === 'string') return [[...path, value].join('/')]
  const parts = Object.entries(value as object)
  if (parts.length === 0) return [path.join('/')]
  return parts.flatMap(([name, within]) => leavesOf(within, [...path, name]))
}
