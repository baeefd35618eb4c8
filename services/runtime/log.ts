/** Logs by pino: JSON lines for programs; on a terminal, lines for people. */
import { type Logger, pino } from 'pino'
import type { Role } from '../../shared/messages.ts'
import type { Note } from './actor.ts'
import type { BusNote } from './bus/jetstream.ts'

/** What an author hands in may be less than a whole pino. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error' | 'fatal'> &
  Partial<Pick<Logger, 'debug' | 'isLevelEnabled'>>

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Lines for people instead of JSON. */
  readonly pretty: boolean
}

/** Logs go to stderr: what a command prints is its result. */
export function openLog({ level, pretty }: LogOptions): Logger {
  if (!pretty) return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }))
  const options = {
    colorize: !process.env['NO_COLOR'],
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss',
    // The sentence is for people; what it can be found by stands behind it.
    singleLine: true,
    destination: 2,
    sync: true,
  }
  return pino({ level, base: null, transport: { target: 'pino-pretty', options } })
}

/** Warnings and worse as plain sentences, for commands that people wait for. */
export const logTo = (hear: (sentence: string) => void): Log =>
  pino({ level: 'warn', base: null }, { write: (line) => hear((JSON.parse(line) as { msg: string }).msg) })

/** Who a line is of, as the trace names it. */
export interface Who {
  readonly role: Role
  readonly id: string
}

/** What somebody notes, with who it is. */
export const noteTo =
  (log: Log, who: Who | undefined): Note =>
  (level, message, found = {}) =>
    log[level]({ ...who, ...found }, message)

/** What a connection to the bus notes. */
export const busNoteTo =
  (log: Log, who: Who | undefined) =>
  ({ level, message, error }: BusNote): void =>
    log[level]({ ...who, ...(error !== undefined && { err: error }) }, message)
