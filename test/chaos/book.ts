/** What a framework remembers of its work: for each item its attempts, and what is under way. Kept where it outlives the process. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type Store, StoreUnknown } from '../../services/scheduler/index.ts'

/** Attempts so far, whether the last is under way, whether it is done. */
export type Line = [attempts: number, underWay: boolean, done: boolean]
export interface Book {
  /** Who wrote it, and as what: an answer that was lost is found out by it. */
  writer: string
  lines: Line[]
}

export interface Shelf {
  load(): Promise<Book | undefined>
  /** Resolves when it is safe; rejects when somebody else has written. */
  save(book: Book): Promise<void>
}

export const newBook = (items: number): Book => ({
  writer: '',
  lines: Array.from({ length: items }, () => [0, false, false]),
})

/** A file of one process; written aside first, so that it is whole at any moment. */
export function fileShelf(file: string): Shelf {
  return {
    load: async () => readJson<Book>(file),
    save: async (book) => writeWhole(file, JSON.stringify(book)),
  }
}

export function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.${process.pid}`, text)
  renameSync(`${file}.${process.pid}`, file)
}

export function readJson<Value>(file: string): Value | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Value
  } catch {
    return undefined
  }
}

const entryName = 'book'

/** The store that several schedulers share: whoever finds that another has written is not the one that leads. */
export function storeShelf(store: () => Promise<Store>): Shelf {
  let revision: number | undefined
  const load = async () => {
    const entry = await (await store()).get<Book>(entryName)
    revision = entry?.revision
    return entry?.value
  }
  const write = async (book: Book) => {
    const opened = await store()
    revision =
      revision === undefined
        ? await opened.create(entryName, book)
        : await opened.update(entryName, book, revision)
  }
  const save = async (book: Book): Promise<void> => {
    const before = revision
    try {
      await write(book)
    } catch (error) {
      if (!(error instanceof StoreUnknown)) throw error
      const there = await load()
      if (there?.writer === book.writer) return
      if (revision !== before) throw error
      await save(book)
    }
  }
  return { load, save }
}
