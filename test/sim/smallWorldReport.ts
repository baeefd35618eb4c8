/** What a walk has found, as a person reads it. */
import type { Explored } from './explorer.ts'
import type { Scenario } from './smallWorlds.ts'

export function exploredInWords({ name, mischances }: Scenario, explored: Explored): string {
  const { states, transitions, settled, deepest, exhausted, broken } = explored
  const at = (count: number, one: string, many: string) =>
    count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]
  const wrong = [
    ...at(mischances.losses, 'loss', 'losses'),
    ...at(mischances.doubles, 'message twice', 'messages twice'),
    ...at(mischances.waits, 'jump of time', 'jumps of time'),
    ...at(mischances.crashes, 'crash', 'crashes'),
  ]
  const bounds = wrong.length > 0 ? `at most ${wrong.join(', ')}` : 'nothing lost'
  const all = exhausted ? 'all interleavings' : 'not exhausted'
  const words = `${name}, ${bounds}: ${states} states, ${transitions} steps, ${settled} rests, ${all}, ${deepest} deep`
  return broken ? `${words}\nBROKEN: ${broken.how}\n${broken.way.join('\n')}` : words
}
