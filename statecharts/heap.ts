/** A binary heap: the earliest of many in O(log n), without a timer for each. */
export class Heap<Item extends { readonly at: number }> {
  private readonly items: Item[] = []

  get size(): number {
    return this.items.length
  }

  peek(): Item | undefined {
    return this.items[0]
  }

  push(item: Item): void {
    const { items } = this
    let hole = items.push(item) - 1
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      const above = items[parent] as Item
      if (above.at <= item.at) break
      items[hole] = above
      hole = parent
    }
    items[hole] = item
  }

  /** Takes the earliest off, if it is due at `now`. */
  popDue(now: number): Item | undefined {
    const earliest = this.items[0]
    if (!earliest || earliest.at > now) return undefined
    const last = this.items.pop() as Item
    if (this.items.length > 0) this.sink(last)
    return earliest
  }

  /** Leaves out all but these. */
  keep(wanted: (item: Item) => boolean): void {
    const kept = this.items.filter(wanted)
    this.items.length = 0
    for (const item of kept) this.push(item)
  }

  private sink(item: Item): void {
    const { items } = this
    let hole = 0
    for (;;) {
      const child = this.earlierChild(hole)
      if (child === undefined || (items[child] as Item).at >= item.at) break
      items[hole] = items[child] as Item
      hole = child
    }
    items[hole] = item
  }

  private earlierChild(of: number): number | undefined {
    const left = 2 * of + 1
    if (left >= this.items.length) return undefined
    const right = left + 1
    if (right >= this.items.length) return left
    return (this.items[right] as Item).at < (this.items[left] as Item).at ? right : left
  }
}
