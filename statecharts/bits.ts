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

  get isEmpty(): boolean {
    return this.words.every((word) => word === 0)
  }

  /** Whether everything in the other set is in this one, too. */
  holdsAll(others: Bits): boolean {
    const { words } = this
    const { words: wanted } = others
    // Written out: it is asked of every slave that is looked at.
    for (let at = 0; at < wanted.length; at++) if (((wanted[at] ?? 0) & ~(words[at] ?? 0)) !== 0) return false
    return true
  }
}
