/**
 * Frameworks that want offers, in the order in which the policy serves them: a binary heap, so that looking at one
 * freed slave costs one comparison for each framework, and every further slave only a few.
 */
export class Line<Waiting> {
  private readonly heap: Waiting[]
  private readonly before: (a: Waiting, b: Waiting) => boolean

  constructor(waiting: Waiting[], before: (a: Waiting, b: Waiting) => boolean) {
    this.heap = waiting
    this.before = before
    for (let i = (waiting.length >> 1) - 1; i >= 0; i--) this.sink(i)
  }

  /**
   * Serves the first in line that would have it. `serve` may change its place: it is taken out before, and stands in
   * line again after.
   */
  serveFirst(wouldHave: (waiting: Waiting) => boolean, serve: (waiting: Waiting) => void): void {
    const passed: Waiting[] = []
    for (let first = this.pop(); first !== undefined; first = this.pop()) {
      passed.push(first)
      if (!wouldHave(first)) continue
      serve(first)
      break
    }
    for (const each of passed) this.push(each)
  }

  private pop(): Waiting | undefined {
    const [first] = this.heap
    const last = this.heap.pop()
    if (last === undefined || this.heap.length === 0) return first
    this.heap[0] = last
    this.sink(0)
    return first
  }

  private push(waiting: Waiting): void {
    const { heap, before } = this
    let hole = heap.push(waiting) - 1
    while (hole > 0) {
      const above = (hole - 1) >> 1
      if (!before(waiting, heap[above] as Waiting)) break
      heap[hole] = heap[above] as Waiting
      hole = above
    }
    heap[hole] = waiting
  }

  private sink(from: number): void {
    const { heap, before } = this
    const sinking = heap[from] as Waiting
    let hole = from
    for (;;) {
      let below = 2 * hole + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && before(heap[below + 1] as Waiting, heap[below] as Waiting)) below++
      if (!before(heap[below] as Waiting, sinking)) break
      heap[hole] = heap[below] as Waiting
      hole = below
    }
    heap[hole] = sinking
  }
}
