/** The keyboard's place among bars: along a slave's bars in the order of time, and from slave to slave. */
import type { Bar } from '../../language.ts'
import { keyOf, type Picked, type PlacedSlave } from './rows.ts'

export type Direction = 'earlier' | 'later' | 'up' | 'down'

const beganAt = ({ phases }: Bar): number => phases[0]?.at ?? 0
const inTime = ({ slave }: PlacedSlave): Bar[] =>
  [...slave.bars].sort((a, b) => beganAt(a) - beganAt(b) || a.row - b.row)

/** The next bar that way; the first of all where there is none yet; the same where there is no other. */
export function moved(
  placed: readonly PlacedSlave[],
  key: string | undefined,
  direction: Direction,
): Picked | undefined {
  const present = pickedBy(placed, key)
  if (!present) return firstOf(placed)
  if (direction === 'up' || direction === 'down') return beside(placed, present, direction)
  const bars = inTime(present.slave)
  const at = bars.findIndex((bar) => keyOf(bar) === keyOf(present.bar))
  const bar = bars[at + (direction === 'later' ? 1 : -1)]
  return bar ? { slave: present.slave, bar } : present
}

export function pickedBy(placed: readonly PlacedSlave[], key: string | undefined): Picked | undefined {
  for (const slave of placed)
    for (const bar of slave.slave.bars) if (keyOf(bar) === key) return { slave, bar }
  return undefined
}

function firstOf(placed: readonly PlacedSlave[]): Picked | undefined {
  const slave = placed.find((one) => one.slave.bars.length > 0)
  const bar = slave && inTime(slave).at(-1)
  return slave && bar && { slave, bar }
}

/** The bar of the next slave that has any, that began nearest to this one. */
function beside(placed: readonly PlacedSlave[], present: Picked, direction: 'up' | 'down'): Picked {
  const at = placed.indexOf(present.slave)
  const others = direction === 'down' ? placed.slice(at + 1) : placed.slice(0, at).reverse()
  const slave = others.find((one) => one.slave.bars.length > 0)
  if (!slave) return present
  const from = beganAt(present.bar)
  const [bar = present.bar] = inTime(slave).sort(
    (a, b) => Math.abs(beganAt(a) - from) - Math.abs(beganAt(b) - from),
  )
  return { slave, bar }
}
