/** The audit from outside: what frameworks were told against what their tasks did. Each finding is a sentence. */
import { isTerminal } from '../../shared/tasks.ts'
import type { Effect, Journal, ToldLine } from './journal.ts'
import { failCode, type Item, isDoneBy, itemOf } from './work.ts'

const none: Effect = { starts: 0, ends: 0 }

export function auditWork(
  items: readonly Item[],
  { launched, told, errors }: Journal,
  effects: ReadonlyMap<string, Effect>,
): string[] {
  const ends = told.filter(({ state }) => isTerminal(state))
  const endsOf = new Map<string, ToldLine[]>()
  for (const end of ends) endsOf.set(end.taskId, [...(endsOf.get(end.taskId) ?? []), end])
  const ids = new Set([...launched, ...endsOf.keys(), ...effects.keys()])
  return [
    ...[...ids].flatMap((taskId) => auditLaunch(taskId, effects.get(taskId) ?? none)),
    ...[...endsOf].flatMap(([taskId, lines]) =>
      lines.flatMap((line) => auditEnd(line, effects.get(taskId) ?? none)),
    ),
    ...ends
      .filter((end) => isOddKill(items, end))
      .map(({ taskId, reason }) => `${taskId} was killed: ${reason}`),
    ...errors.filter(isOurMistake).map(({ message }) => message),
    ...auditOrder(told),
    ...[...endsOf].flatMap(([taskId, lines]) => auditLives(taskId, lines)),
    ...launched
      .filter((taskId) => !endsOf.has(taskId))
      .map((taskId) => `${taskId} was never told to be over`),
    ...items
      .filter((item) => !isDone(item, ends))
      .map(({ index, kind }) => `item ${index} (${kind}) is not done`),
  ]
}

const isDone = (item: Item, ends: readonly ToldLine[]): boolean =>
  ends.some((end) => itemOf(end.taskId) === item.index && isDoneBy(item, end))

function auditLaunch(taskId: string, { starts, ends }: Effect): string[] {
  if (starts > 1) return [`${taskId} was launched ${starts} times`]
  return ends > starts ? [`${taskId} has ended ${ends} times and begun ${starts} times`] : []
}

/** What was told against what was done. Whoever killed a task, or lost its executor, may have been too late. */
function auditEnd(line: ToldLine, { starts, ends }: Effect): string[] {
  const { taskId, state, reason, exitCode } = line
  const found = `${taskId} was told ${state} (${reason ?? 'no reason'}) and has ${starts} start and ${ends} end lines`
  if (state === 'finished' && (starts !== 1 || ends !== 1)) return [found]
  if (state === 'dropped' && starts > 0) return [found]
  if (exitCode === failCode && (starts !== 1 || ends > 0)) return [found]
  if (state === 'error') return [`${found}: ${line.message}`]
  return []
}

/** Nothing is torn down or drained: whatever was killed, its framework wanted killed. */
const isOddKill = (items: readonly Item[], { taskId, state, reason }: ToldLine): boolean =>
  state === 'killed' && (reason !== 'kill-requested' || items[itemOf(taskId)]?.kind !== 'killed')

/** That the store was out of reach, or closed while a framework left, is weather; what else a callback throws is not. */
const isOurMistake = ({ code, message }: { readonly code: string; readonly message: string }): boolean =>
  code === 'callback-failed' && !message.startsWith('BusError')

/** In each life of a framework: once, in order of seq, and nothing after the end. */
function auditOrder(told: readonly ToldLine[]): string[] {
  const last = new Map<string, number>()
  return told.flatMap(({ life, taskId, state, seq }) => {
    const key = `${taskId} in life ${life}`
    const before = last.get(key) ?? 0
    const isOver = before === Number.POSITIVE_INFINITY
    last.set(key, isOver || isTerminal(state) ? Number.POSITIVE_INFINITY : Math.max(before, seq))
    if (isOver) return [`${key} is told ${state} after its end`]
    return seq > 0 && seq <= before ? [`${key} is told update ${seq} after ${before}`] : []
  })
}

/** Whoever is told again in his next life is told the same, unless the slave that knew it is gone meanwhile. */
function auditLives(taskId: string, ends: readonly ToldLine[]): string[] {
  const states = ends.map(({ state }) => state)
  return states.every((state, at) => at === 0 || state === states[at - 1] || state === 'lost')
    ? []
    : [`${taskId} was told ${states.join(', then ')} in different lives`]
}

/** Lines of a log that say that something of Proffer is broken. */
export const confessions = (log: string): string[] =>
  log
    .split('\n')
    .filter((line) =>
      /is broken|mistake of Proffer|[Uu]nhandled|Uncaught|at file:\/\/.*\.js:\d+|callback-failed/.test(line),
    )
    .slice(0, 5)
