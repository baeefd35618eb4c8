/** A master's process. */
import { hostname } from 'node:os'
import { Command, Option } from 'commander'
import { readMasterSettings } from '../../../shared/config.ts'
import { masterSettings } from '../../../shared/masterSettings.ts'
import type { ListenAddress } from '../../runtime/exporter/listener.ts'
import type { LogOptions } from '../../runtime/log.ts'
import {
  givenSettings,
  levelOption,
  listenOption,
  openDaemonLog,
  runUntilStopped,
  settingOptions,
} from '../daemon.ts'
import { examples, globalFlags, whole } from '../flags.ts'
import { checkNames, connectionOf } from '../session.ts'
import { readSharing, type SharingFlags, sharingOptions } from '../sharingFlags.ts'

interface Flags extends SharingFlags {
  readonly name: string
  readonly replicas: number
  readonly listen?: ListenAddress
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
    .addOption(listenOption())
    .addOption(levelOption())
    .addHelpText(
      'after',
      examples(
        'master',
        'master -s nats://n1,nats://n2,nats://n3 --replicas 3',
        'master --listen 127.0.0.1:9464',
        'master --weights batch=2,web=0.5 --spread split',
        'master --policies ./deadline.mjs --policy deadline',
      ),
    )
    .action(runMaster)
  for (const option of [...sharingOptions(), ...settingOptions(masterSettings)]) command.addOption(option)
  return command
}

async function runMaster(flags: Flags, command: Command): Promise<void> {
  const { cluster, json } = globalFlags(command)
  const { name, replicas, listen } = flags
  const { sharing, policies } = await readSharing(flags)
  const settings = readMasterSettings(givenSettings(masterSettings, flags), sharing, process.env)
  await checkNames({ '--cluster': cluster, '--name': name })
  const connection = await connectionOf(globalFlags(command))
  const { startMaster } = await import('../../master/main.ts')
  const log = await openDaemonLog(flags.logLevel, json)
  await runUntilStopped(log, { role: 'master', id: name }, () =>
    startMaster({
      ...{ name, settings, policies, replicas, cluster, connection, log, waitForServer: true },
      ...(listen && { listen }),
    }),
  )
}
