/** A command's connection to its cluster, from its flags: opened, used, closed. */
import type { Command } from 'commander'
import type { ConnectionSettings } from '../runtime/bus/connection.ts'
import type { Operator } from './client.ts'
import { type GlobalFlags, globalFlags, readFlag } from './flags.ts'

/** Throws ConnectionError. */
export async function connectionOf(flags: GlobalFlags): Promise<ConnectionSettings> {
  const { readConnection } = await import('../runtime/bus/connection.ts')
  return readConnection(flags, process.env)
}

/** What becomes part of a subject must be fit for one. Throws Misuse. */
export async function checkNames(names: Readonly<Record<string, string>>): Promise<void> {
  const { token } = await import('../../shared/subjects.ts')
  for (const [flag, name] of Object.entries(names)) readFlag(flag, () => token(name))
}

/** Rejects with BusError when the bus cannot be reached. */
export async function openOperator(flags: GlobalFlags, title: string): Promise<Operator> {
  await checkNames({ '--cluster': flags.cluster, '--as': flags.as })
  const connection = await connectionOf(flags)
  const { Operator } = await import('./client.ts')
  const { cluster, as: user, timeout: timeoutMs } = flags
  return Operator.connect({ connection, cluster, user, timeoutMs, title })
}

export async function withOperator(
  command: Command,
  use: (operator: Operator, flags: GlobalFlags) => Promise<void>,
): Promise<void> {
  const flags = globalFlags(command)
  const operator = await openOperator(flags, `proffer ${command.name()}`)
  try {
    await use(operator, flags)
  } finally {
    await operator.close()
  }
}
