/**
 * Whoever reads must not make the leader deaf. A list is told one page a turn, when all that has come meanwhile was
 * heard, and so many rows a second; who reads seldom finds as much saved up as he is likely to want.
 */
import { type Effect, type Heard, wake } from '../decision.ts'
import { deny } from './callers.ts'
import type { Master } from './ledger.ts'

/** What an answer costs beside its rows, and how many things are looked at for the cost of one row. */
const rowsPerAnswer = 20
const looksPerRow = 20

type ListType = 'slaves.list' | 'frameworks.list' | 'tasks.list' | 'offers.list' | 'roles.list'

export interface Readers {
  /** The answers that are waited for, the first first. */
  readonly waiting: ((master: Master, at: number) => Effect[])[]
  /** Rows that may be told before anybody has to wait for more; below 0 when the last answer told more than that. */
  rows: number
  countedAt: number
  /** Whether the wake for the next answer is on its way. */
  due: boolean
}

export const newReaders = (): Readers => ({ waiting: [], rows: 0, countedAt: 0, due: false })

/** Has whoever asks wait for his turn, which is now unless somebody was answered only just. */
export function inTurn<T extends ListType>(answer: (master: Master, heard: Heard<T>) => Effect[]) {
  const decided = (master: Master, heard: Heard<T>): Effect[] => {
    const { waiting, due } = master.readers
    if (waiting.length >= master.settings.maxReaders) return deny(master, heard, 'too-many-readers')
    waiting.push((master, at) => answer(master, { ...heard, at }))
    return due ? [] : answerReader(master, heard)
  }
  return Object.defineProperty(decided, 'name', { value: answer.name })
}

/** One is answered, and the next one in another turn, as soon as there are rows for him. */
export function answerReader(master: Master, { at }: { readonly at: number }): Effect[] {
  const { readers, settings } = master
  const answer = readers.waiting.shift()
  readers.due = answer !== undefined
  if (!answer) return []
  const { readRowsPerSecond: perSecond, readSavedSeconds } = settings
  const earned = ((at - readers.countedAt) / 1000) * perSecond
  readers.rows = Math.min(readers.rows + earned, perSecond * readSavedSeconds)
  readers.countedAt = at
  const effects = answer(master, at)
  const waitMs = (Math.max(0, -readers.rows) / perSecond) * 1000
  return [...effects, wake('readers', at + waitMs)]
}

/** An answer was put together, of so many rows, and with a look at so many things. */
export function charge({ readers }: Master, rows: number, looks: number): void {
  readers.rows -= rowsPerAnswer + rows + looks / looksPerRow
}
