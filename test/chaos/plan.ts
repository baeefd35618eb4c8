/** The plan of the mischief: from the seed alone, so that a seed repeats it. What the machine makes of it is its own. */
import { Chance } from '../../services/simulator/weather.ts'

export type Deed = 'kill' | 'stop' | 'term'
export type Target = 'nats' | 'master' | 'slave' | 'scheduler' | 'executor' | 'launcher'

export interface Trick {
  readonly atMs: number
  readonly deed: Deed
  readonly target: Target
  /** Which of its kind. */
  readonly index: number
  /** How long it is away; executors and launchers come back by themselves. */
  readonly forMs: number
}

export type Counts = Readonly<Record<Target, number>>

/** How often each is done, of the sum of all. */
const weights: readonly (readonly [number, Deed, Target])[] = [
  [14, 'kill', 'master'],
  [8, 'stop', 'master'],
  [5, 'term', 'master'],
  [15, 'kill', 'slave'],
  [10, 'stop', 'slave'],
  [5, 'term', 'slave'],
  [12, 'kill', 'scheduler'],
  [7, 'stop', 'scheduler'],
  [4, 'term', 'scheduler'],
  [7, 'kill', 'nats'],
  [4, 'stop', 'nats'],
  [3, 'term', 'nats'],
  [5, 'kill', 'executor'],
  [3, 'stop', 'executor'],
  [6, 'kill', 'launcher'],
]
/** A process that has come back is left in peace for as long as it takes to start. */
const restMs = 1500
/** A server that has come back has more to do before another may go: it fetches what it missed. */
const natsRestMs = 5000
const mayEndItself = ['executor', 'launcher']

export interface PlanOptions {
  readonly seed: number
  readonly ms: number
  readonly counts: Counts
  /** Nobody is away for longer. */
  readonly longestMs: number
}

export function planOf({ seed, ms, counts, longestMs }: PlanOptions): Trick[] {
  const chance = new Chance(seed)
  const busyUntil = new Map<string, number>()
  const tricks: Trick[] = []
  for (let atMs = chance.between(300, 1500); atMs < ms; atMs += chance.between(200, 2500)) {
    const [deed, target] = draw(chance)
    const trick = { atMs, deed, target, index: chance.between(0, counts[target] - 1), forMs: 0 }
    const forMs = Math.min(awayMs(chance, deed), longestMs, Math.max(0, ms - atMs))
    const key = target === 'nats' ? target : `${target} ${trick.index}`
    if ((busyUntil.get(key) ?? 0) > atMs || mustStay(trick)) continue
    busyUntil.set(key, atMs + forMs + (target === 'nats' ? natsRestMs : restMs))
    tricks.push({ ...trick, forMs })
  }
  return tricks
}

function draw(chance: Chance): readonly [Deed, Target] {
  let left = chance.between(0, weights.reduce((sum, [weight]) => sum + weight, 0) - 1)
  for (const [weight, deed, target] of weights) {
    left -= weight
    if (left < 0) return [deed, target]
  }
  throw new Error('the weights do not cover all that is drawn')
}

/** At once, for a moment, or for longer than leases and timeouts last. */
function awayMs(chance: Chance, deed: Deed): number {
  const isLong = chance.happens(deed === 'stop' ? 500 : 250)
  const [short, long] = [chance.between(200, 2000), chance.between(4500, 13_000)]
  if (isLong) return long
  return deed !== 'stop' && chance.happens(500) ? 0 : short
}

/** A launcher is none of the parts that end when they are asked to. */
const mustStay = ({ deed, target }: Trick): boolean => mayEndItself.includes(target) && deed === 'term'
