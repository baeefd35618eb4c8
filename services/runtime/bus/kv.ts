import { assert } from '../../../shared/assert.ts'
import type { Bucket, BucketOptions, Entry, Written } from '../ports.ts'
import { BusError, type BusErrorCode } from './busError.ts'
import { type ApiError, isConflict, type JetStream, type Stored } from './jetstream.ts'
import { openStream } from './kvStream.ts'
import { StreamKeeper } from './streamKeeper.ts'

/** Strong reads in flight while all is read: enough to hide the way to the server, too few to crowd it. */
const readsAtOnce = 128

/** Between seeing what stands at a key and writing over it, others may write; more rounds than this is a fight. */
const createRounds = 3

/** A failure that leaves open whether the write took place. */
const ambiguous: ReadonlySet<BusErrorCode> = new Set([
  'timeout',
  'no-responders',
  'disconnected',
  'closed',
  'bucket-gone',
])

/**
 * A bucket of NATS' key-value store, spoken on JetStream's own subjects (ADR-8): the client's KV takes a tombstone
 * for a value, reads from any replica and waits out a dropped link, each of which an election cannot have.
 */
export async function openBucket(
  jetstream: JetStream,
  name: string,
  options: BucketOptions,
): Promise<Bucket> {
  if (!/^[-\w]+$/.test(name))
    throw new BusError('bad-subject', `${JSON.stringify(name)} cannot name a bucket`)
  const wanted = { bucket: name, stream: `KV_${name}`, options }
  const found = await openStream(jetstream, { ...wanted, patienceMs: jetstream.openMs })
  return new KvBucket(jetstream, wanted.stream, `$KV.${name}`, new StreamKeeper(jetstream, wanted, found))
}

class KvBucket implements Bucket {
  readonly #jetstream: JetStream
  readonly #stream: string
  readonly #prefix: string
  readonly #keeper: StreamKeeper

  constructor(jetstream: JetStream, stream: string, prefix: string, keeper: StreamKeeper) {
    this.#jetstream = jetstream
    this.#stream = stream
    this.#prefix = prefix
    this.#keeper = keeper
  }

  async create(key: string, value: Uint8Array): Promise<Written> {
    let expected = 0
    for (let round = 0; round < createRounds; round += 1) {
      const written = await this.#write(key, value, expected)
      if (written.outcome !== 'conflict') return written
      const stands = await this.#standing(key)
      if (stands === 'unknown') return { outcome: 'unknown' }
      if (stands && !stands.vacant) return { outcome: 'conflict' }
      expected = stands?.revision ?? 0
    }
    return { outcome: 'conflict' }
  }

  async update(key: string, value: Uint8Array, revision: number): Promise<Written> {
    assert(revision > 0, 'a revision to write over is above 0')
    return this.#write(key, value, revision)
  }

  async remove(key: string, revision: number): Promise<Written> {
    assert(revision > 0, 'a revision to remove is above 0')
    return this.#write(key, new Uint8Array(0), revision, { 'KV-Operation': 'DEL' })
  }

  async read(key: string): Promise<Entry | undefined> {
    const stored = await this.#last(key)
    if (!stored || stored.vacant) return undefined
    const { value, revision, writtenAt } = stored
    return { value, revision, writtenAt }
  }

  /**
   * Key by key, which needs no other permission than `read` and is as strong: the stream's leader answers each from
   * its own store. 1,100 keys measured 40 ms. Together they are of no one moment: others may write meanwhile.
   */
  async entries(): Promise<ReadonlyMap<string, Entry>> {
    const skip = this.#prefix.length + 1
    const subjects = await this.#keeper.whereItIs(() =>
      this.#jetstream.subjects(this.#stream, `${this.#prefix}.>`),
    )
    const keys = subjects.map((subject) => subject.slice(skip)).sort()
    const found = keys.map((key): [string, Entry | undefined] => [key, undefined])
    const queue = found.values()
    const reader = async () => {
      for (const slot of queue) slot[1] = await this.read(slot[0])
    }
    await Promise.all(Array.from({ length: readsAtOnce }, reader))
    return new Map(found.filter((slot): slot is [string, Entry] => slot[1] !== undefined))
  }

  async #write(key: string, value: Uint8Array, expected: number, headers = {}): Promise<Written> {
    const subject = this.#subject(key)
    if (this.#keeper.isOfLost(key, expected)) return { outcome: 'conflict' }
    try {
      const answer = await this.#jetstream.store(this.#stream, subject, value, expected, headers)
      if ('error' in answer) return this.#refused(key, answer.error)
      this.#keeper.saw(key, answer.revision)
      return { outcome: 'written', ...answer }
    } catch (error) {
      if (error instanceof BusError && ambiguous.has(error.code)) return { outcome: 'unknown' }
      throw error
    }
  }

  /** Any refusal that is not a conflict leaves it to a read to tell what stands. */
  #refused(key: string, error: ApiError): Written {
    if (isConflict(error)) return { outcome: 'conflict' }
    this.#jetstream.note({
      level: 'warn',
      message: `${this.#stream} did not take ${key}: ${error.description}`,
    })
    return { outcome: 'unknown' }
  }

  async #standing(key: string): Promise<Stored | undefined | 'unknown'> {
    try {
      return await this.#last(key)
    } catch (error) {
      if (error instanceof BusError && ambiguous.has(error.code)) return 'unknown'
      throw error
    }
  }

  /** A write to a stream that is gone only hears that nobody answers: it is the read after it that finds out. */
  async #last(key: string): Promise<Stored | undefined> {
    const subject = this.#subject(key)
    const stored = await this.#keeper.whereItIs(() => this.#jetstream.last(this.#stream, subject))
    if (stored) this.#keeper.saw(key, stored.revision)
    return stored
  }

  #subject(key: string): string {
    if (/^[-/=\w]+(?:\.[-/=\w]+)*$/.test(key)) return `${this.#prefix}.${key}`
    const rule = 'letters, digits, - / = _ and dots between'
    throw new BusError('bad-subject', `${JSON.stringify(key.slice(0, 80))} cannot be a key: ${rule}`)
  }
}
