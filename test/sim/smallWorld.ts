/**
 * `tsx test/sim/smallWorld.ts [--world NAME] [--depth N] [--states N] [--losses K] [--doubles K] [--waits K]
 * [--crashes K]`: walks through small worlds, every interleaving once, and says how many states there are. Without a
 * depth it goes on until there is nothing new; the figures of a world are its own unless they are given.
 */
import { parseArgs } from 'node:util'
import { explore } from './explorer.ts'
import { exploredInWords } from './smallWorldReport.ts'
import { scenarios } from './smallWorldScenarios.ts'
import { explorable } from './smallWorldSteps.ts'

const { values } = parseArgs({
  options: {
    world: { type: 'string' },
    depth: { type: 'string' },
    states: { type: 'string' },
    losses: { type: 'string' },
    doubles: { type: 'string' },
    waits: { type: 'string' },
    crashes: { type: 'string' },
  },
})
const figure = (given: string | undefined, otherwise: number) =>
  given === undefined ? otherwise : Number(given)

for (const scenario of scenarios) {
  if (values.world !== undefined && scenario.name !== values.world) continue
  const { losses, doubles, waits, crashes } = scenario.mischances
  const mischances = {
    losses: figure(values.losses, losses),
    doubles: figure(values.doubles, doubles),
    waits: figure(values.waits, waits),
    crashes: figure(values.crashes, crashes),
  }
  const explored = explore(explorable({ ...scenario, mischances }), {
    depth: figure(values.depth, Number.POSITIVE_INFINITY),
    states: figure(values.states, Number.POSITIVE_INFINITY),
  })
  console.log(exploredInWords({ ...scenario, mischances }, explored))
  if (explored.broken) process.exitCode = 1
}
