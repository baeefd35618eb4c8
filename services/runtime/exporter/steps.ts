/** How often an actor has heard what, and how long its decisions took: kept only where somebody scrapes. */
import type { Meter } from '../actor.ts'
import type { Metrics } from './metrics.ts'
import { by } from './reading.ts'

interface Heard {
  count: number
  ms: number
}

/** A meter of one actor; `prefix` names its role, such as `proffer_master`. */
export function meterSteps(metrics: Metrics, prefix: string): Meter {
  const heard = new Map<string, Heard>()
  const each = (part: (one: Heard) => number) => () =>
    by(
      'heard',
      [...heard].map(([type, one]) => [type, part(one)] as const),
    )
  metrics.counter(
    `${prefix}_steps_total`,
    'Steps of its chart, by what it heard.',
    each(({ count }) => count),
    'heard',
  )
  metrics.counter(
    `${prefix}_steps_seconds_total`,
    'Time that its decisions took, by what it heard; what they asked of the world is not in it.',
    each(({ ms }) => ms / 1000),
    'heard',
  )
  return {
    decided({ type }, ms) {
      const one = heard.get(type)
      if (!one) heard.set(type, { count: 1, ms })
      else {
        one.count++
        one.ms += ms
      }
    },
  }
}
