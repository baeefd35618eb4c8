/** A set of small numbers that grows as it must: one bit for each, so that many are looked at in one go. */
export class Bits {
  private words = new Uint32Array(0)

  has(index: number): boolean {
    const word = this.words[index >>> 5]
    return word !== undefined && (word & (1 << (index & 31))) !== 0
  }

  add(index: number): void {
    const at = index >>> 5
    if (at >= this.words.length) {
      const grown = new Uint32Array(Math.max(at + 1, this.words.length + (this.words.length >> 1)))
      grown.set(this.words)
      this.words = grown
    }
    this.words[at] = (this.words[at] ?? 0) | (1 << (index & 31))
  }

  delete(index: number): void {
    const word = this.words[index >>> 5]
    if (word !== undefined) this.words[index >>> 5] = word & ~(1 << (index & 31))
  }

  /** Whether everything in the other set is in this one, too. */
  holdsAll(others: Bits): boolean {
    const { words } = this
    return others.words.every((word, at) => (word & ~(words[at] ?? 0)) === 0)
  }
}
