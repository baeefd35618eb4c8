/** The page: what each actor knew, heard and did, and the cluster at a glance; live, or out of a recording. */
import { Command, Option } from 'commander'
import type { Exporter } from '../../runtime/exporter/exporter.ts'
import type { ListenAddress } from '../../runtime/exporter/listener.ts'
import type { Source } from '../../visualizer/sources/source.ts'
import { listenOption } from '../daemon.ts'
import { Failure } from '../failure.ts'
import { collect, examples, type GlobalFlags, globalFlags, whole } from '../flags.ts'
import { openOperator } from '../session.ts'
import { print, tell } from '../table.ts'

export interface WebFlags {
  readonly host: string
  readonly port: number
  readonly name?: readonly string[]
  readonly readOnly?: true
  readonly kept?: true
  readonly keepSteps: number
  readonly listen?: ListenAddress
}

/** Where pages look when nobody says otherwise. */
export const usualPort = 4280
export const usualKeptSteps = 200_000

export const webCommand = (): Command =>
  new Command('web')
    .description(
      'Serves a page that shows the protocol as living statecharts, and the cluster at a glance: until Ctrl-C. ' +
        'With a file, what was recorded there.',
    )
    .argument('[trace]', 'a recording of `proffer trace --save` or `npm run sim -- --save`')
    .addOption(
      new Option('--host <address>', 'where it listens; whoever reaches that may look, and act').default(
        '127.0.0.1',
      ),
    )
    .addOption(
      new Option('--port <port>', '0: any that is free').default(usualPort).argParser(whole(0, 65535)),
    )
    .option('--name <name>', 'a name under which the page is asked for; may be given again', collect)
    .option('--kept', 'begin with what the bus keeps of the trace: see `proffer trace --keep`')
    .option('--read-only', 'only look: no kill, no drain')
    .addOption(
      new Option('--keep-steps <n>', 'so many steps can be gone back to')
        .default(usualKeptSteps)
        .argParser(whole(1000, 10_000_000)),
    )
    .addOption(listenOption())
    .addHelpText('after', examples('web', 'web --port 8080 --read-only', 'web run.trace'))
    .action((trace: string | undefined, flags: WebFlags, command: Command) =>
      web(trace, flags, globalFlags(command)),
    )

async function web(trace: string | undefined, flags: WebFlags, given: GlobalFlags): Promise<void> {
  const { startWeb } = await import('../../visualizer/web.ts')
  const { pageFiles } = await import('../../visualizer/files.ts')
  await pageFiles().catch(asFailure)
  const source = trace === undefined ? await liveSource(flags, given) : await recordedSource(trace)
  const { host, port, name: names = [] } = flags
  const exporter = flags.listen && (await openExporter(flags.listen, source))
  const served = await startWeb({ source, host, port, names, exporter }).catch(asFailure)
  print(given.json ? `${JSON.stringify({ url: served.url })}\n` : `${served.url}\nCtrl-C ends it.\n`)
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve))
  await served.stop()
  await exporter?.close()
}

/** Where its numbers are is said like where its page is. */
async function openExporter(listen: ListenAddress, { hello }: Source): Promise<Exporter> {
  const { Exporter } = await import('../../runtime/exporter/exporter.ts')
  const note = (_level: string, message: string) => print(`${message}\n`)
  return Exporter.open(listen, note, { cluster: hello.cluster, role: 'page' })
}

async function liveSource({ readOnly, keepSteps, kept }: WebFlags, given: GlobalFlags) {
  const { LiveCluster } = await import('../../visualizer/sources/live.ts')
  const operator = await openOperator(given, 'proffer web')
  const cluster = new LiveCluster({ operator, user: given.as, keepSteps, ...(readOnly && { readOnly }) })
  if (kept) await operator.playTrace((step) => cluster.hear(step))
  return cluster
}

/** What is wrong with the file shows when all of it is read. The page says it, too, to whoever opens it. */
async function recordedSource(path: string) {
  const { openRecording } = await import('../../visualizer/sources/file.ts')
  const source = await openRecording(path).catch(asFailure)
  source.onChange(() => source.trouble !== undefined && tell(source.trouble))
  return source
}

/** What cannot be had is told like any other failure. */
function asFailure(error: Error): never {
  throw new Failure(error.message)
}
