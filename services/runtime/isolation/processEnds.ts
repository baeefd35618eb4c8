/** How a process ended, in the words of a run; and the few questions that one asks of process groups. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { RunOutcome } from '../ports.ts'
import type { LaunchEvent } from './launcher.ts'

/** How a process ended; `signal` as a number. */
export type ProcessEnd = { readonly code: number } | { readonly signal: number }

/** Reads `code 3` or `signal 9`, as the launcher says it and as the file `exit` holds it. */
export function readEnd(text: string): ProcessEnd | undefined {
  const [, kind, digits] = /^(code|signal) (\d{1,3})\s*$/.exec(text) ?? []
  if (kind === undefined) return undefined
  return kind === 'code' ? { code: Number(digits) } : { signal: Number(digits) }
}

/** How a run ended by its own sandbox, if it did. */
export function readExit(sandbox: string): ProcessEnd | undefined {
  try {
    return readEnd(readFileSync(join(sandbox, 'exit'), 'utf8'))
  } catch {
    return undefined
  }
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
export function failureOf(failed: LaunchEvent & { type: 'failed' }, program: string): RunOutcome {
  if (failed.missing) return { reason: 'command-not-found', message: `command not found: ${program}` }
  return { reason: 'isolation-failed', message: `${program} cannot be started: ${failed.message}` }
}

/** Sends a signal to a whole process group; false when nobody is left in it, or nobody that we may signal. */
export function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pgid, signal)
  } catch {
    return false
  }
}

/** Those of these groups that somebody still lives in. A zombie is nobody: who should bury it may never come. */
export function groupsAlive(pgids: Iterable<number>): Set<number> {
  const asked = new Set([...pgids].filter((pgid) => signalGroup(pgid, 0)))
  if (asked.size === 0 || !existsSync('/proc/self/stat')) return asked
  const members = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return new Set(members.map(groupOf).filter((pgid) => asked.has(pgid)))
}

/** The process group of a living process, 0 for any other. The name of a program may hold brackets and spaces. */
function groupOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state, , pgid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? 0 : Number(pgid)
  } catch {
    return 0
  }
}

export function isProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
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
