/** A slave's process. */
import { accessSync, constants } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { readSlaveSettings, slaveSettings } from '../../../shared/config.ts'
import type { Reservation } from '../../../shared/messages.ts'
import type { Resources } from '../../../shared/resources.ts'
import type { ListenAddress } from '../../runtime/exporter/listener.ts'
import type { Log, LogOptions } from '../../runtime/log.ts'
import type { Isolation } from '../../runtime/ports.ts'
import type { DockerDefaults, IsolationKind } from '../../slave/isolation.ts'
import type { Found } from '../../slave/recovered.ts'
import {
  givenSettings,
  levelOption,
  listenOption,
  openDaemonLog,
  runUntilStopped,
  settingOptions,
} from '../daemon.ts'
import { Failure } from '../failure.ts'
import { collect, examples, globalFlags, Misuse, readFlag } from '../flags.ts'
import { checkNames, connectionOf } from '../session.ts'

interface Flags {
  readonly name: string
  readonly resources?: string
  readonly reserved?: readonly string[]
  readonly attributes?: string
  readonly isolation?: IsolationKind
  readonly dockerNetwork?: DockerDefaults['defaultNetwork']
  readonly dockerImage?: string
  readonly workDir: string
  readonly killOnStop?: true
  readonly fresh?: true
  readonly executorCreds?: string
  readonly listen?: ListenAddress
  readonly logLevel: LogOptions['level']
}

export function slaveCommand(): Command {
  const command = new Command('slave')
    .description('Run a slave: it offers what this machine has, and runs what it is told to.')
    .option('--name <name>', 'its name, the same whenever it comes back', hostname())
    .addOption(
      new Option(
        '--resources <list>',
        'what it offers, such as "cpus:4;mem:8192;disk:20000;ports:[31000-32000]"; where not given, what the machine has',
      ).env('PROFFER_RESOURCES'),
    )
    .option(
      '--reserved <role=list>',
      'what of it is for one role alone, such as "ads=cpus:2;mem:1024"; again for another role',
      collect,
    )
    .addOption(
      new Option('--attributes <list>', 'what it says of itself, such as "rack:r1;zone:a"').env(
        'PROFFER_ATTRIBUTES',
      ),
    )
    .addOption(
      new Option(
        '--isolation <kind>',
        'how tasks are kept apart; where not given, docker if an engine answers',
      )
        .choices(['docker', 'process'])
        .env('PROFFER_ISOLATION'),
    )
    .addOption(
      new Option('--work-dir <folder>', 'where tasks write')
        .default(defaultWorkDir())
        .env('PROFFER_WORK_DIR'),
    )
    .addOption(
      new Option('--docker-network <kind>', 'how containers reach the network that do not say it themselves')
        .choices(['none', 'bridge', 'host'])
        .default('none')
        .env('PROFFER_DOCKER_NETWORK'),
    )
    .addOption(
      new Option('--docker-image <image>', 'the image of commands that name none').env(
        'PROFFER_DOCKER_IMAGE',
      ),
    )
    .option('--kill-on-stop', 'kill what it runs when it is stopped; otherwise that runs on')
    .option('--fresh', 'begin as another slave: what an earlier process left running is killed')
    .option('--executor-creds <file>', 'credentials file for custom executors')
    .addOption(listenOption())
    .addOption(levelOption())
    .addHelpText(
      'after',
      examples(
        'slave',
        'slave --name node-1 --resources "cpus:4;mem:8192;ports:[31000-32000]" --attributes "rack:r1"',
        'slave --resources "cpus:4;mem:8192" --reserved "ads=cpus:2;mem:1024" --reserved "eng/web=cpus:1"',
        'slave --isolation process --work-dir /tmp/proffer --kill-on-stop',
      ),
    )
    .action(runSlave)
  for (const option of settingOptions(slaveSettings)) command.addOption(option)
  return command
}

