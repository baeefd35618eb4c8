/** A master's process. */
import { hostname } from 'node:os'
import { Command, Option } from 'commander'
import { readMasterSettings } from '../../../shared/config.ts'
import { masterSettings } from '../../../shared/masterSettings.ts'
import type { LogOptions } from '../../runtime/log.ts'
import { givenSettings, levelOption, openDaemonLog, runUntilStopped, settingOptions } from '../daemon.ts'
import { examples, globalFlags, Misuse, readFlag, whole } from '../flags.ts'
import { checkNames, connectionOf } from '../session.ts'

interface Flags {
  readonly name: string
  readonly replicas: number
  readonly policy: string
  readonly weights?: string
  readonly logLevel: LogOptions['level']
}

const maxReplicas = 5

export function masterCommand(): Command {
  const command = new Command('master')
    .description(
      'Run a master. The first takes the lease and leads; others stand by, and take over when it lapses.',
    )
    .option('--name <name>', 'what it is called where people look', hostname())
    .addOption(
      new Option('--replicas <count>', 'JetStream servers that hold the lease: 1, 3 or 5')
        .default(1)
        .argParser(whole(1, maxReplicas))
        .env('PROFFER_REPLICAS'),
    )
    .addOption(new Option('--policy <name>', 'allocation policy').default('drf').env('PROFFER_POLICY'))
    .addOption(
      new Option('--weights <role=weight,...>', 'weights of roles; 1 where none is given').env(
        'PROFFER_WEIGHTS',
      ),
    )
    .addOption(levelOption())
    .addHelpText(
      'after',
      examples(
        'master',
        'master -s nats://n1,nats://n2,nats://n3 --replicas 3',
        'master --weights batch=2,web=0.5',
      ),
    )
    .action(runMaster)
  for (const option of settingOptions(masterSettings)) command.addOption(option)
  return command
}

async function runMaster(flags: Flags, command: Command): Promise<void> {
  const { cluster, json } = globalFlags(command)
  const { name, replicas } = flags
  const settings = await readSettings(flags)
  await checkNames({ '--cluster': cluster, '--name': name })
  const connection = await connectionOf(globalFlags(command))
  const { startMaster } = await import('../../master/main.ts')
  const log = await openDaemonLog(flags.logLevel, json)
  await runUntilStopped(log, () =>
    startMaster({ name, settings, replicas, cluster, connection, log, waitForServer: true }),
  )
}

async function readSettings({ policy, weights, ...flags }: Flags) {
  const { policies } = await import('../../../statecharts/master/allocator/allocator.ts')
  const { parseWeights } = await import('../../../shared/written.ts')
  if (!Object.hasOwn(policies, policy))
    throw new Misuse(`--policy: there is no policy ${policy}; there are ${Object.keys(policies).join(', ')}`)
  const byRole = weights === undefined ? {} : readFlag('--weights', () => parseWeights(weights))
  return readMasterSettings(givenSettings(masterSettings, flags), { policy, weights: byRole }, process.env)
}
