/** A long-running command: its log, how it is stopped, and what it exits with. */
import { Option } from 'commander'
import type { SettingTable } from '../../shared/config.ts'
import { envName, flagName } from '../../shared/config.ts'
import type { Log, LogOptions } from '../runtime/log.ts'
import type { Running } from '../runtime/member.ts'
import { Failure, failed } from './failure.ts'

export const levelOption = (): Option =>
  new Option('--log-level <level>', 'how much is logged; debug: each step, as the trace has it')
    .choices(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .env('PROFFER_LOG_LEVEL')

/** Each setting of a table as a flag: its text comes as it is, for the table to read. */
export const settingOptions = (table: SettingTable): Option[] =>
  Object.entries(table).map(([name, { unit, fallback, reason }]) =>
    new Option(
      `${flagName(name)} <${unit}>`,
      `${reason} (default: ${fallback}, env: ${envName(name)})`,
    ).helpGroup('Settings:'),
  )

/** What was given of a table's settings, by name. */
export function givenSettings(table: SettingTable, flags: object): Record<string, string> {
  return Object.fromEntries(Object.entries(flags).filter(([name]) => Object.hasOwn(table, name)))
}

/** JSON for programs, lines for people; to stderr. */
export async function openDaemonLog(level: LogOptions['level'], json: boolean): Promise<Log> {
  const { openLog } = await import('../runtime/log.ts')
  return openLog({ level, pretty: process.stderr.isTTY === true && !json })
}

/**
 * Starts it and resolves when it has ended. The first SIGTERM or SIGINT stops it gracefully; where it has not
 * started yet, and at the second signal, it ends at once.
 */
export async function runUntilStopped(log: Log, start: () => Promise<Running>): Promise<void> {
  let running: Running | undefined
  let stopping = false
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143)
    stopping = true
    if (!running) process.exit(0)
    log.info(`${signal}: ${running.name} stops; once more, and it ends at once`)
    void running.stop()
  }
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  running = await start()
  const { code, message } = await running.ended.catch((error: Error) => {
    throw new Failure(`${error.message} (this is a mistake of Proffer)`)
  })
  if (code !== 'stopped') throw new Failure(message, failed)
  log.info(message)
}
