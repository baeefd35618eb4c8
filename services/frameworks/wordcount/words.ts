/**
 * Words as `tr -cs 'A-Za-z' '\n' | tr 'A-Z' 'a-z'` knows them: runs of ASCII letters, in small letters; every other
 * byte parts them. A text is counted in chunks, cut anywhere: what stands at the two ends of a chunk may be half a
 * word, and is told apart from what the chunk knows to be whole.
 */

/** What a chunk of a text holds. */
export interface Counted {
  /** The letters before the first other byte: the end of a word that may have begun in the chunk before. */
  readonly head: string
  /** The letters after the last other byte; absent when the chunk is all letters, which are then in `head`. */
  readonly tail?: string
  /** How often each word occurs between the two. */
  readonly counts: Readonly<Record<string, number>>
}

export function countWords(chunk: Uint8Array): Counted {
  // One character for each byte, so that no byte beyond ASCII can become a letter.
  const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
  const [head = '', ...words] = text.toLowerCase().split(/[^a-z]+/)
  const tail = words.pop()
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return { head, ...(tail !== undefined && { tail }), counts: Object.fromEntries(counts) }
}

/** Adds up the chunks of one text, which may come in any order. */
export class WordTotals {
  readonly #counts = new Map<string, number>()
  readonly #edges: Pick<Counted, 'head' | 'tail'>[] = []

  /** `index` is the chunk's place in the text. */
  add(index: number, { head, tail, counts }: Counted): void {
    for (const [word, count] of Object.entries(counts)) this.#count(word, count)
    this.#edges[index] = { head, ...(tail !== undefined && { tail }) }
  }

  /** How often each word occurs, once all chunks are there: joins what was cut. */
  finish(): ReadonlyMap<string, number> {
    let word = ''
    let isFirst = true
    for (const { head, tail } of this.#edges) {
      word += head
      if (tail === undefined) continue
      // `tr` makes a line end of what a text begins with, and so an empty first line: it is counted like a word.
      if (word !== '' || isFirst) this.#count(word, 1)
      isFirst = false
      word = tail
    }
    if (word !== '') this.#count(word, 1)
    return this.#counts
  }

  #count(word: string, count: number): void {
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + count)
  }
}

/** Each word with its count, in the order of `sort | uniq -c`. */
export const byWord = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].sort(([a], [b]) => (a < b ? -1 : 1))

/** The same in the order of `sort | uniq -c | sort -rn`. */
export const byCount = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? 1 : -1))

/** In the form of `uniq -c`. */
export const asUniq = (words: readonly (readonly [word: string, count: number])[]): string =>
  words.map(([word, count]) => `${`${count}`.padStart(7)} ${word}\n`).join('')
