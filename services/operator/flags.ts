/** The flags that every command takes: how to reach the bus, which cluster, how to print. */
import { userInfo } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AttributeRules } from '../../shared/attributes.ts'
import type { GivenConnection } from '../runtime/bus/connectionLayers.ts'

export interface GlobalFlags extends GivenConnection {
  readonly cluster: string
  readonly json: boolean
  /** An answer may take so long, ms. */
  readonly timeout: number
  /** The operator's name on the bus. */
  readonly as: string
}

/** What a person wrote cannot be; the message is one sentence that says what and why. */
export class Misuse extends Error {}

/** As the `nats` command calls them. */
const connectionFlags: readonly (readonly [flags: string, description: string])[] = [
  ['-s, --server <urls>', 'NATS servers, such as nats://host:4222 (env NATS_URL)'],
  ['--context <name>', 'a saved context of the nats command (env NATS_CONTEXT)'],
  ['--creds <file>', 'credentials file (env NATS_CREDS)'],
  ['--nkey <file>', 'file of an nkey seed (env NATS_NKEY)'],
  ['--user <name>', 'user, or a token when there is no password (env NATS_USER)'],
  ['--password <password>', 'password of the user (env NATS_PASSWORD)'],
  ['--token <token>', 'token (env NATS_TOKEN)'],
  ['--tlsca <file>', 'who signs the servers, PEM (env NATS_CA)'],
  ['--tlscert <file>', 'our certificate, PEM (env NATS_CERT)'],
  ['--tlskey <file>', 'its key, PEM (env NATS_KEY)'],
  ['--inbox-prefix <prefix>', 'where answers come to, where permissions pin that'],
]

export function addGlobalFlags(program: Command): Command {
  program.optionsGroup('Every command:')
  program.addOption(
    new Option('--cluster <name>', 'which cluster on this bus').default('main').env('PROFFER_CLUSTER'),
  )
  program.addOption(new Option('--as <user>', 'your name on the bus').env('PROFFER_USER'))
  program.option('--json', 'for programs: one JSON document, or JSON lines', false)
  program.addOption(
    new Option('--timeout <seconds>', 'an answer may take so long')
      .default(5000, '5')
      .argParser(parseTimeout),
  )
  program.optionsGroup('Connection:')
  for (const [flags, description] of connectionFlags) program.option(flags, description)
  return program
}

export function globalFlags(command: Command): GlobalFlags {
  const flags = command.optsWithGlobals<Omit<GlobalFlags, 'as'> & { as?: string }>()
  return { ...flags, as: flags.as ?? defaultUser() }
}

/** Below the flags of a command. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  proffer ${line}`).join('\n')}`

/** For flags that may be given more than once. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]

const mostSeconds = 31_536_000

/** A number of seconds on the command line; 0 is at once. */
export const seconds = (max = mostSeconds) =>
  numberWhere((value) => value >= 0 && value <= max, `It must be a number of seconds from 0 to ${max}.`)

/** The same for what takes some time: 0 would be never, or for ever. */
export const someSeconds = (max = mostSeconds) =>
  numberWhere(
    (value) => value > 0 && value <= max,
    `It must be a number of seconds, more than 0 and at most ${max}.`,
  )

const numberWhere =
  (isGood: (value: number) => boolean, complaint: string) =>
  (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (isGood(value)) return value
    throw new InvalidArgumentError(complaint)
  }

/** A whole number on the command line. */
export const whole =
  (min: number, max: number) =>
  (text: string): number => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text)
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
  }

/** What reads a flag throws RangeError; people are told which flag it was. */
export function readFlag<T>(flag: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) throw new Misuse(`${flag}: ${error.message}`)
    throw error
  }
}

/** What --attribute says, each time that it was given. */
export async function readRules(written: readonly string[] = []): Promise<AttributeRules> {
  const { parseRules } = await import('../../shared/written.ts')
  return written.length === 0 ? {} : readFlag('--attribute', () => parseRules(written.join(';')))
}

const maxTimeoutSeconds = 600
const parseTimeout = (text: string): number => someSeconds(maxTimeoutSeconds)(text) * 1000

/** A user of a container may have no name. */
function defaultUser(): string {
  try {
    return userInfo().username
  } catch {
    return 'operator'
  }
}
