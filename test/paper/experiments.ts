/** Each of them, once: the page shows what it measured, and the tests look at it. */
import { drfExample } from './drfExample.ts'
import { type Sharing, scan } from './locality.ts'
import { measureWaits, mixes } from './longTasks.ts'
import { lotteryParts } from './lottery.ts'
import { tableTwo } from './tableTwo.ts'

const sharings: readonly Sharing[] = ['partition', 0, 1, 5]

/** Measured when it is first asked for. */
export const measured = {
  constant: once(() => tableTwo('constant')),
  exponential: once(() => tableTwo('exponential')),
  waits: once(() => mixes.map((mix, i) => measureWaits(mix, 1000 * i))),
  lottery: once(lotteryParts),
  scans: once(() => sharings.map((sharing) => ({ sharing, ...scan(sharing) }))),
  drf: once(drfExample),
}

function once<Result>(measure: () => Result): () => Result {
  let result: { readonly is: Result } | undefined
  return () => {
    result ??= { is: measure() }
    return result.is
  }
}
