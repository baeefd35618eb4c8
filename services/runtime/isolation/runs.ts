/** What any isolation asks of a run before it starts it. */
import type { Command } from '../../../shared/tasks.ts'
import type { Run, RunOutcome } from '../ports.ts'
import { isRunId } from './sandbox.ts'

const envName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Why nobody could run this, in words; undefined when somebody could. */
export function flawOf(run: Run): string | undefined {
  const { argv, shell, env = {} } = run.command
  if (!isRunId(run.runId)) return `the run id ${JSON.stringify(run.runId)} cannot be the name of a file`
  if (!argv?.length && shell === undefined) return 'the command has neither argv nor shell'
  if (argv && shell !== undefined) return 'the command has both argv and shell'
  const names = [...Object.keys(run.env), ...Object.keys(env)]
  const badName = names.find((name) => !envName.test(name))
  if (badName !== undefined) return `${JSON.stringify(badName)} cannot be the name of an environment variable`
  const texts = [...(argv ?? []), shell ?? '', ...Object.values(run.env), ...Object.values(env)]
  return texts.some((text) => text.includes('\0')) ? 'the command holds a NUL character' : undefined
}

/** Program and arguments, whichever way the command is written. */
export const argvOf = ({ argv, shell }: Command): readonly string[] => argv ?? ['/bin/sh', '-c', shell ?? '']

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A message is for people to read; a program's name, or an engine's words, may be as long as they please. */
const maxMessageLength = 1000
export const clip = (text: string): string =>
  text.length <= maxMessageLength ? text : `${text.slice(0, maxMessageLength)} ...`

export const clipped = (outcome: RunOutcome): RunOutcome =>
  outcome.message === undefined ? outcome : { ...outcome, message: clip(outcome.message) }
