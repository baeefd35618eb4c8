/** The operator's command. What a command needs is loaded when it is asked for: most of it is never needed at once. */
import { Command } from 'commander'
import { version } from '../runtime/package.ts'
import { tellFailure } from './failure.ts'
import { addGlobalFlags } from './flags.ts'
import { watchPipes } from './pipes.ts'

interface Entry {
  readonly name: string
  readonly summary: string
  readonly group: string
  load(): Promise<Command>
}

const entries: readonly Entry[] = [
  {
    name: 'up',
    summary: 'a whole cluster on this machine, to try it',
    group: 'Clusters:',
    load: async () => (await import('./up/up.ts')).upCommand(),
  },
  {
    name: 'master',
    summary: 'run a master: it leads, or stands by',
    group: 'Clusters:',
    load: async () => (await import('./commands/master.ts')).masterCommand(),
  },
  {
    name: 'slave',
    summary: 'run a slave: it offers what this machine has',
    group: 'Clusters:',
    load: async () => (await import('./commands/slave.ts')).slaveCommand(),
  },
  {
    name: 'doctor',
    summary: 'check a set-up, and say what is wrong and how to mend it',
    group: 'Clusters:',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand(),
  },
  {
    name: 'run',
    summary: 'run a command on the cluster, once or many times',
    group: 'Work:',
    load: async () => (await import('./commands/run.ts')).runCommand(),
  },
  {
    name: 'ps',
    summary: 'tasks',
    group: 'Work:',
    load: async () => (await import('./commands/lists.ts')).psCommand(),
  },
  {
    name: 'task',
    summary: 'all that is known of one task',
    group: 'Work:',
    load: async () => (await import('./commands/task.ts')).taskCommand(),
  },
  {
    name: 'logs',
    summary: 'what a task wrote',
    group: 'Work:',
    load: async () => (await import('./commands/logs.ts')).logsCommand(),
  },
  {
    name: 'kill',
    summary: 'kill a task',
    group: 'Work:',
    load: async () => (await import('./commands/kill.ts')).killCommand(),
  },
  {
    name: 'teardown',
    summary: 'end a framework for good, and all that it runs',
    group: 'Work:',
    load: async () => (await import('./commands/kill.ts')).teardownCommand(),
  },
  {
    name: 'drain',
    summary: 'empty a slave, with notice to its frameworks',
    group: 'Machines:',
    load: async () => (await import('./commands/slaves.ts')).drainCommand(),
  },
  {
    name: 'reactivate',
    summary: 'offer a slave again',
    group: 'Machines:',
    load: async () => (await import('./commands/slaves.ts')).reactivateCommand(),
  },
  {
    name: 'gone',
    summary: 'give a slave up for good',
    group: 'Machines:',
    load: async () => (await import('./commands/slaves.ts')).goneCommand(),
  },
  {
    name: 'role',
    summary: 'change what roles are owed: weights, guarantees, limits',
    group: 'Sharing:',
    load: async () => (await import('./commands/role.ts')).roleCommand(),
  },
  {
    name: 'roles',
    summary: 'the tree of roles: who is owed what, and holds what',
    group: 'Sharing:',
    load: async () => (await import('./commands/roles.ts')).rolesCommand(),
  },
  {
    name: 'policy',
    summary: 'which allocation policy decides; another in its place',
    group: 'Sharing:',
    load: async () => (await import('./commands/policy.ts')).policyCommand(),
  },
  {
    name: 'explain',
    summary: 'why a framework is not offered a slave; why a task is where it is',
    group: 'Sharing:',
    load: async () => (await import('./commands/explain.ts')).explainCommand(),
  },
  {
    name: 'reserve',
    summary: 'keep some of a slave for one role',
    group: 'Sharing:',
    load: async () => (await import('./commands/reserve.ts')).reserveCommand(),
  },
  {
    name: 'unreserve',
    summary: 'undo that',
    group: 'Sharing:',
    load: async () => (await import('./commands/reserve.ts')).unreserveCommand(),
  },
  {
    name: 'volume',
    summary: 'make or destroy a persistent volume',
    group: 'Sharing:',
    load: async () => (await import('./commands/reserve.ts')).volumeCommand(),
  },
  {
    name: 'volumes',
    summary: 'persistent volumes',
    group: 'Sharing:',
    load: async () => (await import('./commands/reserve.ts')).volumesCommand(),
  },
  {
    name: 'top',
    summary: 'the cluster in a terminal, again and again',
    group: 'Looking:',
    load: async () => (await import('./commands/top.ts')).topCommand(),
  },
  {
    name: 'state',
    summary: 'the cluster at a glance',
    group: 'Looking:',
    load: async () => (await import('./commands/state.ts')).stateCommand(),
  },
  {
    name: 'slaves',
    summary: 'slaves, and what is free on them',
    group: 'Looking:',
    load: async () => (await import('./commands/lists.ts')).slavesCommand(),
  },
  {
    name: 'frameworks',
    summary: 'frameworks, and their shares',
    group: 'Looking:',
    load: async () => (await import('./commands/lists.ts')).frameworksCommand(),
  },
  {
    name: 'offers',
    summary: 'offers that stand',
    group: 'Looking:',
    load: async () => (await import('./commands/lists.ts')).offersCommand(),
  },
  {
    name: 'trace',
    summary: 'each step of each role, as it happens',
    group: 'Looking:',
    load: async () => (await import('./commands/trace.ts')).traceCommand(),
  },
  {
    name: 'web',
    summary: 'a page that shows the protocol and the cluster, live or recorded',
    group: 'Looking:',
    load: async () => (await import('./commands/web.ts')).webCommand(),
  },
  {
    name: 'charts',
    summary: 'the statecharts, for other visualizers',
    group: 'Looking:',
    load: async () => (await import('./commands/charts.ts')).chartsCommand(),
  },
]

