/**
 * The registry in a KV bucket: what a leader must not forget, and no later leader may miss. Each value carries the
 * epoch of whoever wrote it; a write over a later one is given up, for its reign is over. What cannot be written now
 * is tried again until it stands: nobody waits for it but what depends on it.
 */
import { encode, unpack } from '../../shared/codec.ts'
import { token } from '../../shared/subjects.ts'
import type { Bucket, Clock, Entry, RegistryPort, Written } from './ports.ts'

export interface RegistryOptions {
  readonly bucket: Bucket
  readonly clock: Clock
  /** What could not be read or written is tried again after, ms. */
  readonly retryMs: number
  readonly note: (level: 'warn', message: string) => void
}

/** Where each reign begins: written anew by it, so that the server's clock tells how old everything else is. */
const reignKey = 'reign'

/** `fenced`: a later reign has written there. */
type Kept = 'kept' | 'fenced' | 'unknown' | 'conflict'

/** A reign, and where in the bucket it began. */
interface Reign {
  readonly epoch: number
  readonly revision: number
}

/** The reign before this one; where our own was written already, and only the answer was lost, the one before that. */
function reignBefore(standing: Entry | undefined, epoch: number): Reign {
  const { epoch: last, before } = (standing && unpack(standing.value)) ?? {}
  if (last === epoch) return before as Reign
  return { epoch: Number(last ?? 0), revision: standing?.revision ?? 0 }
}

interface Pending {
  readonly epoch: number
  entry: object | undefined
  readonly kept: (() => void)[]
}

export class Registry implements RegistryPort {
  private readonly options: RegistryOptions
  /** The last revision of each key that we know of. */
  private readonly revisions = new Map<string, number>()
  /** Writes to one key go one after the other. */
  private readonly writing = new Map<string, Pending>()
  private readonly waiting = new Map<string, Pending>()
  private epoch = 0

  constructor(options: RegistryOptions) {
    this.options = options
  }

  load(epoch: number, loaded: Parameters<RegistryPort['load']>[1]): void {
    this.epoch = epoch
    this.waiting.clear()
    this.revisions.clear()
    this.read(epoch).then(loaded, (error: Error) => {
      if (this.epoch !== epoch) return
      this.options.note('warn', `the registry cannot be read: ${error.message}`)
      this.later(() => {
        if (this.epoch === epoch) this.load(epoch, loaded)
      })
    })
  }

  keep(epoch: number, key: string, entry: object | undefined, kept: () => void): void {
    const waiting = this.waiting.get(key)
    if (waiting?.epoch === epoch) {
      waiting.entry = entry
      waiting.kept.push(kept)
    } else this.waiting.set(key, { epoch, entry, kept: [kept] })
    if (!this.writing.has(key)) void this.writeNext(key)
  }

  /** When nothing is on its way any more. */
  async settled(): Promise<void> {
    for (let tries = 0; this.writing.size > 0 && tries < 10; tries++)
      await new Promise((resolve) => setTimeout(resolve, this.options.retryMs / 10))
  }

  private async read(epoch: number): Promise<Parameters<Parameters<RegistryPort['load']>[1]>[0]> {
    const { bucket } = this.options
    const standing = await bucket.read(reignKey)
    const before = reignBefore(standing, epoch)
    if (before.epoch > epoch) return { entries: [], laterReign: before.epoch }
    const value = encode({ epoch, before })
    const written = standing
      ? await bucket.update(reignKey, value, standing.revision)
      : await bucket.create(reignKey, value)
    if (written.outcome !== 'written') throw new Error(`its reign was not written down: ${written.outcome}`)
    const entries = await bucket.entries()
    const now = entries.get(reignKey)?.writtenAt ?? 0
    return { entries: this.entered(entries, now, before) }
  }

  private entered(entries: ReadonlyMap<string, Entry>, now: number, before: Reign) {
    const oldestFirst = [...entries].sort(([, a], [, b]) => a.revision - b.revision)
    return oldestFirst.flatMap(([written, { value, revision, writtenAt }]) => {
      const { key, entry, epoch } = unpack(value) ?? {}
      if (typeof key !== 'string' || typeof entry !== 'object' || entry === null) return []
      this.revisions.set(written, revision)
      const late = Number(epoch) < before.epoch && revision > before.revision
      return [{ key, entry, agoMs: Math.max(0, now - writtenAt), late }]
    })
  }

  private async writeNext(key: string): Promise<void> {
    const next = this.waiting.get(key)
    this.waiting.delete(key)
    if (!next || next.epoch !== this.epoch) return
    this.writing.set(key, next)
    const outcome = await this.write(key, next).catch((error: Error) => error)
    this.writing.delete(key)
    if (outcome === 'kept') for (const kept of next.kept) kept()
    else if (outcome !== 'fenced') this.tryAgain(key, next, outcome)
    if (this.waiting.has(key)) void this.writeNext(key)
  }

  private tryAgain(key: string, failed: Pending, why: string | Error): void {
    const reason = why instanceof Error ? why.message : why
    this.options.note('warn', `${key} does not stand in the registry yet: ${reason}`)
    const newer = this.waiting.get(key)
    const kept = () => {
      for (const each of failed.kept) each()
    }
    if (newer) newer.kept.push(kept)
    else this.later(() => this.keep(failed.epoch, key, failed.entry, kept))
  }

  private async write(key: string, { epoch, entry }: Pending): Promise<Kept> {
    const written = token(key)
    const revision = this.revisions.get(written) ?? 0
    const { outcome, ...rest } = await this.writeOver(written, revision, epoch, key, entry)
    if (outcome !== 'written') return this.lookAgain(written, epoch, entry === undefined, outcome)
    if (entry === undefined) this.revisions.delete(written)
    else if ('revision' in rest) this.revisions.set(written, rest.revision)
    return 'kept'
  }

  private writeOver(
    written: string,
    revision: number,
    epoch: number,
    key: string,
    entry: object | undefined,
  ): Promise<Written> {
    const { bucket } = this.options
    if (entry === undefined)
      return revision > 0 ? bucket.remove(written, revision) : Promise.resolve({ outcome: 'conflict' })
    const value = encode({ epoch, key, entry })
    return revision > 0 ? bucket.update(written, value, revision) : bucket.create(written, value)
  }

  /** Not written, or nobody knows: what stands there now tells who is to write over what. */
  private async lookAgain(
    written: string,
    epoch: number,
    removing: boolean,
    outcome: 'conflict' | 'unknown',
  ): Promise<Kept> {
    const standing = await this.options.bucket.read(written)
    const by = standing ? Number(unpack(standing.value)?.epoch ?? 0) : 0
    if (by > epoch) return 'fenced'
    if (standing) this.revisions.set(written, standing.revision)
    else this.revisions.delete(written)
    return removing && !standing ? 'kept' : outcome
  }

  private later(call: () => void): void {
    this.options.clock.callAt(this.options.clock.now() + this.options.retryMs, call)
  }
}
