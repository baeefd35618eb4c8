/** Where slaves and their bars stand below one another, and which bar is where. */
import type { Bar, TimelinePicture } from '../../language.ts'

export type SlaveShown = TimelinePicture['slaves'][number]
export interface PlacedSlave {
  readonly slave: SlaveShown
  readonly top: number
  readonly height: number
}

export const barHeight = 14
export const barGap = 3
const padding = 7
/** px of a slave on which nothing runs. */
const leastHeight = 30

export function placedSlaves(slaves: readonly SlaveShown[]): PlacedSlave[] {
  let top = 0
  return slaves.map((slave) => {
    const rows = 1 + Math.max(-1, ...slave.bars.map(({ row }) => row))
    const height = Math.max(leastHeight, rows * (barHeight + barGap) - barGap + 2 * padding)
    const placed = { slave, top, height }
    top += height
    return placed
  })
}

export function heightOfAll(placed: readonly PlacedSlave[]): number {
  const last = placed.at(-1)
  return last ? last.top + last.height : 0
}

/** A task's id may be used again, for another run of it. */
export const keyOf = ({ task, phases }: Bar): string => `${task} ${phases[0]?.at ?? ''}`

export const topOfBar = ({ top }: PlacedSlave, { row }: Bar): number =>
  top + padding + row * (barHeight + barGap)

/** Those of them that reach into this stretch. */
export function slavesBetween(placed: readonly PlacedSlave[], top: number, bottom: number): PlacedSlave[] {
  return placed.filter((one) => one.top < bottom && one.top + one.height > top)
}

export interface Axis {
  readonly from: number
  readonly to: number
  /** px. */
  readonly width: number
}
export const xOf = ({ from, to, width }: Axis, at: number): number =>
  ((at - from) / Math.max(1, to - from)) * width

/** A bar is at least so wide, so that it is seen at all. */
const leastWidth = 3

/** Where a bar begins and ends, within what is shown. */
export function extentOf(axis: Axis, { phases, endedAt }: Bar): readonly [left: number, right: number] {
  const left = Math.max(0, xOf(axis, phases[0]?.at ?? axis.from))
  const right = Math.min(axis.width, xOf(axis, endedAt ?? axis.to))
  return [Math.min(left, axis.width - leastWidth), Math.max(right, left + leastWidth)]
}

export interface Picked {
  readonly slave: PlacedSlave
  readonly bar: Bar
}

/** The bar at this point; the nearest within some pixels, because bars may be thin. */
export function barAt(placed: readonly PlacedSlave[], axis: Axis, x: number, y: number): Picked | undefined {
  const slave = placed.find(({ top, height }) => y >= top && y < top + height)
  if (!slave) return undefined
  const near = slave.slave.bars.flatMap((bar) => {
    const top = topOfBar(slave, bar)
    const [left, right] = extentOf(axis, bar)
    const distance = Math.max(left - x, x - right, 0)
    return y >= top - 2 && y < top + barHeight + 2 && distance < 4 ? [{ bar, distance }] : []
  })
  const [nearest] = near.sort((a, b) => a.distance - b.distance)
  return nearest && { slave, bar: nearest.bar }
}
