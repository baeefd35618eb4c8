/** Our own mistakes stop the process: a state that cannot be is a bug, in production too. */
export function assert(holds: unknown, broken: string): asserts holds {
  if (!holds) throw new Error(`broken: ${broken}`)
}
