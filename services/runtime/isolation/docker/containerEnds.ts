/** How a container ended, in the words of a run. */
import type { RunOutcome } from '../../ports.ts'
import { outcomeOf, type ProcessEnd } from '../processEnds.ts'
import { messageOf } from '../runs.ts'
import { type ContainerState, isEngineError } from './engine.ts'

/** A run that did not get as far as to run; carries what is told of it. */
export class NotStarted extends Error {
  readonly outcome: RunOutcome

  constructor(outcome: RunOutcome) {
    super(outcome.message)
    this.outcome = outcome
  }
}

export interface EndFacts {
  readonly state: ContainerState
  /** We had sent it a signal before. */
  readonly stopped: boolean
  readonly ranOutOfMemory: boolean
  readonly memMb: number
  readonly program: string
  /** The last of what it wrote to stderr: there the init process says what it could not start. */
  readonly lastWords: string
}

export function containerOutcome(facts: EndFacts): RunOutcome {
  const { stopped, ranOutOfMemory, memMb, program, lastWords } = facts
  const { exitCode, error } = facts.state
  const end = endOf(exitCode)
  if (stopped) return outcomeOf(end, true)
  // Of a command that went on and ended well, only some process was killed: that is its own affair.
  if (ranOutOfMemory && exitCode !== 0)
    return {
      reason: 'memory-limit',
      message: `it wanted more than its ${memMb} MiB of memory`,
      ...partsOf(end),
    }
  const refused = /^\[FATAL tini \(\d+\)\] exec .* failed: (.*)$/m.exec(lastWords)
  if ((exitCode === 126 || exitCode === 127) && refused) return refusal(program, refused[1] ?? '')
  if (error !== '') return refusal(program, error)
  return outcomeOf(end, false)
}

/** What went wrong while the engine was to make and start a container. */
export function startFailure(error: unknown, program: string): RunOutcome {
  if (error instanceof NotStarted) return error.outcome
  if (!isEngineError(error)) return { reason: 'isolation-failed', message: `the engine: ${messageOf(error)}` }
  if (/invalid reference format/.test(error.message))
    return { reason: 'bad-task', message: `the name of the image cannot be one: ${error.message}` }
  return refusal(program, error.message)
}

/** The engine's words for a program that is not there are those of the kernel, or of the runtime below it. */
function refusal(program: string, words: string): RunOutcome {
  const missing = /executable file not found|no such file or directory/i.test(words) && !/init/.test(words)
  if (missing) return { reason: 'command-not-found', message: `command not found in the image: ${program}` }
  return { reason: 'isolation-failed', message: `${program} cannot be started: ${words}` }
}

/** The init process ends with 128 and the number of the signal that ended its command, as a shell does. */
const endOf = (exitCode: number): ProcessEnd =>
  exitCode > 128 && exitCode <= 192 ? { signal: exitCode - 128 } : { code: exitCode }

const partsOf = (end: ProcessEnd) => {
  const { exitCode, signal } = outcomeOf(end, true)
  return { ...(exitCode !== undefined && { exitCode }), ...(signal !== undefined && { signal }) }
}
