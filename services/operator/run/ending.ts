/** How a task ended: what it is for people, and for whoever reads the exit code. */
import { constants } from 'node:os'
import type { Reason, Status } from '../../scheduler/index.ts'

/** As shells and `docker run` have them. */
const signalled = 128
const neverRan = 125
const notFound = 127
/** As `timeout` has it. */
const tooLong = 124

const codesByReason: Partial<Record<Reason, number>> = {
  'command-not-found': notFound,
  'image-not-found': neverRan,
  'isolation-failed': neverRan,
  'bad-task': neverRan,
  refused: neverRan,
  'memory-limit': signalled + constants.signals.SIGKILL,
}

/**
 * The task's own code; 128 + n where signal n ended it; 124 where it ran for too long, 125 where it never ran, 127 where
 * there is no such command.
 */
export function exitCodeOf({ state, exitCode, signal, reason }: Status): number {
  if (state === 'finished') return 0
  if (reason === 'too-long') return tooLong
  const number = signalNumber(signal)
  if (number !== undefined) return signalled + number
  if (exitCode) return exitCode
  if (state === 'killed') return signalled + constants.signals.SIGTERM
  if (state === 'dropped' || state === 'lost' || state === 'error') return neverRan
  return (reason && codesByReason[reason]) ?? 1
}

/** Whether people must be told: a command that ends by itself has said what it had to say. */
export const isPlainExit = ({ state, reason }: Status): boolean =>
  state === 'finished' || (state === 'failed' && reason === 'exit-code')

export function endingInWords({ taskId, state, reason, message, exitCode }: Status): string {
  const why = message ?? (exitCode === undefined ? undefined : `it ended with code ${exitCode}`)
  const said = [reason, why].filter((word) => word !== undefined && word !== '').join(', ')
  return `task ${taskId} is ${state}${said && `: ${said}`}`
}

function signalNumber(signal: string | undefined): number | undefined {
  return signal === undefined ? undefined : (constants.signals as Partial<Record<string, number>>)[signal]
}
