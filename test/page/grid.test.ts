import { describe, expect, test } from 'vitest'
import {
  cellAt,
  gridOf,
  heightOf,
  leftOf,
  moved,
  topOf,
  visible,
} from '../../services/visualizer/page/parts/grid/geometry.ts'

describe('a grid of cells', () => {
  test.each([1, 7, 40, 400, 5000, 50_000])('%d of them fit into their frame', (count) => {
    const grid = gridOf(count, 1300, 500)
    expect(grid.columns * grid.across).toBeLessThanOrEqual(1300)
    expect(heightOf(grid)).toBeLessThanOrEqual(500)
    expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count)
  })

  test('is larger than its frame where it is zoomed, and only so many of it are drawn', () => {
    const grid = gridOf(50_000, 1300, 500, 4)
    expect(heightOf(grid)).toBeGreaterThan(500)
    const [from, to] = visible(grid, 1000, 500)
    expect(from).toBeGreaterThan(0)
    expect(to).toBeLessThan(50_000)
    expect(topOf(grid, from)).toBeLessThanOrEqual(1000)
    expect(topOf(grid, to)).toBeGreaterThanOrEqual(1500)
  })

  test.each([0, 1, 39, 40, 1234, 4999])('the cell %d is found where it lies', (index) => {
    const grid = gridOf(5000, 1300, 500)
    expect(cellAt(grid, leftOf(grid, index) + 1, topOf(grid, index) + 1)).toBe(index)
  })

  test('beside all cells there is none', () => {
    const grid = gridOf(5, 1300, 500)
    expect(cellAt(grid, leftOf(grid, 4) + grid.across + 1, 1)).toBeUndefined()
    expect(cellAt(grid, 1299, 499)).toBeUndefined()
    expect(cellAt(grid, -1, 5)).toBeUndefined()
  })

  test('keys move the cursor, and never out of it', () => {
    const grid = gridOf(100, 1000, 200)
    expect(moved(grid, 0, 'ArrowRight', 3)).toBe(1)
    expect(moved(grid, 0, 'ArrowLeft', 3)).toBe(0)
    expect(moved(grid, 1, 'ArrowDown', 3)).toBe(1 + grid.columns)
    expect(moved(grid, 99, 'ArrowDown', 3)).toBe(99)
    expect(moved(grid, 50, 'Home', 3)).toBe(0)
    expect(moved(grid, 50, 'PageDown', 30)).toBe(99)
    expect(moved(grid, 50, 'x', 3)).toBeUndefined()
    expect(moved(gridOf(0, 1000, 200), 0, 'ArrowRight', 3)).toBeUndefined()
  })
})
