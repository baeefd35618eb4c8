/**
 * A map that can be read a piece at a time while things come and go: each has a place, later ones a higher place, and
 * whoever has read up to one goes on right behind it without walking to it.
 */
interface Entry<Key, Thing> {
  readonly place: number
  readonly key: Key
  /** Absent once it has left: its place stays until such places are as many as the others. */
  thing: Thing | undefined
}

/** Nothing is gained by mending a short list. */
const fewGaps = 32

export class Roll<Key, Thing extends object> extends Map<Key, Thing> {
  readonly #entryOf = new Map<Key, Entry<Key, Thing>>()
  #entries: Entry<Key, Thing>[] = []
  #places = 0

  /** What is new stands last, also where something else had its key. */
  override set(key: Key, thing: Thing): this {
    this.delete(key)
    const entry = { place: ++this.#places, key, thing }
    this.#entryOf.set(key, entry)
    this.#entries.push(entry)
    return super.set(key, thing)
  }

  override delete(key: Key): boolean {
    const entry = this.#entryOf.get(key)
    if (!entry) return false
    entry.thing = undefined
    this.#entryOf.delete(key)
    super.delete(key)
    const gaps = this.#entries.length - this.size
    if (gaps > this.size + fewGaps) this.#entries = this.#entries.filter(({ thing }) => thing)
    return true
  }

  override clear(): void {
    super.clear()
    this.#entryOf.clear()
    this.#entries = []
  }

  /** Everything behind a place, in order; gaps are told as well, so that whoever counts what he looks at counts them. */
  *behind(place: number): Generator<{ readonly place: number; readonly thing: Thing | undefined }> {
    const entries = this.#entries
    for (let at = this.#firstBehind(place); at < entries.length; at++) yield entries[at] as Entry<Key, Thing>
  }

  /** Places rise: half of what is left is ruled out with each look. */
  #firstBehind(place: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#entries[middle] as Entry<Key, Thing>).place > place) high = middle
      else low = middle + 1
    }
    return low
  }
}
