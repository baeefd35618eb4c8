/** How a process ended, in the words of a run. */
import { constants } from 'node:os'
import type { RunOutcome } from '../ports.ts'
import type { Failure } from './traces.ts'

/** How a process ended; `signal` as a number. */
export type ProcessEnd = { readonly code: number } | { readonly signal: number }

/** Reads `code 3` or `signal 9`, as the launcher says it and as the file `exit` holds it. */
export function readEnd(text: string): ProcessEnd | undefined {
  const [, kind, digits] = /^(code|signal) (\d{1,3})\s*$/.exec(text) ?? []
  if (kind === undefined) return undefined
  return kind === 'code' ? { code: Number(digits) } : { signal: Number(digits) }
}

/** The outcome of a run that ended so; `stopped`: we had sent it a signal before. */
export function outcomeOf(end: ProcessEnd, stopped: boolean): RunOutcome {
  if ('signal' in end) {
    const signal = signalName(end.signal)
    if (stopped) return { reason: 'kill-requested', message: `killed on request (${signal})`, signal }
    return { reason: 'signal', message: `ended by ${inWords(signal)}`, signal }
  }
  const exitCode = end.code
  if (stopped)
    return { reason: 'kill-requested', message: `ended on request with exit code ${exitCode}`, exitCode }
  return exitCode === 0 ? { exitCode } : { reason: 'exit-code', message: `exit code ${exitCode}`, exitCode }
}

/** The outcome of a run whose program could not be started. */
export function failureOf(failed: Failure, program: string): RunOutcome {
  if (failed.missing) return { reason: 'command-not-found', message: `command not found: ${program}` }
  return { reason: 'isolation-failed', message: `${program} cannot be started: ${failed.message}` }
}

const names = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))
/** `SIGSEGV` for 11; `SIG40` for one that has no name. */
export const signalName = (number: number): string => names.get(number) ?? `SIG${number}`

const words: Readonly<Record<string, string>> = {
  SIGABRT: 'abort',
  SIGBUS: 'bus error',
  SIGFPE: 'arithmetic error',
  SIGHUP: 'hang-up',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGKILL: 'kill, by the kernel or by somebody else',
  SIGPIPE: 'broken pipe',
  SIGSEGV: 'segmentation fault',
  SIGSYS: 'forbidden system call',
  SIGTERM: 'termination, by somebody else',
  SIGXCPU: 'CPU time limit',
  SIGXFSZ: 'file size limit',
}
/** `SIGSEGV (segmentation fault)`. */
export const inWords = (signal: string): string => (words[signal] ? `${signal} (${words[signal]})` : signal)
