/** A whole cluster on this machine, to try it: until Ctrl-C, or until its demonstration is over. */
import { Command, Option } from 'commander'
import { counted } from '../../../shared/counted.ts'
import { none } from '../../../shared/resources.ts'
import { TextError } from '../../frameworks/wordcount/index.ts'
import { NatsServerError } from '../../runtime/bus/findNatsServer.ts'
import { openLog } from '../../runtime/log.ts'
import { type IsolationKind, isolationKinds } from '../../slave/isolation.ts'
import type { Web } from '../../visualizer/web.ts'
import { usualPort } from '../commands/web.ts'
import { Failure } from '../failure.ts'
import { examples, type GlobalFlags, globalFlags, Misuse, whole } from '../flags.ts'
import { readSharing, type SharingFlags, sharingOptions } from '../sharingFlags.ts'
import { json, print, tell } from '../table.ts'
import { amounts } from '../words.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { type DemoOptions, demonstrate } from './demo.ts'
import { openProgress } from './demoProgress.ts'
import { asDocument, asPage } from './demoReport.ts'
import { readText, type Text } from './demoText.ts'
import { aborted, Interrupted, untilEnded } from './upEnding.ts'
import { openWeb } from './upWeb.ts'

type How = Awaited<ReturnType<typeof readSharing>>

interface Flags extends GlobalFlags, SharingFlags {
  readonly slaves: number
  readonly isolation?: IsolationKind
  readonly port?: number
  readonly web: boolean
  readonly webPort?: number
  readonly demo?: string | true
  readonly once?: true
  readonly verbose?: true
}

export function upCommand(): Command {
  const command = new Command('up')
    .description(
      'A nats-server, a master and some slaves on this machine, in one process, until Ctrl-C. ' +
        'Nothing of it is left then: no process, no container, no file.',
    )
    .argument('[directory]', 'the text for --demo, where that names none')
    .addOption(
      new Option('--slaves <n>', 'among which the machine is divided').default(3).argParser(whole(1, 100)),
    )
    .addOption(
      new Option(
        '--isolation <kind>',
        'how tasks are kept apart; where not given, docker if an engine answers',
      )
        .choices(isolationKinds)
        .env('PROFFER_ISOLATION'),
    )
    .addOption(
      new Option(
        '--port <port>',
        'of its nats-server; where not given, 4222, or a free one where that is taken',
      ).argParser(whole(1, 65535)),
    )
    .option(
      '--demo [path]',
      'count the words of a directory while other commands run; where none is named, of the licences that every Debian has',
    )
    .option('--once', 'end when the demonstration is over')
    .option('--no-web', 'without the page that shows the cluster')
    .addOption(
      new Option(
        '--web-port <port>',
        `of the page; where not given, ${usualPort}, or a free one where that is taken`,
      ).argParser(whole(0, 65535)),
    )
    .option('--verbose', 'log what happens')
    .addHelpText(
      'after',
      examples('up', 'up --slaves 5 --isolation docker', 'up --demo', 'up --demo ~/texts --once --json'),
    )
    .action((directory: string | undefined, _flags: object, command: Command) =>
      up(withText(globalFlags(command) as Flags, directory)),
    )
  for (const option of sharingOptions()) command.addOption(option)
  return command
}

/** The directory may stand behind other flags than --demo: `npm start -- --once texts`. */
function withText(flags: Flags, directory: string | undefined): Flags {
  if (directory === undefined) return flags
  if (flags.demo !== true) throw new Misuse(`${directory} is the text of what? It goes with --demo alone`)
  return { ...flags, demo: directory }
}

