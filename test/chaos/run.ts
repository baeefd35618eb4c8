/** One run: a cluster, its work, the mischief, and the audit when the weather has cleared. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { FrameworkRow, SlaveRow, TaskRow } from '../../shared/messages.ts'
import { auditWork, confessions } from './audit.ts'
import { writeWhole } from './book.ts'
import { busReady } from './bus.ts'
import { readEffects, readJournal } from './journal.ts'
import { LeaderWatch, listed } from './look.ts'
import { endMarked, markedProcesses, watchOver } from './marks.ts'
import { doMischief } from './mischief.ts'
import type { Part } from './part.ts'
import { planOf } from './plan.ts'
import { type Run, workOf } from './work.ts'
import { makeWorld, masters, schedulers, slaves, type World } from './world.ts'

export interface ChaosOptions {
  readonly seed: number
  /** Of mischief; before it the cluster starts, after it all work is brought to its end. */
  readonly seconds: number
  /** Of each framework. */
  readonly spacingMs: number
  /** The longest that one is away. */
  readonly longestMs: number
  /** Work that is not done so long after the mischief never will be. */
  readonly patienceMs: number
  readonly tell: (line: string) => void
}

export interface Outcome {
  readonly broken: readonly string[]
  readonly summary: readonly string[]
  /** Kept where something is broken. */
  readonly folder: string
}

const frameworks = ['A', 'B'] as const
/** Long after its signal nothing of a task is left, however slow the machine. */
const settleMs = 30_000

export async function runChaos(options: ChaosOptions): Promise<Outcome> {
  const id = `chaos-${process.pid}-${Date.now()}`
  const watcher = watchOver(id)
  const world = await makeWorld(id)
  // Broken off: nobody asks what was the matter.
  const onExit = () => {
    endMarked(id)
    remove(world)
  }
  process.once('exit', onExit)
  try {
    const outcome = await play(world, options)
    await end(world)
    if (outcome.broken.length === 0) remove(world)
    return outcome
  } finally {
    await end(world)
    process.off('exit', onExit)
    watcher.stdin?.end('done\n')
  }
}

/** More than once does no harm. */
async function end({ id, parts }: World): Promise<void> {
  await Promise.all(parts.map((part) => part.end('SIGKILL')))
  endMarked(id)
}

const remove = ({ folder }: World): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })

