/** What buckets promise, on each version of nats-server that is here: see PROFFER_NATS_SERVERS. */
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, type TestContext, test, vi } from 'vitest'
import { atLeast } from '../../services/runtime/bus/kvStream.ts'
import type { NatsProgram } from '../../services/runtime/bus/natsServer.ts'
import type { Bucket, Bus, Entry, Written } from '../../services/runtime/ports.ts'
import { bytes, type Heard, rejection, startTestNats, type TestNats, testBus, text } from './bus-world.ts'
import {
  leaderOf,
  natsPrograms,
  startTestNatsCluster,
  type TestNatsCluster,
  wholeAgain,
} from './nats-servers.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const writers = 6
const programs = await natsPrograms()
const clustered = programs.filter(({ kind }) => kind === 'binary')
const isSound = ({ version }: NatsProgram) => atLeast(version, [2, 9, 21])
/** Earlier ones begin at revision 1 whatever they are told. */
const leaps = ({ version }: NatsProgram) => atLeast(version, [2, 10, 0])

function revisionOf(written: Written): number {
  if (written.outcome === 'written') return written.revision
  throw new Error(`not written: ${written.outcome}`)
}

/** A bucket that was only just made on several servers is not yet known to all of them: `unknown` is tried again. */
async function known(write: () => Promise<Written>): Promise<Written> {
  for (;;) {
    const written = await write()
    if (written.outcome !== 'unknown') return written
    await pause(20)
  }
}

interface Opened {
  readonly bus: Bus
  readonly bucket: Bucket
  readonly notes: Heard<string>
}

interface Wanted {
  readonly replicas: number
  readonly ttlMs?: number
  /** How long an answer is waited for. */
  readonly timeoutMs?: number
}

async function open(context: TestContext, url: string, name: string, wanted: Wanted): Promise<Opened> {
  const { timeoutMs = 10_000, ...options } = wanted
  const { bus, notes } = await testBus(url, { bucketTimeoutMs: timeoutMs, bucketOpenMs: 30_000 })
  context.onTestFinished(() => bus.drain())
  return { bus, notes, bucket: await bus.bucket(name, options) }
}

function openMany(context: TestContext, url: string, name: string, wanted: Wanted): Promise<Opened[]> {
  return Promise.all(Array.from({ length: writers }, () => open(context, url, name, wanted)))
}

async function serverOf(context: TestContext, program: NatsProgram): Promise<TestNats> {
  const nats = await startTestNats({ program })
  context.onTestFinished(() => nats.stop())
  return nats
}

async function clusterOf(context: TestContext, program: NatsProgram): Promise<TestNatsCluster> {
  if (program.kind !== 'binary') throw new Error('a cluster is made of binaries')
  const cluster = await startTestNatsCluster(program.path)
  context.onTestFinished(() => cluster.stop())
  return cluster
}

/** Six who create, update and remove the same key at once: each time one of them does. */
async function race(opened: readonly Opened[], rounds: number): Promise<void> {
  const all = (write: (bucket: Bucket) => Promise<Written>) =>
    Promise.all(opened.map(({ bucket }) => write(bucket)))
  await Promise.all(opened.map(({ bucket }) => known(() => bucket.create('met', bytes('met')))))
  for (let round = 0; round < rounds; round += 1) {
    const created = winner(await all((bucket) => bucket.create('key', bytes(`${round}`))))
    const updated = winner(await all((bucket) => bucket.update('key', bytes('more'), created)))
    winner(await all((bucket) => bucket.remove('key', updated)))
  }
}

function winner(outcomes: readonly Written[]): number {
  const said = outcomes.map(({ outcome }) => outcome).sort()
  expect(said).toEqual([...Array(writers - 1).fill('conflict'), 'written'])
  return Math.max(...outcomes.map((written) => (written.outcome === 'written' ? written.revision : 0)))
}

async function lapses(bucket: Bucket, ttlMs: number): Promise<void> {
  const before = performance.now()
  const first = revisionOf(await known(() => bucket.create('leader', bytes('one'))))
  let second = await bucket.create('leader', bytes('two'))
  while (second.outcome !== 'written') second = await bucket.create('leader', bytes('two'))
  expect(performance.now() - before).toBeGreaterThanOrEqual(ttlMs)
  expect(second.revision).toBeGreaterThan(first)
}

async function deleteStream(bus: Bus, bucket: string): Promise<void> {
  await bus.request(`$JS.API.STREAM.DELETE.KV_${bucket}`, new Uint8Array(0), 10_000)
}

const isAboutLoss = (note: string): boolean => note.includes('was gone and is made anew')

