import { describe, expect, test } from 'vitest'
import { actionOf, type Pressed } from '../../services/visualizer/page/shell/keys.ts'
import { fractionOf, marksOf } from '../../services/visualizer/page/shell/timebar/marks.ts'

const press = (key: string, more: Partial<Pressed> = {}): Pressed => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...more,
})

describe('keys', () => {
  test.each([
    ['ArrowLeft', { do: 'walk', by: -1 }],
    ['ArrowRight', { do: 'walk', by: 1 }],
    [' ', { do: 'toggle' }],
    ['n', { do: 'now' }],
    ['Escape', { do: 'close' }],
    ['/', { do: 'search' }],
    ['r', { do: 'seek', what: 'refused', back: false }],
    ['b', { do: 'seek', what: 'broken', back: false }],
  ] as const)('%s', (key, action) => {
    expect(actionOf(press(key), 'nothing')).toEqual(action)
    expect(actionOf(press(key), 'text')).toBeUndefined()
    expect(actionOf(press(key), 'dialog')).toBeUndefined()
    expect(actionOf(press(key, { ctrlKey: true }), 'nothing')).toBeUndefined()
  })

  test('shift goes back', () => {
    expect(actionOf(press('R', { shiftKey: true }), 'nothing')).toEqual({
      do: 'seek',
      what: 'refused',
      back: true,
    })
  })

  test('space is a button’s own', () => {
    expect(actionOf(press(' '), 'button')).toBeUndefined()
    expect(actionOf(press('ArrowLeft'), 'button')).toBeDefined()
  })
})

describe('the bar of time', () => {
  test('runs from the first step to the last', () => {
    expect(fractionOf(100, { first: 100, last: 300 })).toBe(0)
    expect(fractionOf(200, { first: 100, last: 300 })).toBe(0.5)
    expect(fractionOf(900, { first: 100, last: 300 })).toBe(1)
    expect(fractionOf(0, { first: 0, last: 0 })).toBe(1)
  })

  test('marks that lie together are one', () => {
    const broken = [900, 10, 11, 12].map((position) => ({ position, message: `at ${position}` }))
    expect(marksOf({ broken, first: 0, last: 1000 })).toEqual([
      { position: 10, fraction: 0.01, message: 'at 10', more: 2 },
      { position: 900, fraction: 0.9, message: 'at 900', more: 0 },
    ])
  })
})
