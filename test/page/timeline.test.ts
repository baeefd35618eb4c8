import { describe, expect, test } from 'vitest'
import type { Bar } from '../../services/visualizer/language.ts'
import { moved, pickedBy } from '../../services/visualizer/page/timeline/cursor.ts'
import {
  type Axis,
  barAt,
  extentOf,
  heightOfAll,
  keyOf,
  placedSlaves,
  slavesBetween,
  topOfBar,
} from '../../services/visualizer/page/timeline/rows.ts'
import { spanIn, spanWritten, zoomed } from '../../services/visualizer/page/timeline/span.ts'
import { ticksOf } from '../../services/visualizer/page/timeline/ticks.ts'
import { capOf, inkOn, isBad, textureOf } from '../../services/visualizer/page/timeline/tones.ts'
import { isTerminal, taskStates } from '../../shared/tasks.ts'

const bar = (task: string, at: number, endedAt: number | undefined, row = 0): Bar => ({
  task,
  name: task,
  owner: 0,
  row,
  phases: [{ state: 'running', at }, ...(endedAt === undefined ? [] : [{ state: 'finished', at: endedAt }])],
  ...(endedAt !== undefined && { endedAt }),
})
const slave = (name: string, ...bars: Bar[]) => ({ slaveId: name, name, state: 'active', bars, more: 0 })
const placed = placedSlaves([
  slave('n1', bar('a', 0, 10), bar('b', 20, undefined), bar('c', 5, 40, 1)),
  slave('n2'),
  slave('n3', bar('d', 18, 30)),
])
const axis: Axis = { from: 0, to: 100, width: 1000 }

describe('rows', () => {
  test('stand below one another, as high as their bars need', () => {
    expect(placed.map(({ top }) => top)).toEqual([0, 45, 75])
    expect(heightOfAll(placed)).toBe(105)
    expect(heightOfAll([])).toBe(0)
  })

  test('only those that are seen are drawn', () => {
    expect(slavesBetween(placed, 46, 74).map(({ slave: { name } }) => name)).toEqual(['n2'])
  })

  test('a bar that is not over reaches to the moment that is shown', () => {
    expect(extentOf(axis, bar('b', 20, undefined))).toEqual([200, 1000])
    expect(extentOf(axis, bar('old', -50, 10))).toEqual([0, 100])
  })

  test('a bar is found where it is, and a thin one near it', () => {
    const [first] = placed
    if (!first) throw new Error('there is no slave')
    const y = topOfBar(first, bar('b', 20, undefined)) + 3
    expect(barAt(placed, axis, 500, y)?.bar.task).toBe('b')
    expect(barAt(placed, axis, 103, y)?.bar.task).toBe('a')
    expect(barAt(placed, axis, 150, y)).toBeUndefined()
  })
})

describe('keys', () => {
  const keyAt = (task: string) => {
    const found = placed.flatMap(({ slave: { bars } }) => bars).find((one) => one.task === task)
    return found && keyOf(found)
  }

  test('begin at the newest bar of the first slave that has any', () => {
    expect(moved(placed, undefined, 'later')?.bar.task).toBe('b')
  })

  test('go along a slave in the order of time, and stay at its ends', () => {
    expect(moved(placed, keyAt('a'), 'later')?.bar.task).toBe('c')
    expect(moved(placed, keyAt('c'), 'later')?.bar.task).toBe('b')
    expect(moved(placed, keyAt('a'), 'earlier')?.bar.task).toBe('a')
  })

  test('go to the nearest in time of the next slave that has any', () => {
    expect(moved(placed, keyAt('b'), 'down')?.bar.task).toBe('d')
    expect(moved(placed, keyAt('d'), 'up')?.bar.task).toBe('b')
    expect(moved(placed, keyAt('d'), 'down')?.bar.task).toBe('d')
  })

  test('a task that ran twice is two bars', () => {
    const twice = placedSlaves([slave('n1', bar('a', 0, 10), bar('a', 20, 30))])
    expect(pickedBy(twice, 'a 20')?.bar.phases[0]?.at).toBe(20)
  })
})

describe('how much time is shown', () => {
  test('is between ten seconds and a day', () => {
    expect(spanIn('1')).toBe(10_000)
    expect(spanIn('9999999')).toBe(86_400_000)
    expect(spanIn('nonsense')).toBe(60_000)
    expect(spanIn(spanWritten(123_456))).toBe(123_456)
    expect(zoomed(10_000, 0.5)).toBe(10_000)
  })

  test('has marks that do not lie over one another', () => {
    for (const width of [200, 700, 1600]) {
      const ticks = ticksOf({ from: 1_700_000_000_000, to: 1_700_000_060_000, width })
      expect(ticks.every(({ x }, i) => i === 0 || x - (ticks[i - 1]?.x ?? 0) > 60)).toBe(true)
    }
    expect(ticksOf({ from: 0, to: 60_000, width: 0 })).toEqual([])
  })
})

test('every state has a look of its own kind', () => {
  const bad = taskStates.filter((state) => isTerminal(state) && isBad(capOf(state)))
  expect(bad).toEqual(['failed', 'error', 'dropped', 'lost'])
  expect(new Set(['staging', 'running', 'killing', 'unreachable'].map(textureOf)).size).toBe(4)
})

test('a name is black or white, whichever is read better', () => {
  expect(inkOn('#ffffff')).toBe('#000000')
  expect(inkOn('#413c9b')).toBe('#ffffff')
})
