/** `proffer run`: a command on the cluster, with its output and its exit code here. */
import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { Command, Option } from 'commander'
import type { TaskRequest } from '../../scheduler/index.ts'
import { collect, examples, globalFlags, Misuse, readFlag, readRules, someSeconds, whole } from '../flags.ts'
import type { JobPlan } from '../run/plan.ts'
import { checkNames, openOperator } from '../session.ts'

interface Flags {
  readonly cpus: string
  readonly mem: string
  readonly disk: string
  readonly gpus: string
  readonly ports?: number
  readonly image?: string
  readonly network?: NonNullable<TaskRequest['network']>
  readonly instances: number
  readonly env?: readonly string[]
  readonly name?: string
  readonly role?: string
  readonly attribute?: readonly string[]
  readonly maxSeconds?: number
  readonly revocable?: true
  readonly label?: readonly string[]
  readonly retries: number
  readonly shell?: string
}

const maxInstances = 10_000
const maxPorts = 1000
const maxRetries = 1000
/** Room for the number of an instance behind it. */
const maxRunNameLength = 200

export const runCommand = (): Command =>
  new Command('run')
    .description(
      'Run a command on the cluster, once or many times. What it writes comes out here, and its exit code is ours: ' +
        'of several, the first that is not 0; 128 + n where signal n ended it; 124 where it ran for too long, ' +
        '125 where it never ran. ' +
        'Ctrl-C kills what was started.',
    )
    .usage('[options] -- <command> [arguments]')
    .argument('[command...]', 'program and arguments, behind --')
    .option('--cpus <number>', 'CPUs of each instance', '0.5')
    .option('--mem <MiB>', 'memory of each', '64')
    .option('--disk <MiB>', 'disk of each', '0')
    .option('--gpus <number>', 'GPUs of each', '0')
    .option(
      '--ports <count>',
      'ports of each; in PORT, PORT0, PORT1, ... of its environment',
      whole(1, maxPorts),
    )
    .option('--image <image>', 'run it in a container of this image')
    .addOption(new Option('--network <kind>', 'of the container').choices(['none', 'host', 'bridge']))
    .option('--instances <count>', 'how many; each has PROFFER_INSTANCE from 0 on', whole(1, maxInstances), 1)
    .option('--env <NAME=value>', 'into its environment; NAME alone takes ours; may be repeated', collect)
    .option('--name <name>', 'what tasks are called; where not given, a name of its own')
    .option('--role <role>', 'whose share it draws on; where not given, the name')
    .option(
      '--attribute <rule>',
      'only on slaves like this: zone:a, zone:a|b, zone:a*, zone, !zone; may be repeated',
      collect,
    )
    .option('--max-seconds <seconds>', 'each is killed when it has run for so long', someSeconds())
    .option('--revocable', 'also on what others are owed, who may have it back at any time')
    .option('--label <name=value>', 'a label of each task; may be repeated', collect)
    .option('--retries <count>', 'launches again of what was lost, or never started', whole(0, maxRetries), 5)
    .option('--shell <line>', 'a line for /bin/sh instead of a command')
    .addHelpText(
      'after',
      examples(
        'run -- echo hello',
        'run --cpus 0.5 --mem 64 --image busybox -- sh -c "echo from a container"',
        'run --instances 20 --shell \'echo "I am number $PROFFER_INSTANCE"\'',
        'run --ports 1 --attribute rack:r1 -- ./server',
      ),
    )
    .action(run)

async function run(words: readonly string[], flags: Flags, command: Command): Promise<void> {
  const given = globalFlags(command)
  const plan = await planOf(words, flags)
  const operator = await openOperator(given, `proffer run ${plan.name}`)
  await tellRole(plan, flags)
  const { runJob } = await import('../run/session.ts')
  process.exitCode = await runJob(plan, operator, given)
  await operator.close()
}

/** Who chose a name that no role may have would look for a role of that name in vain. */
async function tellRole({ name, role }: JobPlan, chosen: Flags): Promise<void> {
  if (chosen.name === undefined || chosen.role !== undefined || role === name) return
  const { tell } = await import('../table.ts')
  tell(`its role is ${role}, since no role may be called "${name}"; --role names another`)
}

