/** What waits behind what is not on the disk yet: passed in the order in which it came, once that is. */
export class Gate {
  /** Behind each write that is not done yet, what waits for it and for all before it. */
  private readonly waiting: { done: boolean; readonly calls: (() => void)[] }[] = []
  private closed = false

  /** Calls now, or when all that the gate was shut for is done. */
  pass(call: () => void): void {
    const last = this.waiting.at(-1)
    if (last) last.calls.push(call)
    else if (!this.closed) call()
  }

  /** Shuts it behind one write more; returns how to open that again. */
  shut(): () => void {
    const behind = { done: false, calls: [] }
    this.waiting.push(behind)
    return () => {
      behind.done = true
      this.release()
    }
  }

  /** Nothing passes any more. */
  close(): void {
    this.closed = true
    this.waiting.length = 0
  }

  private release(): void {
    for (let [first] = this.waiting; first?.done && !this.closed; [first] = this.waiting) {
      // While these are carried out the first still stands, so that whatever they cause comes behind them.
      for (let call = first.calls.shift(); call && !this.closed; call = first.calls.shift()) call()
      if (this.waiting[0] === first) this.waiting.shift()
    }
  }
}
