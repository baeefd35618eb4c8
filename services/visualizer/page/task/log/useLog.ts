/** A task's log, read on for as long as it is looked at. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Answers } from '../../../language.ts'
import { ask } from '../../connection.ts'
import { LogText } from './logText.ts'

export type Stream = 'stdout' | 'stderr'
export interface SeenLog {
  readonly log: LogText
  /** Bytes that were not read, because only the end of a long log is. */
  readonly skipped: number
  /** Nothing more will come. */
  readonly over: boolean
  readonly read: boolean
  readonly sorry?: string
}

/** Of a longer log only so much of the end is read, bytes. */
export const tailBytes = 512 * 1024
const pauseMs = 500
/** Who could not answer is asked again after. */
const sorryMs = 3000

/** A new value each time that something of it has changed. */
export function useLog(task: string, stream: Stream): SeenLog {
  const [seen, setSeen] = useState(nothingRead)
  const wanted = useRef(0)
  useEffect(() => {
    const turn = ++wanted.current
    setSeen(nothingRead())
    void follow({ task, stream, isWanted: () => wanted.current === turn, tell: setSeen })
    return () => {
      wanted.current++
    }
  }, [task, stream])
  return seen
}

const nothingRead = (): SeenLog => ({ log: new LogText(), skipped: 0, over: false, read: false })

interface Following {
  readonly task: string
  readonly stream: Stream
  readonly isWanted: () => boolean
  readonly tell: (seen: SeenLog) => void
}

async function follow({ task, stream, isWanted, tell }: Following): Promise<void> {
  let seen = nothingRead()
  let offset = 0
  while (isWanted() && !seen.over) {
    const piece = await ask<'log'>({ about: 'log', task, stream, offset }).catch((error: Error) => error)
    if (!isWanted()) return
    if (piece instanceof Error) {
      tell({ ...seen, read: true, sorry: piece.message })
      await pause(sorryMs)
    } else if (!seen.read && piece.size - piece.next > tailBytes) {
      offset = piece.size - tailBytes
      seen = { ...seen, skipped: offset, read: true }
    } else {
      const fresh = taken(seen, piece, offset)
      offset = piece.next
      if (fresh !== seen) tell(fresh)
      seen = fresh
      if (piece.text === '') await pause(pauseMs)
    }
  }
}

/** The same where nothing has changed. `offset` is where it was asked for. */
function taken(seen: SeenLog, { text, offset, over, ...piece }: Answers['log'], asked: number): SeenLog {
  const done = over && piece.next >= piece.size
  const unchanged = text === '' && seen.read && done === seen.over && seen.sorry === undefined
  if (unchanged) return seen
  seen.log.append(text)
  return { log: seen.log, skipped: seen.skipped + Math.max(0, offset - asked), over: done, read: true }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