/** Two hold a bucket open; its stream goes. Whatever was known of it is not written over again. */
async function outlivesLoss(mine: Opened, theirs: Opened, lose: () => Promise<void>): Promise<void> {
  const old = revisionOf(await known(() => mine.bucket.create('key', bytes('mine'))))
  revisionOf(await known(() => mine.bucket.create('other', bytes('mine'))))
  await lose()
  expect((await mine.bucket.update('key', bytes('mine'), old)).outcome).not.toBe('written')
  const [entries, ...reads] = await Promise.all([
    mine.bucket.entries(),
    ...Array.from({ length: 50 }, () => mine.bucket.read('key')),
  ])
  expect(entries.size).toBe(0)
  expect(new Set(reads)).toEqual(new Set([undefined]))
  expect(mine.notes.all.filter(isAboutLoss)).toHaveLength(1)

  const over = () => mine.bucket.update('key', bytes('mine'), old)
  expect(await known(over)).toEqual({ outcome: 'conflict' })
  const created = revisionOf(await known(() => theirs.bucket.create('key', bytes('theirs'))))
  expect(await known(over)).toEqual({ outcome: 'conflict' })
  expect(await known(() => mine.bucket.remove('key', old))).toEqual({ outcome: 'conflict' })
  const found = await mine.bucket.read('key')
  expect(found && text(found.value)).toBe('theirs')
  revisionOf(await known(() => mine.bucket.update('key', bytes('mine'), created)))
}

describe.concurrent.each(programs)('one nats-server $version', (program) => {
  test('of six writers at once, one wins', async (context) => {
    const { url } = await serverOf(context, program)
    await race(await openMany(context, url, 'race', { replicas: 1 }), 50)
  })

  test('a value lapses', async (context) => {
    const { url } = await serverOf(context, program)
    await lapses((await open(context, url, 'lapse', { replicas: 1, ttlMs: 500 })).bucket, 500)
  })

  test('a bucket that somebody deletes is made anew', async (context) => {
    const { url } = await serverOf(context, program)
    const [mine, theirs] = await Promise.all([
      open(context, url, 'lost', { replicas: 1 }),
      open(context, url, 'lost', { replicas: 1 }),
    ])
    await outlivesLoss(mine, theirs, () => deleteStream(theirs.bus, 'lost'))
  })

  test('a bucket whose server comes back with an empty store is made anew', async (context) => {
    const nats = await serverOf(context, program)
    const [mine, theirs] = await Promise.all([
      open(context, nats.url, 'lost', { replicas: 1 }),
      open(context, nats.url, 'lost', { replicas: 1 }),
    ])
    await outlivesLoss(mine, theirs, async () => {
      await nats.restartEmpty()
      for (const { bus } of [mine, theirs]) await linkOf(bus)
    })
  })

  test.runIf(leaps(program))('revisions rise through a loss and a restart', async (context) => {
    const nats = await serverOf(context, program)
    const { bus, bucket } = await open(context, nats.url, 'rise', { replicas: 1 })
    const old = revisionOf(await bucket.create('key', bytes('one')))
    await deleteStream(bus, 'rise')
    expect(await bucket.read('key')).toBeUndefined()
    await nats.kill()
    await nats.restart()
    await linkOf(bus)
    expect(revisionOf(await bucket.create('key', bytes('two')))).toBeGreaterThan(old + 1_000)
  })
})

/** Resolves when the link is up. */
async function linkOf(bus: Bus): Promise<void> {
  await vi.waitUntil(
    () =>
      bus.flush().then(
        () => true,
        () => false,
      ),
    { timeout: 20_000, interval: 10 },
  )
}

describe.concurrent.each(clustered.filter((program) => !isSound(program)))(
  'three nats-servers $version',
  (program) => {
    test('are refused with the reason', async (context) => {
      const { url } = await clusterOf(context, program)
      const { bus } = await testBus(url)
      const error = await rejection(bus.bucket('refused', { replicas: 3 }))
      expect(error.code).toBe('bucket-refused')
      expect(error.message).toContain(`3 replicas on NATS ${program.version}`)
      expect(error.message).toContain('2.9.21')
      await bus.drain()
    })
  },
)

