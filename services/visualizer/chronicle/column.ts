/** Very many numbers in a row, by ever growing indexes; the oldest can be let go. */

const chunkBits = 14
export const chunkSize = 1 << chunkBits
const within = chunkSize - 1

type Numbers = Float64Array | Int32Array | Uint8Array

export class Column {
  readonly #make: () => Numbers
  readonly #chunks: (Numbers | undefined)[] = []
  #length = 0

  constructor(kind: 'float64' | 'int32' | 'uint8') {
    this.#make = {
      float64: () => new Float64Array(chunkSize),
      int32: () => new Int32Array(chunkSize),
      uint8: () => new Uint8Array(chunkSize),
    }[kind]
  }

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    const chunk = this.#length >> chunkBits
    const numbers = this.#chunks[chunk] ?? this.#make()
    this.#chunks[chunk] = numbers
    numbers[this.#length & within] = value
    this.#length++
  }

  /** 0 for what is not there, or was let go. */
  at(index: number): number {
    return this.#chunks[index >> chunkBits]?.[index & within] ?? 0
  }

  set(index: number, value: number): void {
    const numbers = this.#chunks[index >> chunkBits]
    if (numbers) numbers[index & within] = value
  }

  /** Lets go of whole chunks below this index. */
  dropBelow(index: number): void {
    for (let chunk = (index >> chunkBits) - 1; chunk >= 0 && this.#chunks[chunk]; chunk--)
      this.#chunks[chunk] = undefined
  }

  /** The first index from `from` on whose value is above `value`, where values never fall. */
  firstAbove(value: number, from = 0): number {
    let low = from
    let high = this.#length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.at(middle) > value) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** The same in a plain list, from its start. */
export function countUpTo(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) > value) high = middle
    else low = middle + 1
  }
  return low
}

/** Words as small numbers. */
export class Words {
  readonly #codes = new Map<string, number>()
  readonly #words: string[] = []

  code(word: string): number {
    const known = this.#codes.get(word)
    if (known !== undefined) return known
    this.#codes.set(word, this.#words.length)
    return this.#words.push(word) - 1
  }

  word(code: number): string {
    return this.#words[code] ?? ''
  }
}