async function up(flags: Flags): Promise<void> {
  refuseContradictions(flags)
  const how = await readSharing(flags)
  try {
    // What cannot be read is said before anything is started.
    const text = flags.demo === undefined ? undefined : readText(flags.demo === true ? undefined : flags.demo)
    await untilEnded((ending) => live(flags, how, text, ending))
  } catch (error) {
    // Somebody who waits for a result is told that there is none; else this is how it is meant to end.
    if (error instanceof Interrupted && !flags.once) return
    throw error instanceof TextError || error instanceof NatsServerError ? new Failure(error.message) : error
  }
}

function refuseContradictions({ demo, isolation, once, port, server, context, web, webPort }: Flags): void {
  if (webPort !== undefined && !web)
    throw new Misuse('--web-port is of the page, which --no-web leaves out: give one or the other')
  if (once && demo === undefined)
    throw new Misuse('--once goes with --demo: there is nothing else to wait for')
  if (port !== undefined && (server || context))
    throw new Misuse('--port is of its own nats-server: give it, or the --server that is there already')
  if (demo !== undefined && isolation === 'docker') {
    const why = 'its executor is this very program, which no image holds'
    throw new Misuse(`--demo needs --isolation process: ${why}`)
  }
}

async function live(flags: Flags, how: How, text: Text | undefined, ending: AbortController): Promise<void> {
  const { signal } = ending
  const isPretty = process.stderr.isTTY === true && !flags.json
  const log = openLog({ level: flags.verbose ? 'info' : 'warn', pretty: isPretty })
  const cluster = await startCluster({ ...clusterOptions(flags), ...how, log, signal, onNote: tell })
  void cluster.failed.then((sentence) => ending.abort(new Failure(sentence)))
  let web: Web | undefined
  try {
    if (flags.web && !flags.once) web = await openWeb(cluster, flags.webPort)
    greet(flags, cluster, web)
    if (text) await showDemo(flags, text, { cluster, log, signal, web })
    if (!flags.once) await aborted(signal)
  } finally {
    await web?.stop()
    await cluster.stop()
  }
}

function clusterOptions({ slaves, cluster: name, isolation, demo, port, ...given }: Flags) {
  const kind = demo === undefined ? isolation : 'process'
  return {
    slaves,
    name,
    ...(kind && { isolation: kind }),
    ...(port !== undefined && { port }),
    // Only what is said here and now: the environment often names the cluster that was up before.
    ...((given.server || given.context) && { connection: given }),
  }
}

async function showDemo(
  flags: Flags,
  text: Text,
  { web, ...options }: Pick<DemoOptions, 'cluster' | 'log' | 'signal'> & { readonly web: Web | undefined },
): Promise<void> {
  const progress = openProgress(process.stderr, flags.json)
  const done = await demonstrate({ ...options, files: text.files, progress }).finally(() => progress.stop())
  if (flags.json) print((flags.once ? json : asLine)(asDocument(text, done)))
  else print(`${asPage(text, done)}${flags.once ? '' : `\n${reach(options.cluster, web)}`}`)
}

/** What is printed for programs is one document when it ends by itself, else a line for each thing that happens. */
function greet({ once, json: asJson }: Flags, cluster: Cluster, web: Web | undefined): void {
  const { name, url, slaves } = cluster
  if (!asJson) print(`${welcome(cluster)}${once ? '' : reach(cluster, web)}\n`)
  else if (!once)
    print(asLine({ cluster: name, url, ...(web && { web: web.url }), slaves: [...slaves.keys()] }))
}

function welcome({ name, slaves }: Cluster): string {
  const [each = none] = slaves.values()
  return `Cluster ${name} is up: a master, and ${counted(slaves.size, 'slave')} of ${amounts(each)}.\n`
}

function reach({ url, name }: Cluster, web: Web | undefined): string {
  const flag = name === 'main' ? '' : ` --cluster ${name}`
  const page = web ? `  ${web.url} shows it\n` : ''
  return `Reach it, until Ctrl-C ends it:\n${page}  NATS_URL=${url} npx proffer ps${flag}\n`
}

const asLine = (value: object): string => `${JSON.stringify(value)}\n`
