/**
 * Counts the words of many files: a batch whose work is one chunk each, done by a custom executor, and a reduce here,
 * where the counts come in. The slaves must see the files under the same paths as the scheduler does.
 */
import type { Amounts, ExecutorRequest, Framework } from '../../scheduler/index.ts'
import { batch, type Result, type Work } from '../batch.ts'
import { type Chunk, cutIntoChunks, TextError, type TextFile } from './files.ts'
import { maxChunkBytes, readCounted, writeTask } from './payloads.ts'
import { programOf } from './program.ts'
import { WordTotals } from './words.ts'

export { type Listing, listFiles, TextError, type TextFile } from './files.ts'
export { asUniq, byCount, byWord } from './words.ts'

export interface WordCountOptions {
  /** What the counting of a chunk takes; 0.1 CPUs and 32 MiB. */
  readonly needs?: Amounts
  /** Of a chunk, at the most; 128 KiB, which is also the most that it may be. */
  readonly chunkBytes?: number
  /** Told after each chunk. */
  readonly onProgress?: (counted: number) => void
}

export interface WordCount extends Framework {
  readonly chunks: number
  /** How often each word occurs in all files, read one after the other. Rejects with TextError when one cannot be read. */
  readonly counts: Promise<ReadonlyMap<string, number>>
}

/** A process on each slave where there is something to count; it ends when it was idle for a while. */
const executor: ExecutorRequest = {
  name: 'wordcount',
  command: programOf('executor'),
  mem: 64,
  idleSeconds: 10,
}

export function wordCount(files: readonly TextFile[], options: WordCountOptions = {}): WordCount {
  const { needs = { cpus: 0.1, mem: 32 }, onProgress = () => {} } = options
  const chunkBytes = Math.max(1, Math.min(options.chunkBytes ?? maxChunkBytes, maxChunkBytes))
  const chunks = cutIntoChunks(files, chunkBytes)
  const totals = new WordTotals()
  let counted = 0
  const onResult = ({ index, status }: Result) => {
    if (status.state === 'finished' && status.payload) totals.add(index, readCounted(status.payload))
    onProgress(++counted)
  }
  const { results, ...framework } = batch(
    chunks.map((chunk) => map(chunk, needs)),
    { onResult },
  )
  return { ...framework, chunks: chunks.length, counts: results.then((all) => reduce(all, totals)) }
}

const map = (chunk: Chunk, needs: Amounts): Work => ({ ...needs, executor, payload: writeTask(chunk) })

function reduce(results: readonly Result[], totals: WordTotals): ReadonlyMap<string, number> {
  const failed = results.find(({ status }) => status.state !== 'finished')
  if (failed) throw new TextError(failed.status.message ?? `chunk ${failed.index} was ${failed.status.state}`)
  return totals.finish()
}
