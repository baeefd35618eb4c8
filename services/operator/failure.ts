/** What people are told when a command cannot do what it should: one sentence, and what it exits with. */
import { CommanderError } from 'commander'
import { SettingError } from '../../shared/config.ts'
import { BusError } from '../runtime/bus/busError.ts'
import { ConnectionError } from '../runtime/bus/natsUrl.ts'
import { ListenError } from '../runtime/exporter/listenError.ts'
import { CheckpointError } from '../slave/checkpoint/checkpointError.ts'
import { Misuse } from './flags.ts'

/** It did not work. */
export const failed = 1
/** It was asked for in a way that cannot be. */
export const misused = 2

/** A command that could not do what it should; the message says why, and what to do. */
export class Failure extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = failed) {
    super(message)
    this.exitCode = exitCode
  }
}

export interface Told {
  /** Empty when it was said already. */
  readonly sentence: string
  readonly exitCode: number
}

/** Anything that is none of these is a mistake of ours, and says so. */
export function tellFailure(error: unknown, env: NodeJS.ProcessEnv): Told {
  if (error instanceof CommanderError) return { sentence: '', exitCode: error.exitCode === 0 ? 0 : misused }
  if (error instanceof Failure) return { sentence: error.message, exitCode: error.exitCode }
  if (error instanceof Misuse || error instanceof SettingError || error instanceof ConnectionError)
    return { sentence: error.message, exitCode: misused }
  if (error instanceof BusError || error instanceof CheckpointError || error instanceof ListenError)
    return { sentence: error.message, exitCode: failed }
  if (env['PROFFER_DEBUG'] && error instanceof Error)
    return { sentence: error.stack ?? error.message, exitCode: failed }
  const message = error instanceof Error ? error.message : String(error)
  const what = 'this is a mistake of Proffer; PROFFER_DEBUG=1 says where'
  return { sentence: `${message} (${what})`, exitCode: failed }
}
