/** Logs by pino: JSON lines for programs; on a terminal, lines for people. */
import { type Logger, pino } from 'pino'

export type Log = Pick<Logger, 'info' | 'warn' | 'error' | 'fatal'>

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
    destination: 2,
    sync: true,
  }
  return pino({ level, base: null, transport: { target: 'pino-pretty', options } })
}

/** Warnings and worse as plain sentences, for commands that people wait for. */
export const logTo = (hear: (sentence: string) => void): Log =>
  pino({ level: 'warn', base: null }, { write: (line) => hear((JSON.parse(line) as { msg: string }).msg) })

/** What an actor notes, with who it is. */
export const noteTo = (log: Log, who: object) => (level: 'info' | 'warn' | 'error', message: string) =>
  log[level](who, message)
