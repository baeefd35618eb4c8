/** Small worlds, walked through completely within their bounds: not a sample of what may happen, but each state of it. */
import { expect, test } from 'vitest'
import { explore } from './sim/explorer.ts'
import { exploredInWords } from './sim/smallWorldReport.ts'
import { scenarios } from './sim/smallWorldScenarios.ts'
import { explorable } from './sim/smallWorldSteps.ts'

/** How deep each is walked here, so that all of them take some seconds; `tsx test/sim/smallWorld.ts` goes deeper. */
const depths: Readonly<Record<string, number>> = {
  'a task that ends, in no order': Number.POSITIVE_INFINITY,
  'two tasks at once': 13,
  'two tasks, one after the other': 13,
  'what comes twice': 13,
  'what is said again': 12,
  'a kill': Number.POSITIVE_INFINITY,
  'a slave that is killed': 12,
  'a leader that is killed': 10,
  'all that register': 11,
  'a lease': Number.POSITIVE_INFINITY,
}

test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (name, scenario) => {
  const depth = depths[name] ?? 0
  const explored = explore(explorable(scenario), { depth, states: 4000 })
  const words = exploredInWords(scenario, explored)
  console.log(depth === Number.POSITIVE_INFINITY ? words : `${words}, which is the bound`)
  expect(explored.broken && words).toBe(undefined)
  expect(explored.states).toBeGreaterThan(100)
})
