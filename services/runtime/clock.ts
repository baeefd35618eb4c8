/** The clock of a real process: ms since 1970 as it was at the start, counted on monotonically from there. */
import type { Clock } from './ports.ts'

/** A timer of Node cannot wait longer; whoever is woken too early looks at the time and waits on. */
const longestWaitMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),

  callAt(at, call) {
    const waitMs = at - systemClock.now()
    if (waitMs <= 0) {
      const soon = setImmediate(call)
      return () => clearImmediate(soon)
    }
    const timer = setTimeout(call, Math.min(Math.ceil(waitMs), longestWaitMs))
    return () => clearTimeout(timer)
  },
}
