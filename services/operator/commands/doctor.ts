/** `proffer doctor`: checks a set-up, and says in words what is wrong and how to mend it. */
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import type { IsolationKind } from '../../slave/isolation.ts'
import {
  type CheckedRole,
  checkedRoles,
  defaultInbox,
  type Finding,
  fail,
  type Patient,
} from '../doctor/finding.ts'
import { failed } from '../failure.ts'
import { examples, type GlobalFlags, globalFlags, whole } from '../flags.ts'
import { checkNames, connectionOf } from '../session.ts'
import type { Colour } from '../table.ts'
import { defaultWorkDir } from './slave.ts'

interface Flags {
  readonly role: CheckedRole | 'all'
  readonly replicas: number
  readonly name: string
  readonly workDir: string
  readonly isolation?: IsolationKind
}

export const doctorCommand = (): Command =>
  new Command('doctor')
    .description(
      'Check a set-up, and say what is wrong and how to mend it. Exits with 1 when something fails.',
    )
    .addOption(
      new Option('--role <role>', 'as whom these credentials are to be used')
        .choices(['all', ...checkedRoles])
        .default('all'),
    )
    .option('--replicas <count>', 'JetStream servers that are to hold the lease', whole(1, 5), 1)
    .option('--name <name>', 'of the master or slave', hostname())
    .option('--work-dir <folder>', 'where tasks would write', defaultWorkDir())
    .addOption(
      new Option('--isolation <kind>', 'how tasks would be kept apart').choices(['docker', 'process']),
    )
    .addHelpText(
      'after',
      examples(
        'doctor',
        'doctor --role slave --creds slave.creds --name node-1',
        'doctor --replicas 3 --json',
      ),
    )
    .action(async (flags: Flags, command: Command) => {
      const given = globalFlags(command)
      const findings = [...(await checkBus(flags, given)), ...(await checkMachine(flags))]
      await report(findings, given.json)
      if (findings.some(({ verdict }) => verdict === 'fail')) process.exitCode = failed
    })

async function checkBus(flags: Flags, given: GlobalFlags): Promise<Finding[]> {
  await checkNames({ '--cluster': given.cluster, '--as': given.as, '--name': flags.name })
  const connection = await connectionOf(given)
  const { Operator } = await import('../client.ts')
  const { cluster, as: user, timeout: timeoutMs } = given
  const options = { connection, cluster, user, timeoutMs, title: 'proffer doctor' }
  const operator = await Operator.connect(options).catch((error: Error) => error)
  if (operator instanceof Error)
    return [fail('connection', operator.message, 'the other checks of the bus wait for it')]
  const patient = {
    ...{ cluster, user, timeoutMs, name: flags.name, replicas: flags.replicas },
    roles: flags.role === 'all' ? checkedRoles : [flags.role],
    inboxPrefix: connection.inboxPrefix ?? defaultInbox,
    jetstreamPrefix: connection.jetstreamPrefix ?? '$JS.API',
  }
  try {
    return await examine(operator, patient)
  } finally {
    await operator.close()
  }
}

async function examine(operator: InstanceType<typeof import('../client.ts').Operator>, patient: Patient) {
  const { checkLeader, checkServer } = await import('../doctor/server.ts')
  const { checkBucket } = await import('../doctor/bucket.ts')
  const { checkPermissions } = await import('../doctor/permissions.ts')
  const { bus } = operator
  const needsBucket = patient.roles.includes('master')
  return [
    ...(await checkServer(bus, operator.where)),
    ...(needsBucket ? await checkBucket(bus, patient) : []),
    ...(await checkPermissions(bus, patient)),
    await checkLeader(operator, patient),
  ]
}

/** Only a slave runs anything. */
async function checkMachine({ role, isolation, workDir }: Flags): Promise<Finding[]> {
  if (role !== 'all' && role !== 'slave') return []
  const { checkEngine, checkWorkDir } = await import('../doctor/machine.ts')
  return [...(await checkEngine(isolation)), checkWorkDir(resolve(workDir))]
}

const colours: Readonly<Record<Finding['verdict'], Colour>> = { ok: 'green', warn: 'yellow', fail: 'red' }

async function report(findings: readonly Finding[], asJson: boolean): Promise<void> {
  const { json, paint, plain, print } = await import('../table.ts')
  const isWell = findings.every(({ verdict }) => verdict !== 'fail')
  if (asJson) return print(json({ ok: isWell, findings }))
  for (const { check, verdict, found, remedy } of findings) {
    const mark = paint(colours[verdict], verdict.padEnd(4))
    print(
      `${mark}  ${check.padEnd(11)}  ${plain(found)}\n${remedy ? `${' '.repeat(19)}-> ${plain(remedy)}\n` : ''}`,
    )
  }
}