async function planOf(words: readonly string[], flags: Flags): Promise<JobPlan> {
  const { instances, retries, shell } = flags
  const command = commandOf(words, shell)
  const name = flags.name ?? `${nameOf(words, shell)}-${randomBytes(3).toString('hex')}`
  if (name.length < 1 || name.length > maxRunNameLength)
    throw new Misuse(`--name: it has ${name.length} characters; 1 to ${maxRunNameLength} may be`)
  const asked = await askedOf(flags)
  const request = { ...amountsOf(asked), command, ...optionsOf(flags) }
  const attributes = await readRules(flags.attribute)
  await checkNames({ '--name': name })
  const role = await roleFor(name, flags.role)
  return { name, role, instances, retries, asked, request, attributes, takes: takesOf(flags) }
}

async function roleFor(name: string, given: string | undefined): Promise<string> {
  const { flawOfRole, roleOf } = await import('../../../shared/roles.ts')
  const flaw = given === undefined ? undefined : flawOfRole(given)
  if (flaw) throw new Misuse(`--role: ${flaw}`)
  return given ?? roleOf(name)
}

function commandOf(words: readonly string[], shell: string | undefined): string | readonly string[] {
  if (shell !== undefined && words.length > 0) throw new Misuse('--shell and a command: give one of them')
  if (shell === undefined && words.length === 0)
    throw new Misuse('run needs a command: proffer run -- echo hello')
  if (shell === '' || words[0] === '') throw new Misuse('the command is empty: proffer run -- echo hello')
  return shell ?? words
}

async function askedOf({ cpus, mem, disk, gpus }: Flags) {
  const { parseAmount } = await import('../../../shared/written.ts')
  const amount = (name: string, text: string) => readFlag(`--${name}`, () => parseAmount(name, text))
  return {
    cpuMilli: amount('cpus', cpus),
    memMb: amount('mem', mem),
    diskMb: amount('disk', disk),
    gpus: amount('gpus', gpus),
  }
}

const amountsOf = ({ cpuMilli, memMb, diskMb, gpus }: Awaited<ReturnType<typeof askedOf>>) => ({
  cpus: cpuMilli / 1000,
  mem: memMb,
  disk: diskMb,
  gpus,
})

/** Who says for how long it runs at the most may have what is kept for short tasks. */
const takesOf = ({ maxSeconds, revocable }: Flags): JobPlan['takes'] => [
  ...(maxSeconds === undefined ? [] : (['short'] as const)),
  ...(revocable ? (['revocable'] as const) : []),
]

function optionsOf({ ports, image, network, env, label, maxSeconds }: Flags): Partial<TaskRequest> {
  if (network !== undefined && image === undefined)
    throw new Misuse('--network: it is of a container, so it needs --image')
  const labels = pairsOf('--label', label)
  return {
    env: environmentOf(env),
    ...(ports !== undefined && { ports }),
    ...(maxSeconds !== undefined && { maxSeconds }),
    ...(image !== undefined && { image }),
    ...(network !== undefined && { network }),
    ...(Object.keys(labels).length > 0 && { labels }),
  }
}

function environmentOf(entries: readonly string[] = []): Record<string, string> {
  const written = entries.map((entry) =>
    entry.includes('=') ? entry : `${entry}=${process.env[entry] ?? ''}`,
  )
  const env = pairsOf('--env', written)
  const odd = Object.keys(env).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
  if (odd !== undefined)
    throw new Misuse(`--env: "${odd}" is no name of a variable: letters, digits and _ make one`)
  return env
}

function pairsOf(flag: string, entries: readonly string[] = []): Record<string, string> {
  const pairs = entries.map((entry) => {
    const at = entry.indexOf('=')
    if (at < 1) throw new Misuse(`${flag}: "${entry}" is not name=value`)
    return [entry.slice(0, at), entry.slice(at + 1)] as const
  })
  return Object.fromEntries(pairs)
}

const nameOf = (words: readonly string[], shell: string | undefined): string =>
  shell === undefined ? basename(words[0] ?? '').slice(0, 100) || 'run' : 'sh'
