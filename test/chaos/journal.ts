/** What the frameworks wrote down, and what their tasks did, read from outside. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reason, TaskState } from '../../shared/tasks.ts'

export interface ToldLine {
  readonly life: string
  readonly at: number
  readonly taskId: string
  readonly state: TaskState
  readonly seq: number
  readonly slaveId: string
  readonly reason?: Reason
  readonly message?: string
  readonly exitCode?: number
}

export interface Journal {
  readonly launched: readonly string[]
  readonly told: readonly ToldLine[]
  /** Refusals, and callbacks of ours that failed. */
  readonly errors: readonly { readonly code: string; readonly message: string }[]
}

export interface Effect {
  readonly starts: number
  readonly ends: number
}

type AnyLine = Partial<ToldLine> & {
  readonly launched?: string
  readonly error?: { readonly code: string; readonly message: string }
}

export function readJournal(folder: string, framework: string): Journal {
  const file = join(folder, `journal-${framework}`)
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  const entries = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AnyLine)
  return {
    launched: entries.flatMap(({ launched }) => launched ?? []),
    told: entries.filter((entry): entry is ToldLine => entry.state !== undefined),
    errors: entries.flatMap(({ error }) => error ?? []),
  }
}

/** What the tasks of a framework did, by their ids. */
export function readEffects(folder: string, framework: string): Map<string, Effect> {
  const effects = join(folder, 'effects')
  const ours = readdirSync(effects).filter((taskId) => taskId.startsWith(`${framework}-`))
  const read = ours.map((taskId) => {
    const lines = readFileSync(join(effects, taskId), 'utf8').split('\n')
    const count = (word: string) => lines.filter((line) => line.startsWith(word)).length
    return [taskId, { starts: count('start'), ends: count('end') }] as const
  })
  return new Map(read)
}
