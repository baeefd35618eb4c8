/** Each step as a line of the log, where that is to tell everything: with the count that the trace gives it. */
import { type Step, stepInWords } from '../../shared/trace.ts'
import type { Tracer } from './actor.ts'
import type { Log } from './log.ts'

/** With a log that tells everything each step goes to both; any other is not asked again. */
export function alsoLogged(tracer: Tracer, log: Log): Tracer {
  if (!log.isLevelEnabled?.('debug')) return tracer
  return {
    on: true,
    step: (step) => {
      logStep(log, step)
      if (tracer.on) tracer.step(step)
    },
  }
}

function logStep(log: Log, step: Step): void {
  const { n, role, id, heard } = step
  log.debug?.({ role, id, step: n, heard: heard.type, ...idsIn(heard) }, stepInWords(step))
}

const named = ['frameworkId', 'slaveId', 'taskId', 'offerId'] as const
/** A message may be about thousands of tasks; so many ids of a kind are enough to be found by. */
const maxIds = 20

/** What was heard is about these: `taskId` where it is one, `taskIds` where they are several. */
export function idsIn(heard: object): Record<string, string | string[]> {
  const found = new Map<string, Set<string>>(named.map((name) => [name, new Set()]))
  collect(heard, found)
  const some = [...found].filter(([, ids]) => ids.size > 0)
  return Object.fromEntries(
    some.map(([name, ids]) => {
      const [first = '', ...more] = ids
      return more.length === 0 ? [name, first] : [`${name}s`, [first, ...more]]
    }),
  )
}

function collect(thing: unknown, found: ReadonlyMap<string, Set<string>>): void {
  if (typeof thing !== 'object' || thing === null || ArrayBuffer.isView(thing)) return
  for (const [name, value] of Object.entries(thing)) {
    const ids = found.get(name.replace(/s$/, ''))
    if (!ids) collect(value, found)
    else for (const id of [value].flat()) if (typeof id === 'string' && ids.size < maxIds) ids.add(id)
  }
}
