/** The demonstration: one framework counts words while another runs commands, on one cluster. */
import { none } from '../../../shared/resources.ts'
import { batch, type Result } from '../../frameworks/batch.ts'
import { type TextFile, wordCount } from '../../frameworks/wordcount/index.ts'
import type { Log } from '../../runtime/log.ts'
import { type Amounts, type Framework, runScheduler } from '../../scheduler/index.ts'
import { Failure } from '../failure.ts'
import type { Cluster } from './cluster.ts'
import type { Progress } from './demoProgress.ts'
import { type Moment, watchSharing } from './demoSharing.ts'
import { aborted } from './upEnding.ts'

export interface DemoOptions {
  readonly cluster: Cluster
  readonly files: readonly TextFile[]
  readonly progress: Progress
  readonly log: Log
  /** Ends it early: it then rejects with the signal's reason. */
  readonly signal: AbortSignal
}

export interface Demonstrated {
  readonly counts: ReadonlyMap<string, number>
  readonly chunks: number
  readonly commands: readonly Result[]
  readonly moments: readonly Moment[]
  readonly seconds: number
}

export const names = { words: 'wordcount', commands: 'batch' } as const

/** So many tasks fill a slave, whatever machine it is on: the demonstration looks the same everywhere. */
const tasksPerSlave = 4
const commandsPerPlace = 5
/** At the least: a small text is cut finer. */
const chunksPerPlace = 5
/** What a command sleeps, so that there is something to see on a fast machine as well. */
const napSeconds = 0.4

/** Runs both frameworks to their ends. Rejects with TextError or Failure, and with the signal's reason. */
export async function demonstrate(options: DemoOptions): Promise<Demonstrated> {
  const begin = performance.now()
  const looking = new AbortController()
  const sharing = watchSharing(options.cluster.operator, looking.signal)
  // A look that fails is told when all is over, if nothing else has failed.
  sharing.catch(() => {})
  try {
    const [words, commands] = await both(
      options.signal,
      (signal) => countWords({ ...options, signal }),
      (signal) => runCommands({ ...options, signal }),
    )
    looking.abort()
    return { ...words, commands, moments: await sharing, seconds: (performance.now() - begin) / 1000 }
  } finally {
    looking.abort()
    await sharing.catch(() => {})
  }
}

async function countWords(options: DemoOptions): Promise<Pick<Demonstrated, 'counts' | 'chunks'>> {
  const { cluster, files, progress } = options
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  let tell = (_: number) => {}
  const words = wordCount(files, {
    needs: needsOfTask(cluster),
    chunkBytes: Math.ceil(bytes / placesOf(cluster) / chunksPerPlace),
    onProgress: (done) => tell(done),
  })
  tell = progress.track(names.words, words.chunks, 'chunks counted')
  return { counts: await run(names.words, words, words.counts, options), chunks: words.chunks }
}

async function runCommands(options: DemoOptions): Promise<readonly Result[]> {
  const { cluster, files, progress } = options
  const works = commandsOver(files, placesOf(cluster) * commandsPerPlace)
  const tell = progress.track(names.commands, works.length, 'commands run')
  let done = 0
  const needs = needsOfTask(cluster)
  const jobs = batch(
    works.map((command) => ({ ...needs, command })),
    { onResult: () => tell(++done) },
  )
  return run(names.commands, jobs, jobs.results, options)
}

/** Each packs a file of the text, and forgets what comes of it. */
function commandsOver(files: readonly TextFile[], howMany: number): string[][] {
  const line = `sleep ${napSeconds} && gzip -9 < "$1" > /dev/null`
  return Array.from({ length: howMany }, (_, index) => {
    const { path } = files[index % files.length] ?? { path: '/dev/null' }
    return ['sh', '-c', line, 'sh', path]
  })
}

const placesOf = ({ slaves }: Cluster): number => slaves.size * tasksPerSlave

function needsOfTask({ slaves }: Cluster): Amounts {
  const [each = none] = slaves.values()
  return {
    cpus: Math.floor(each.cpuMilli / tasksPerSlave) / 1000,
    mem: Math.min(32, Math.floor(each.memMb / tasksPerSlave / 4)),
  }
}

/** Runs a framework until what is wanted of it is there. What it runs ends with it. */
async function run<Outcome>(
  name: string,
  framework: Framework,
  outcome: Promise<Outcome>,
  { cluster, log, signal }: DemoOptions,
): Promise<Outcome> {
  signal.throwIfAborted()
  const onError = ({ message }: { readonly message: string }) => log.warn(`${name}: ${message}`)
  const scheduler = await runScheduler({ onError, ...framework, ...cluster.access, name, log })
  const refused = scheduler.ended.then(({ message }) => Promise.reject(new Failure(message)))
  try {
    return await Promise.race([outcome, refused, aborted(signal)])
  } finally {
    // When all is to end there may be no leader left who could hear of it.
    if (signal.aborted) await scheduler.stop()
    else await Promise.race([scheduler.teardown(), aborted(signal)])
  }
}

/** Two things at a time; when one of them fails the other is told to end, and waited for. */
async function both<One, Other>(
  outer: AbortSignal,
  one: (signal: AbortSignal) => Promise<One>,
  other: (signal: AbortSignal) => Promise<Other>,
): Promise<[One, Other]> {
  const inner = new AbortController()
  const signal = AbortSignal.any([outer, inner.signal])
  const begun = [one(signal), other(signal)] as const
  for (const each of begun) each.catch((error: unknown) => inner.abort(error))
  await Promise.allSettled(begun)
  signal.throwIfAborted()
  return Promise.all(begun)
}
