/** A long-running command: its log, how it is stopped, and what it exits with. */
import { InvalidArgumentError, Option } from 'commander'
import type { SettingTable } from '../../shared/config.ts'
import { envName, flagName } from '../../shared/config.ts'
import type { ListenAddress } from '../runtime/exporter/listener.ts'
import type { Log, LogOptions, Who } from '../runtime/log.ts'
import type { Running } from '../runtime/member.ts'
import { Failure, failed } from './failure.ts'

export const levelOption = (): Option =>
  new Option('--log-level <level>', 'how much is logged; debug: each step, as the trace has it')
    .choices(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .env('PROFFER_LOG_LEVEL')

/** Where a role shows its numbers and its health. */
export const listenOption = (): Option =>
  new Option(
    '--listen <host:port>',
    'answer /metrics for Prometheus, /healthz and /readyz there; where not given, nowhere',
  )
    .argParser(parseListen)
    .env('PROFFER_LISTEN')

/** As `127.0.0.1:9464`, `[::1]:9464`, or `:9464` for all addresses of the machine. */
export function parseListen(text: string): ListenAddress {
  const [, v6, host, port] = /^(?:\[([\da-fA-F:.]+)\]|([^:\s[\]]*)):(\d{1,5})$/.exec(text.trim()) ?? []
  if (port === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError('It must be an address and a port, such as 127.0.0.1:9464.')
  return { host: v6 ?? host ?? '', port: Number(port) }
}

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
export async function runUntilStopped(log: Log, who: Who, start: () => Promise<Running>): Promise<void> {
  let running: Running | undefined
  let stopping = false
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143)
    stopping = true
    if (!running) process.exit(0)
    log.info(who, `${signal}: ${running.name} stops; once more, and it ends at once`)
    void running.stop()
  }
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  running = await start()
  const { code, message } = await running.ended.catch((error: Error) => {
    throw new Failure(`${error.message} (this is a mistake of Proffer)`)
  })
  if (code !== 'stopped') throw new Failure(message, failed)
  log.info(who, message)
}
