/** The known work: what must have been done in the end, and in which way. The same for framework and audit. */

import type { TaskRequest } from '../../services/scheduler/index.ts'
import { Chance } from '../../services/simulator/weather.ts'
import type { Status } from '../../shared/tasks.ts'
import { runMark, taskMark } from './marks.ts'

export type ItemKind = 'plain' | 'fails' | 'killed' | 'executor'

export interface Item {
  readonly index: number
  readonly kind: ItemKind
  /** Ms after the beginning from which it may be launched. */
  readonly dueMs: number
  readonly seconds: number
  /** A task that is to be killed is killed so long after it was told to run. */
  readonly killAfterMs: number
}

/** What a framework's process is told of the run that it is part of. */
export interface Run {
  readonly id: string
  readonly seed: number
  readonly folder: string
  readonly startedAt: number
  readonly items: number
  readonly spacingMs: number
  readonly server: string
  readonly replicas: number
  readonly executorFile: string
}

/** The code that tasks fail with on purpose. */
export const failCode = 3
/** Longer than any run: only a kill ends it. */
const forEverSeconds = 3600

export function workOf({ seed, items, spacingMs }: Run, framework: string): Item[] {
  const chance = new Chance(seed * 31 + framework.charCodeAt(0))
  return Array.from({ length: items }, (_, index) => ({
    index,
    kind: kindOf(chance.between(0, 99)),
    dueMs: index * spacingMs,
    seconds: chance.between(20, 300) / 100,
    killAfterMs: chance.between(0, 1500),
  }))
}

function kindOf(percent: number): ItemKind {
  if (percent < 58) return 'plain'
  if (percent < 68) return 'fails'
  return percent < 80 ? 'killed' : 'executor'
}

/** Whether the item is done by this end of a task of its. */
export function isDoneBy({ kind }: Item, { state, exitCode }: Pick<Status, 'state' | 'exitCode'>): boolean {
  if (kind === 'fails') return state === 'failed' && exitCode === failCode
  return state === (kind === 'killed' ? 'killed' : 'finished')
}

export const taskIdOf = (framework: string, index: number, attempt: number): string =>
  `${framework}-${index}.${attempt}`
export const itemOf = (taskId: string): number => Number(/-(\d+)\./.exec(taskId)?.[1])

export function requestOf(run: Run, item: Item, taskId: string): TaskRequest {
  const effects = `${run.folder}/effects/${taskId}`
  const task = { id: taskId, cpus: 0.5, mem: 32, killGraceSeconds: 1 }
  if (item.kind !== 'executor')
    return { ...task, command: lineOf(item), env: { ...envOf(run, taskId), EFFECTS: effects } }
  const payload = new TextEncoder().encode(JSON.stringify({ effects, ms: item.seconds * 1000 }))
  return { ...task, payload, executor: executorOf(run) }
}

function executorOf(run: Run) {
  return {
    name: 'worker',
    command: [process.execPath, run.executorFile],
    cpus: 0.25,
    mem: 64,
    env: envOf(run, 'executor'),
    idleSeconds: 5,
  }
}

const envOf = ({ id }: Run, task: string) => ({
  PATH: process.env['PATH'] ?? '',
  [runMark]: id,
  [taskMark]: task,
})

/** Which process of the task wrote it stands in each line: two launches are told apart. */
function lineOf({ kind, seconds }: Item): string {
  const begin = 'echo "start $$" >> "$EFFECTS"'
  if (kind === 'killed') return `${begin}; exec sleep ${forEverSeconds}`
  const end = kind === 'fails' ? `exit ${failCode}` : 'echo "end $$" >> "$EFFECTS"'
  return `${begin}; sleep ${seconds}; ${end}`
}