async function play(world: World, options: ChaosOptions): Promise<Outcome> {
  const began = Date.now()
  const tell = (line: string) =>
    options.tell(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} ${line}`)
  const { bus } = world
  tell(
    `seed ${options.seed}; nats-server ${bus.version}, ${bus.replicas === 1 ? 'one alone' : 'three'}; ${world.folder}`,
  )
  const run = await start(world, options)
  const watch = await LeaderWatch.open(bus.server)
  tell('the cluster is up; mischief begins')
  try {
    const done = await disturb(world, options, tell)
    tell('mischief is over')
    const late = await workIsDone(world, options.patienceMs)
    tell(late.length > 0 ? `not done: ${late}` : 'all work is done')
    const gapMs = watch.longestMs
    const broken = [...late, ...(await audit(world, run)), ...(await farewell(world)), ...auditLogs(world)]
    return { broken, summary: summaryOf(world, run, done, gapMs, broken), folder: world.folder }
  } finally {
    await watch.close()
  }
}

async function start(world: World, { seed, seconds, spacingMs }: ChaosOptions): Promise<Run> {
  const { bus, parts, folder } = world
  startAll(parts, 'nats')
  await busReady(bus)
  for (const kind of ['master', 'slave'] as const) startAll(parts, kind)
  const run: Run = {
    id: world.id,
    seed,
    folder,
    startedAt: Date.now() + 2000,
    items: Math.ceil((seconds * 1000) / spacingMs),
    spacingMs,
    server: bus.server,
    replicas: bus.replicas,
    executorFile: world.executorFile,
  }
  writeWhole(world.runFile, JSON.stringify(run))
  startAll(parts, 'scheduler')
  // Mischief with what has never been up would be no mischief.
  const areHere = async () => (await rows<SlaveRow>(world, 'slaves').catch(() => [])).length === slaves
  if (!(await until(areHere, settleMs))) throw new Error(`the slaves never came: see ${folder}`)
  return run
}

const startAll = (parts: readonly Part[], kind: Part['kind']): void => {
  for (const part of parts) if (part.kind === kind) part.start()
}

function disturb(world: World, { seed, seconds, longestMs }: ChaosOptions, tell: (line: string) => void) {
  const counts = {
    nats: world.bus.replicas,
    master: masters,
    slave: slaves,
    scheduler: schedulers.length,
    executor: slaves,
    launcher: slaves,
  }
  const tricks = planOf({ seed, ms: seconds * 1000, counts, longestMs })
  return doMischief({ run: world.id, parts: world.parts, tell }, tricks, AbortSignal.timeout(3_600_000))
}

/** Which frameworks have not said in time that all is done. */
async function workIsDone({ folder }: World, patienceMs: number): Promise<string[]> {
  const left = () => frameworks.filter((name) => !existsSync(join(folder, `done-${name}`)))
  await until(async () => left().length === 0, patienceMs)
  return left().map((name) => `framework ${name} has not done its work`)
}

async function audit(world: World, run: Run): Promise<string[]> {
  const { folder } = world
  const work = frameworks.flatMap((name) =>
    auditWork(workOf(run, name), readJournal(folder, name), readEffects(folder, name)),
  )
  return [...work, ...(await nothingIsLeft(world, false))]
}

/** Frameworks give up what they have; then everything must be free. */
async function farewell(world: World): Promise<string[]> {
  const leaving = world.parts.filter(({ kind }) => kind === 'scheduler')
  const gone = leaving.map((part) => part.letEnd())
  for (const part of leaving) part.signal('SIGUSR2')
  const all = Promise.all(gone).then(() => true)
  if (!(await Promise.race([all, pause(settleMs, false, { ref: false })])))
    return ['schedulers have not left long after their teardown']
  return nothingIsLeft(world, true)
}

/** No process of a task, no task in the books, and every slave there; executors may idle until their framework leaves. */
async function nothingIsLeft(world: World, isFarewell: boolean): Promise<string[]> {
  const look = async () => {
    const alive = markedProcesses(world.id).filter(
      ({ task }) => task !== '' && (isFarewell || task !== 'executor'),
    )
    const [tasks, there] = [await rows<TaskRow>(world, 'ps'), await rows<SlaveRow>(world, 'slaves')]
    return [
      ...alive.map(({ pid, task }) => `process ${pid} of ${task} is alive`),
      ...tasks.map(({ taskId, state, slaveName }) => `ps shows ${taskId}, ${state} on ${slaveName}`),
      ...there
        .filter(({ state }) => state !== 'active')
        .map(({ name, state }) => `slave ${name} is ${state}`),
      ...(there.length === slaves ? [] : [`${there.length} slaves of ${slaves} are listed`]),
      ...(isFarewell ? there.filter(isBooked).map(({ name }) => `slave ${name} is not all free`) : []),
      ...(isFarewell ? await leftFrameworks(world) : []),
    ]
  }
  let left: string[] = []
  await until(async () => {
    left = await look().catch((error: Error) => [error.message])
    return left.length === 0
  }, settleMs)
  return left.map((sentence) => `${isFarewell ? 'after the teardown' : 'when all was done'}: ${sentence}`)
}

const isBooked = ({ booked, offered }: SlaveRow): boolean =>
  booked.cpuMilli + booked.memMb + offered.cpuMilli + offered.memMb > 0

const leftFrameworks = async (world: World): Promise<string[]> =>
  (await rows<FrameworkRow>(world, 'frameworks'))
    .filter(({ tasks, offers }) => tasks + offers > 0)
    .map(({ name, frameworkId }) => `framework ${name} (${frameworkId}) is there`)

const rows = <Row>({ program, env }: World, what: string): Promise<readonly Row[]> =>
  listed<Row>(program, env, what)

function auditLogs({ parts, surprises }: World): string[] {
  return [
    ...surprises.map(({ part, how }) => `${part} ${how}`),
    ...parts
      .filter(({ kind }) => kind !== 'nats')
      .flatMap(({ name, logFile }) =>
        confessions(readFileSync(logFile, 'utf8')).map((line) => `the log of ${name} says: ${line}`),
      ),
  ]
}

async function until(isSo: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const patience = Date.now() + withinMs
  while (!(await isSo())) {
    if (Date.now() > patience) return false
    await pause(200)
  }
  return true
}

function summaryOf(
  { folder }: World,
  { items }: Run,
  done: ReadonlyMap<string, number>,
  gapMs: number,
  broken: readonly string[],
): string[] {
  const journals = frameworks.map((name) => readJournal(folder, name))
  const ends = new Map<string, number>()
  for (const { state, reason } of journals.flatMap(({ told }) => told)) {
    const what = reason ? `${state} (${reason})` : state
    ends.set(what, (ends.get(what) ?? 0) + 1)
  }
  const launched = journals.reduce((sum, journal) => sum + journal.launched.length, 0)
  return [
    `mischief: ${[...done.values()].reduce((sum, count) => sum + count, 0)} times: ${inWords(done)}`,
    `work: ${items * frameworks.length} items, ${launched} tasks; told: ${inWords(ends)}`,
    `longest without a leader: ${(gapMs / 1000).toFixed(1)} s`,
    broken.length === 0 ? 'audit: everything holds' : `audit: ${broken.length} findings`,
  ]
}

const inWords = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ')
