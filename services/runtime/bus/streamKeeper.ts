import { BusError } from './busError.ts'
import type { JetStream } from './jetstream.ts'
import { openStream, type StreamFound, type StreamWanted } from './kvStream.ts'

type KeptStream = Pick<StreamWanted, 'bucket' | 'stream' | 'options'>

/**
 * How far the revisions of a stream made anew lie above all that we saw of the lost one: others may have seen more
 * of it, but not by a million. So a revision of the lost one stands nowhere in the new one, and epochs go on rising.
 */
const leap = 1_000_000

/**
 * Makes a bucket's stream anew when it is gone while the bucket is in use: somebody deleted it, or the server came
 * back with an empty store. What it held is lost, so that every key is vacant; a revision of the lost stream must
 * not pass for one of the new. Who opens the bucket only now knows of no loss, and makes it from revision 1.
 */
export class StreamKeeper {
  readonly #jetstream: JetStream
  readonly #wanted: KeptStream
  #stands: StreamFound
  #remaking: Promise<void> | undefined
  #highest: number
  /**
   * What was seen at each key of a stream whose revisions began below those of the lost one, as before 2.10: only
   * these are written over.
   */
  #seen: Map<string, number> | undefined

  constructor(jetstream: JetStream, wanted: KeptStream, stands: StreamFound) {
    this.#jetstream = jetstream
    this.#wanted = wanted
    this.#stands = stands
    this.#highest = stands.lastRevision
  }

  /** Asks, and once more when the stream was gone and is there again. */
  async whereItIs<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof BusError) || error.code !== 'bucket-gone') throw error
    }
    await this.#remakeOnce()
    return ask()
  }

  saw(key: string, revision: number): void {
    this.#highest = Math.max(this.#highest, revision)
    this.#seen?.set(key, revision)
  }

  /** Whether a revision to write over can only be one of a stream that is no more. */
  isOfLost(key: string, revision: number): boolean {
    return revision > 0 && this.#seen !== undefined && this.#seen.get(key) !== revision
  }

  /** All who find it gone at once wait for one attempt. */
  #remakeOnce(): Promise<void> {
    this.#remaking ??= this.#remake().finally(() => {
      this.#remaking = undefined
    })
    return this.#remaking
  }

  async #remake(): Promise<void> {
    const found = await openStream(this.#jetstream, {
      ...this.#wanted,
      firstRevision: this.#highest + leap,
      patienceMs: this.#jetstream.timeoutMs,
    })
    // One that heard late that it was gone finds what is made already.
    if (found.created === this.#stands.created) return
    this.#stands = found
    this.#seen = found.lastRevision < this.#highest ? new Map() : undefined
    this.#jetstream.note({
      level: 'warn',
      message: `bucket ${this.#wanted.bucket} was gone and is made anew: what it held is lost`,
    })
  }
}