/** Where services keep their state: the machine's, or the user's. */
export function defaultWorkDir(): string {
  if (process.getuid?.() === 0) return '/var/lib/proffer'
  return join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'proffer')
}

/** What is wrong with the flags is told before all that a slave needs is loaded. */
async function runSlave(flags: Flags, command: Command): Promise<void> {
  const given = globalFlags(command)
  const { cluster } = given
  const { name, killOnStop = false, fresh = false, listen } = flags
  const settings = readSlaveSettings(givenSettings(slaveSettings, flags), process.env)
  await checkNames({ '--cluster': cluster, '--name': name })
  const declared = await readDeclared(flags)
  if (declared.resources) await refuseOverReserved(declared.reserved, declared.resources)
  const executorCreds = readCreds(flags.executorCreds)
  const connection = await connectionOf(given)

  const { slaveFolder } = await import('../../slave/folder.ts')
  const { startSlave } = await import('../../slave/main.ts')
  const { detectResources } = await import('../../slave/machine.ts')
  const folder = readFolder(() => slaveFolder(resolve(flags.workDir), cluster, name))
  const resources = declared.resources ?? detectResources(folder)
  if (!declared.resources) await refuseOverReserved(declared.reserved, resources)
  const log = await openDaemonLog(flags.logLevel, given.json)
  const found = await recover(folder, fresh, log)
  const who = { role: 'slave', id: name } as const
  await runUntilStopped(log, who, async () => {
    const isolation = await isolate(flags, folder, (sentence) => log.warn(who, sentence))
    const machine = { ...declared, name, resources, isolation, killOnStop, ...found, ...executorCreds }
    return startSlave({
      ...{ ...machine, settings, cluster, connection, log, waitForServer: true },
      ...(listen && { listen }),
    })
  })
}

async function recover(folder: string, fresh: boolean, log: Log): Promise<Found> {
  const { recoverSlave } = await import('../../slave/recovered.ts')
  return recoverSlave(folder, fresh, log)
}

async function isolate(flags: Flags, folder: string, warn: (sentence: string) => void): Promise<Isolation> {
  const { isolation: kind, dockerNetwork: defaultNetwork, dockerImage: defaultImage } = flags
  const docker = { ...(defaultNetwork && { defaultNetwork }), ...(defaultImage && { defaultImage }) }
  const { openIsolation } = await import('../../slave/isolation.ts')
  return openIsolation(kind, folder, warn, docker).catch((error: Error) => {
    throw new Failure(`${error.message} (tasks as plain processes: --isolation process)`)
  })
}

async function readDeclared({ resources, reserved = [], attributes }: Flags) {
  const { parseAttributes, parseResources } = await import('../../../shared/written.ts')
  const { parseReservations } = await import('../../../shared/reservation.ts')
  return {
    reserved: readFlag('--reserved', () => parseReservations(reserved)),
    attributes: attributes === undefined ? {} : readFlag('--attributes', () => parseAttributes(attributes)),
    ...(resources !== undefined && {
      resources: readFlag('--resources', () => parseResources(resources)),
    }),
  }
}

async function refuseOverReserved(reserved: readonly Reservation[], resources: Resources): Promise<void> {
  const { flawOfReserved } = await import('../../../shared/reservation.ts')
  const flaw = flawOfReserved(reserved, resources)
  if (flaw) throw new Misuse(`--reserved: ${flaw}`)
}

function readCreds(file: string | undefined): { executorCreds?: string } {
  if (file === undefined) return {}
  const executorCreds = resolve(file)
  try {
    accessSync(executorCreds, constants.R_OK)
    return { executorCreds }
  } catch {
    throw new Misuse(`--executor-creds names ${executorCreds}, which cannot be read`)
  }
}

function readFolder(make: () => string): string {
  try {
    return make()
  } catch (error) {
    throw new Misuse(`--work-dir: its folder cannot be made (${(error as Error).message}): name another`)
  }
}
