/** What is measured within the page itself; put into it by whoever drives the browser. */
globalThis.probe = {
  /** Frames a second over so long, ms. */
  frames: (forMs) =>
    new Promise((resolve) => {
      let frames = 0
      const began = performance.now()
      const count = () => {
        frames++
        const passed = performance.now() - began
        if (passed < forMs) requestAnimationFrame(count)
        else resolve((frames * 1000) / passed)
      }
      requestAnimationFrame(count)
    }),

  /** How much later than it was made, ms, each latest step was on the screen: the page tells when that was made. */
  lateness: (forMs) =>
    new Promise((resolve) => {
      const late = []
      const seen = new Set()
      const look = () => {
        const at = document.querySelector('[data-at]')?.getAttribute('data-at')
        if (!at || seen.has(at)) return
        seen.add(at)
        requestAnimationFrame(() => late.push(Date.now() - Number(at)))
      }
      const observer = new MutationObserver(look)
      observer.observe(document.body, { subtree: true, attributes: true })
      // What stood there before was made long ago.
      look()
      setTimeout(() => {
        observer.disconnect()
        resolve(late.slice(1))
      }, forMs)
    }),

  /** Of the page's own heap, bytes. */
  memory: () => performance.memory.usedJSHeapSize,
}