describe.concurrent.each(clustered.filter(isSound))('three nats-servers $version', (program) => {
  test('of six writers at once, one wins; a value lapses; a deleted bucket is made anew', async (context) => {
    const { url } = await clusterOf(context, program)
    await race(await openMany(context, url, 'race', { replicas: 3 }), 50)
    await lapses((await open(context, url, 'lapse', { replicas: 3, ttlMs: 500 })).bucket, 500)
    const [mine, theirs] = await Promise.all([
      open(context, url, 'lost', { replicas: 3 }),
      open(context, url, 'lost', { replicas: 3 }),
    ])
    await outlivesLoss(mine, theirs, () => deleteStream(theirs.bus, 'lost'))
    await deleteStream(theirs.bus, 'lost')
    expect(await mine.bucket.read('key')).toBeUndefined()
    const again = await known(() => mine.bucket.create('key', bytes('one')))
    expect(revisionOf(again)).toBeGreaterThan(1_000_000)
  })

  test('what was answered is true when a server is lost, and when the leader is', async (context) => {
    const cluster = await clusterOf(context, program)
    // Short, so that a leader is found soon after it was chosen.
    const wanted = { replicas: 3, timeoutMs: 300 }
    const opened = await openMany(context, cluster.url, 'list', wanted)
    const [{ bus } = await open(context, cluster.url, 'list', wanted)] = opened
    const writing = opened.map(({ bucket }, index) => new ListWriter(bucket, `w${index}`))
    await Promise.all(writing.map((writer) => writer.write(5)))

    const follower = ((await leaderOf(bus, 'list')) + 1) % 3
    const follows = await lossOf(writing, () => cluster.kill(follower))
    await cluster.restart(follower)
    await wholeAgain(bus, 'list')
    const leader = await leaderOf(bus, 'list')
    const leads = await lossOf(writing, () => cluster.kill(leader))
    tell(program, writing, { follower: follows, leader: leads })
    await agrees(writing)

    // A cluster that is killed whole may lose the last writes unless it syncs each; but the bucket is not taken for lost.
    await Promise.all([0, 1, 2].map((index) => cluster.kill(index)))
    await Promise.all([0, 1, 2].map((index) => cluster.restart(index)))
    const after = await Promise.all(writing.map((writer) => writer.read()))
    for (const entry of after) expect(listIn(entry)).not.toEqual([])
    expect(opened.flatMap(({ notes }) => notes.all.filter(isAboutLoss))).toEqual([])
  })
})

if (!clustered.some(isSound)) {
  const what = 'nats-server 2.9.21 or later: PROFFER_NATS_SERVERS names none'
  console.warn(`Not tested: ${what}; infra/download-nats-servers.sh brings some`)
  test.skip(what)
}

/** Appends to one list that all writers share, so that the list tells afterwards which of their writes took place. */
class ListWriter {
  readonly written: string[] = []
  readonly #times: { readonly began: number; readonly ended: number }[] = []
  readonly unknown = new Set<string>()
  readonly #bucket: Bucket
  readonly #name: string
  #made = 0

  constructor(bucket: Bucket, name: string) {
    this.#bucket = bucket
    this.#name = name
  }

  /** Until so many more were answered with `written`. */
  async write(count: number): Promise<void> {
    for (const until = this.written.length + count; this.written.length < until; ) await this.#append()
  }

  async #append(): Promise<void> {
    const word = `${this.#name}-${this.#made++}`
    const entry = await this.read()
    const list = bytes([...listIn(entry), word].join(' '))
    const began = performance.now()
    const { outcome } = await (entry
      ? this.#bucket.update('list', list, entry.revision)
      : this.#bucket.create('list', list))
    if (outcome === 'written') this.#times.push({ began, ended: performance.now() })
    if (outcome === 'written') this.written.push(word)
    if (outcome === 'unknown') this.unknown.add(word)
  }

  /** When its first write that began after this moment was answered with `written`. */
  firstSince(moment: number): number {
    return this.#times.find(({ began }) => began > moment)?.ended ?? Number.POSITIVE_INFINITY
  }

  /** Asked until somebody knows. */
  async read(): Promise<Entry | undefined> {
    for (;;) {
      try {
        return await this.#bucket.read('list')
      } catch {
        await pause(20)
      }
    }
  }
}

const listIn = (entry: Entry | undefined): string[] => (entry ? text(entry.value).split(' ') : [])

/** Loses servers in the midst of writes: ms from the loss until a write that began after it was answered. */
async function lossOf(writing: readonly ListWriter[], lose: () => Promise<void>): Promise<number> {
  const all = Promise.all(writing.map((writer) => writer.write(10)))
  await writing[0]?.write(2)
  const lost = performance.now()
  await lose()
  await all
  await Promise.all(writing.map((writer) => writer.write(1)))
  return Math.min(...writing.map((writer) => writer.firstSince(lost))) - lost
}

function tell(program: NatsProgram, writing: readonly ListWriter[], ms: Record<string, number>): void {
  const waits = Object.entries(ms).map(([what, wait]) => `${(wait / 1_000).toFixed(1)} s after the ${what}`)
  const unknown = writing.reduce((sum, writer) => sum + writer.unknown.size, 0)
  console.info(`${program.version}: written again ${waits.join(', ')} was lost; ${unknown} outcomes unknown`)
}

/** What was written is in the list, once; what was refused is not; what nobody knew is or is not. */
async function agrees(writing: readonly ListWriter[]): Promise<void> {
  const lists = await Promise.all(writing.map(async (writer) => listIn(await writer.read())))
  const list = lists[0] ?? []
  for (const other of lists) expect(other).toEqual(list)
  expect(new Set(list).size).toBe(list.length)
  const written = new Set(writing.flatMap((writer) => writer.written))
  const unknown = new Set(writing.flatMap((writer) => [...writer.unknown]))
  expect(list.filter((word) => !written.has(word) && !unknown.has(word))).toEqual([])
  expect([...written].filter((word) => !list.includes(word))).toEqual([])
}
