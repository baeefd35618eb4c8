import { assert } from '../../../shared/assert.ts'
import type { Bucket, BucketOptions, Written } from '../ports.ts'
import { BusError, type BusErrorCode } from './busError.ts'
import { type ApiError, isConflict, type JetStream, type Stored } from './jetstream.ts'
import { openStream } from './kvStream.ts'

/** Strong reads in flight while keys are listed: enough to hide the way to the server, too few to crowd it. */
const readsAtOnce = 32

/** Between seeing what stands at a key and writing over it, others may write; more rounds than this is a fight. */
const createRounds = 3

/** A failure that leaves open whether the write took place. */
const ambiguous: ReadonlySet<BusErrorCode> = new Set(['timeout', 'no-responders', 'disconnected', 'closed'])

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
  const stream = `KV_${name}`
  await openStream(jetstream, name, stream, options)
  return new KvBucket(jetstream, stream, `$KV.${name}`)
}

class KvBucket implements Bucket {
  readonly #jetstream: JetStream
  readonly #stream: string
  readonly #prefix: string

  constructor(jetstream: JetStream, stream: string, prefix: string) {
    this.#jetstream = jetstream
    this.#stream = stream
    this.#prefix = prefix
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

  async read(key: string): Promise<{ readonly value: Uint8Array; readonly revision: number } | undefined> {
    const stored = await this.#last(key)
    return stored && !stored.vacant ? { value: stored.value, revision: stored.revision } : undefined
  }

  async keys(): Promise<string[]> {
    const skip = this.#prefix.length + 1
    const subjects = await this.#jetstream.subjects(this.#stream, `${this.#prefix}.>`)
    const keys: string[] = []
    for (let from = 0; from < subjects.length; from += readsAtOnce) {
      const some = subjects.slice(from, from + readsAtOnce).map((subject) => subject.slice(skip))
      const values = await Promise.all(some.map((key) => this.read(key)))
      keys.push(...some.filter((_, index) => values[index]))
    }
    return keys.sort()
  }

  async #write(key: string, value: Uint8Array, expected: number, headers = {}): Promise<Written> {
    const subject = this.#subject(key)
    try {
      const answer = await this.#jetstream.store(this.#stream, subject, value, expected, headers)
      return 'error' in answer ? this.#refused(key, answer.error) : { outcome: 'written', ...answer }
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

  #last(key: string): Promise<Stored | undefined> {
    return this.#jetstream.last(this.#stream, this.#subject(key))
  }

  #subject(key: string): string {
    if (/^[-/=\w]+(?:\.[-/=\w]+)*$/.test(key)) return `${this.#prefix}.${key}`
    const rule = 'letters, digits, - / = _ and dots between'
    throw new BusError('bad-subject', `${JSON.stringify(key.slice(0, 80))} cannot be a key: ${rule}`)
  }
}
