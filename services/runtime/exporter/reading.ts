/** What is read when somebody scrapes. */
export type Labels = Readonly<Record<string, string>>

/** One number, or one for each set of labels. */
export type Reading = number | Iterable<readonly [labels: Labels, value: number]>

/** One number for each value of one label: `{state="running"} 3`. */
export const by = (label: string, counts: Iterable<readonly [string, number]>): Reading =>
  [...counts].map(([value, count]) => [{ [label]: value }, count] as const)

/** How many are in each state of a life; also those in which nobody is: a series that comes and goes is hard to watch. */
export function countStates(
  states: readonly string[],
  things: Iterable<{ readonly state: string }>,
): ReadonlyMap<string, number> {
  const counts = new Map(states.map((state) => [state, 0]))
  for (const { state } of things) counts.set(state, (counts.get(state) ?? 0) + 1)
  return counts
}
