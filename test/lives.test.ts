import { describe, expect, test } from 'vitest'
import { type AnyStateMachine, getNextSnapshot } from 'xstate'
import { isTerminal, taskStates } from '../shared/tasks.ts'
import {
  factOf,
  frameworkLife,
  frameworkTable,
  type LifeTable,
  offerLife,
  offerTable,
  slaveLife,
  slaveTable,
  step,
  taskLife,
  taskTable,
} from '../statecharts/lives.ts'

const lives: [string, AnyStateMachine, LifeTable<string>][] = [
  ['offer', offerLife, offerTable],
  ['task', taskLife, taskTable],
  ['slave', slaveLife, slaveTable],
  ['framework', frameworkLife, frameworkTable],
]

describe.each(lives)('the life of a %s', (_name, machine, table) => {
  const states = Object.keys(machine.states)
  const facts = [...new Set(states.flatMap((state) => Object.keys(machine.states[state]?.on ?? {})))]

  test('the table has every state', () => expect(Object.keys(table)).toEqual(states))

  test.each(states)('from %s the table goes where the machine goes, whatever the fact', (state) => {
    const snapshot = machine.resolveState({ value: state, context: {} })
    for (const fact of [...facts, 'nonsense']) {
      const next = getNextSnapshot(machine, snapshot, { type: fact })
      expect([fact, step(table, state, fact)]).toEqual([fact, next.value])
    }
  })

  test('what is final stays', () => {
    const finals = states.filter((state) => machine.states[state]?.type === 'final')
    expect(finals.length).toBeGreaterThan(0)
    for (const state of finals) for (const fact of facts) expect(step(table, state, fact)).toBe(state)
  })

  test('every state can be reached', () => {
    const reached = new Set<string>([String(machine.config.initial)])
    for (const state of reached) for (const fact of facts) reached.add(step(table, state, fact))
    expect([...reached].sort()).toEqual([...states].sort())
  })
})

describe('the states of a task', () => {
  test('are those of its life, and are over where that ends', () => {
    expect(Object.keys(taskTable)).toEqual(taskStates.toSorted(byLife))
    for (const state of taskStates) expect(isTerminal(state)).toBe(taskLife.states[state]?.type === 'final')
  })

  test.each(taskStates)('%s is told by a fact that leads there', (state) => {
    expect(taskStates.some((from) => taskTable[from][factOf[state]] === state)).toBe(true)
    expect(taskStates.every((from) => [state, undefined].includes(taskTable[from][factOf[state]]))).toBe(true)
  })
})

const byLife = (a: string, b: string) => Object.keys(taskTable).indexOf(a) - Object.keys(taskTable).indexOf(b)
