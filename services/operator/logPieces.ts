/** A task's log, read piece by piece to its end: nothing of it is told twice, and what is missing is told. */
import type { Answer } from '../../shared/messages.ts'

export interface LogReading {
  read(offset: number): Promise<Answer<'log.read'>>
  /** Whether nothing more is to be waited for; asked before each read, so that what was written before is read. */
  isOver(): boolean
  /** Waits before the log is looked at again, at least a little. */
  wait(): Promise<void>
}

/** Bytes that were written, or how many were dropped by rotation before they could be read. */
export type LogNews = { readonly bytes: Uint8Array } | { readonly dropped: number }

export async function* logPieces({ read, isOver, wait }: LogReading): AsyncGenerator<LogNews> {
  let offset = 0
  for (;;) {
    const last = isOver()
    const piece = await read(offset)
    if (piece.offset > offset) yield { dropped: piece.offset - offset }
    offset = piece.offset + piece.bytes.length
    if (piece.bytes.length > 0) yield { bytes: piece.bytes }
    else if (last || piece.over) return
    else await wait()
  }
}

/** What is there now, and not what is written meanwhile: a task may write faster than anybody reads. */
export function presentLog(read: LogReading['read']): AsyncGenerator<LogNews> {
  let size = Number.POSITIVE_INFINITY
  const bounded = async (offset: number) => {
    const piece = await read(offset)
    size = Math.min(size, piece.size)
    const bytes = piece.bytes.subarray(0, Math.max(0, size - piece.offset))
    return { ...piece, bytes }
  }
  return logPieces({ read: bounded, isOver: () => true, wait: async () => {} })
}

const shortestPauseMs = 50
const longestPauseMs = 500

/** Pauses that grow while nothing comes, so that a quiet log costs little and a lively one is told at once. */
export class Patience {
  #ms = shortestPauseMs
  #wake: (() => void) | undefined

  reset(): void {
    this.#ms = shortestPauseMs
  }

  /** Ends the pause of the moment. */
  wake(): void {
    this.#wake?.()
  }

  async pause(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      timer = setTimeout(resolve, this.#ms)
    })
    clearTimeout(timer)
    this.#ms = Math.min(this.#ms * 2, longestPauseMs)
  }
}