function newProgram(): Command {
  const program = new Command('proffer')
    .description('Many cluster frameworks share one set of machines by resource offers, over NATS.')
    .usage('[options] <command>')
    .version(version, '-V, --version', 'print the version')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(asSentence(text)) })
    .exitOverride()
  return addGlobalFlags(program)
}

/** Commander's complaints, in one line and in our name. */
function asSentence(text: string): string {
  const [complaint = '', hint = ''] = text
    .replace(/^error: /, '')
    .trim()
    .split('\n')
  return `proffer: ${complaint}${hint && ` ${hint}`}\n`
}

/** The command with what was asked for; of all others only what the list of commands says. */
async function programFor(words: readonly string[]): Promise<Command> {
  const program = newProgram()
  const [first, ...others] = wantedBy(words)
  const wanted = first === 'help' ? others[0] : first
  for (const { name, summary, group, load } of entries) {
    const command = name === wanted ? await load() : new Command(name)
    program.addCommand(inheriting(program, command).summary(summary).helpGroup(group))
  }
  program.addHelpText('after', '\nSee `proffer help <command>` for examples of each.')
  if (first === 'help') showHelp(program, others)
  return program
}

/** `help volume create`: commander itself looks no further than the first word. */
function showHelp(program: Command, words: readonly string[]): never {
  let command = program
  for (const word of words) {
    const part = command.commands.find((each) => each.name() === word)
    command = part ?? program.error(`error: unknown command '${word}'`)
  }
  return command.help()
}

/** How complaints are told, down to the commands of a command. */
function inheriting(program: Command, command: Command): Command {
  for (const part of command.commands) inheriting(program, part)
  return command.copyInheritedSettings(program)
}

/** The first words that are no flags. What is wrong with the rest is told later, with all that is known. */
function wantedBy(words: readonly string[]): readonly string[] {
  try {
    return newProgram()
      .configureOutput({ writeErr: () => {}, writeOut: () => {} })
      .parseOptions([...words]).operands
  } catch {
    return []
  }
}

async function main(words: readonly string[]): Promise<number> {
  try {
    const program = await programFor(words)
    await program.parseAsync([...words], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    return report(error)
  }
}

function report(error: unknown): number {
  const { sentence, exitCode } = tellFailure(error, process.env)
  if (sentence) process.stderr.write(`proffer: ${sentence}\n`)
  return exitCode
}

/** Exits when all that was written is out: a pipe takes it later. */
function leave(exitCode: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))
}

watchPipes()
process.on('uncaughtException', (error) => leave(report(error)))

leave(await main(process.argv.slice(2)))
