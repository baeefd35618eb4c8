/** Delay scheduling: how near a place is, and how long to wait for a nearer one. */
import { describe, expect, test } from 'vitest'
import { levelOf, Patience, type Place } from '../services/scheduler/locality.ts'

const near = [{ slaves: ['n1', 'n2'] }, { attributes: { rack: 'r1' } }]
const place = (slaveName: string, attributes = {}): Place => ({ slaveName, attributes })

test.each<[string, Place, number]>([
  ['a slave that is named', place('n2', { rack: 'r9' }), 0],
  ['another in the rack', place('n7', { rack: 'r1' }), 1],
  ['another rack', place('n7', { rack: 'r2' }), 2],
  ['a slave that says nothing', place('n7'), 2],
])('%s', (_, where, level) => {
  expect(levelOf(where, near)).toBe(level)
})
test('without preferences every place is the nearest', () => expect(levelOf(place('n1'), [])).toBe(0))
test('a preference may name slaves with attributes', () => {
  const both = [{ slaves: ['n1'], attributes: { disk: { oneOf: ['ssd', 'nvme'] } } }]
  expect(levelOf(place('n1', { disk: 'ssd' }), both)).toBe(0)
  expect(levelOf(place('n1', { disk: 'tape' }), both)).toBe(1)
})

describe('patience', () => {
  /** What it allows at each level, at this second. */
  const allowed = (patience: Patience, second: number) =>
    [0, 1, 2].map((level) => patience.allows(level, second * 1000))

  test('waits at each level, from the first time that something went by', () => {
    const patience = new Patience([5, 10])
    // Near places begin no wait, however late.
    expect(patience.allows(0, 0)).toBe(true)
    expect(patience.allows(2, 100_000)).toBe(false)
    expect(allowed(patience, 104.9)).toEqual([true, false, false])
    expect(allowed(patience, 105)).toEqual([true, true, false])
    expect(allowed(patience, 114.9)).toEqual([true, true, false])
    expect(allowed(patience, 115)).toEqual([true, true, true])
    expect(allowed(patience, 1000)).toEqual([true, true, true])
  })

  test('a long time passes both levels at once', () => {
    const patience = new Patience([5, 10])
    patience.allows(2, 0)
    expect(patience.allows(2, 60_000)).toBe(true)
  })

  test('a launch begins the wait anew, from its own level on', () => {
    const patience = new Patience([5, 10])
    patience.allows(1, 0)
    expect(patience.allows(1, 5000)).toBe(true)
    patience.noteLaunched(1)
    expect(allowed(patience, 6)).toEqual([true, true, false])
    expect(allowed(patience, 15.9)).toEqual([true, true, false])
    expect(allowed(patience, 16)).toEqual([true, true, true])
    patience.noteLaunched(0)
    expect(allowed(patience, 17)).toEqual([true, false, false])
  })

  test('without waiting everything goes at once; without end nothing farther ever does', () => {
    expect(allowed(new Patience([0, 0]), 0)).toEqual([true, true, true])
    expect(new Patience([]).allows(0, 0)).toBe(true)
    const stubborn = new Patience([Number.POSITIVE_INFINITY])
    stubborn.allows(1, 0)
    expect(stubborn.allows(1, 1e12)).toBe(false)
  })
})
