/**
 * A framework of the chaos run, as a process of its own: does the known work, and writes down all that it is told.
 * `framework.js A` remembers in a file; `framework.js B` stands by for others of its kind and remembers in the store.
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Framework,
  isOver,
  type Offer,
  type RunningScheduler,
  runScheduler,
  type Status,
} from '../../services/scheduler/index.ts'
import { type Book, fileShelf, newBook, readJson, type Shelf, storeShelf, writeWhole } from './book.ts'
import { schedulerSettings } from './settings.ts'
import { type Item, isDoneBy, itemOf, type Run, requestOf, taskIdOf, workOf } from './work.ts'

const [name = 'A', runFile = ''] = process.argv.slice(2)
const run = readJson<Run>(runFile) as Run
const work = workOf(run, name)
const life = `${process.pid}-${Date.now()}`
const idFile = join(run.folder, `id-${name}`)
const known = readJson<string>(idFile)
const shares = name === 'B'

let book: Book = newBook(work.length)
let saves = 0
let saving: Promise<void> = Promise.resolve()
/** Items that are not to be launched before the book is loaded. */
let ready = false
const launching = new Set<number>()
/** When tasks that are to be killed were told to run. */
const killDue = new Map<string, number>()

function journal(entry: object): void {
  const line = JSON.stringify({ life, at: Date.now(), ...entry })
  appendFileSync(join(run.folder, `journal-${name}`), `${line}\n`)
}

const isDue = ({ index, dueMs }: Item): boolean => {
  const [, underWay, done] = book.lines[index] ?? [0, false, true]
  return !underWay && !done && !launching.has(index) && Date.now() >= run.startedAt + dueMs
}

/** One save after the other, each of all that is known by then. */
function save(): Promise<void> {
  saving = saving.then(() => shelf.save({ ...book, writer: `${life} ${++saves}` }))
  saving.catch((error: unknown) => leave(`the book cannot be saved: ${error}`))
  return saving
}

/** Whoever cannot remember is of no use; the next process reads what is there. */
function leave(why: string): never {
  journal({ left: why })
  process.exit(0)
}

async function fill(offer: Offer): Promise<void> {
  const chosen: Item[] = []
  const room = Math.min(3, Math.floor(offer.rest.cpuMilli / 750), Math.floor(offer.rest.memMb / 96))
  for (const item of work) if (chosen.length < room && isDue(item)) chosen.push(item)
  if (chosen.length === 0) return offer.decline('no-work', 1)
  const ids = chosen.map(({ index }) => begin(index))
  // The intent is safe before anything comes of it.
  await save()
  for (const [at, item] of chosen.entries()) {
    const taskId = ids[at] ?? ''
    launching.delete(item.index)
    if (offer.add(requestOf(run, item, taskId))) journal({ launched: taskId })
    else forget(item.index)
  }
}

function begin(index: number): string {
  const attempts = (book.lines[index]?.[0] ?? 0) + 1
  book.lines[index] = [attempts, true, false]
  launching.add(index)
  return taskIdOf(name, index, attempts)
}

function forget(index: number): void {
  book.lines[index] = [book.lines[index]?.[0] ?? 0, false, false]
}

/** What was told is acknowledged when it is safe: whoever dies before is told again. */
async function hear(status: Status): Promise<void> {
  const { taskId, state, seq, slaveId, reason, message, exitCode } = status
  journal({ taskId, state, seq, slaveId, reason, message, exitCode })
  const item = work[itemOf(taskId)]
  if (!item) return
  if (state === 'running' && item.kind === 'killed') killDue.set(taskId, Date.now() + item.killAfterMs)
  if (!isOver(status)) return
  killDue.delete(taskId)
  const [attempts = 0] = book.lines[item.index] ?? []
  if (taskIdOf(name, item.index, attempts) !== taskId || book.lines[item.index]?.[2]) return
  book.lines[item.index] = [attempts, false, isDoneBy(item, status)]
  await save()
  sayWhenDone()
}

function sayWhenDone(): void {
  if (ready && book.lines.every(([, , done]) => done)) writeFileSync(join(run.folder, `done-${name}`), '')
}

const underWay = (): string[] =>
  book.lines.flatMap(([attempts, isUnderWay], index) => (isUnderWay ? [taskIdOf(name, index, attempts)] : []))

async function open(): Promise<void> {
  book = (await shelf.load()) ?? newBook(work.length)
  ready = true
  sayWhenDone()
}

const framework: Framework = {
  wants: () => ready && work.some(isDue),
  onOffers: async (offers) => {
    for (const offer of offers) await fill(offer)
  },
  onStatus: hear,
  remembers: underWay,
  onSubscribed(frameworkId) {
    writeWhole(idFile, JSON.stringify(frameworkId))
    journal({ subscribed: frameworkId })
  },
  onRescinded: (offerIds, why) => journal({ rescinded: offerIds, why }),
  onError: (error) => journal({ error }),
  ...(shares && { onLeading: open }),
}

const shelf: Shelf = shares
  ? storeShelf(() => scheduler.store())
  : fileShelf(join(run.folder, `book-${name}`))
if (!shares) await open()

const scheduler: RunningScheduler = await runScheduler({
  ...framework,
  name,
  standby: shares,
  storeReplicas: run.replicas,
  settings: schedulerSettings,
  connection: { server: run.server },
  failoverSeconds: 300,
  ...(known !== undefined && { frameworkId: known }),
}).catch((error: unknown) => leave(`it cannot begin: ${error}`))

function killThoseThatAreDue(): void {
  for (const [taskId, at] of killDue) {
    if (Date.now() < at) continue
    killDue.delete(taskId)
    scheduler.kill(taskId)
  }
}

const pulse = setInterval(() => {
  killThoseThatAreDue()
  scheduler.review()
}, 100)
process.on('SIGTERM', () => void scheduler.stop())
// Only the one that leads has anything to give up; the other leaves.
process.on('SIGUSR2', () => void (ready ? scheduler.teardown() : scheduler.stop()))

const ending = await scheduler.ended
clearInterval(pulse)
journal({ ended: ending })
await saving.catch(() => {})
const isFine = ending.code === 'stopped' || (shares && ending.code === 'framework-superseded')
process.exit(isFine ? 0 : 10)
