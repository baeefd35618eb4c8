import { describe, expect, test } from 'vitest'
import { bulletInWords, largest, scaleOf } from '../../services/visualizer/page/cluster/bullet.ts'
import { readCells } from '../../services/visualizer/page/cluster/cells.ts'
import { fewer, most, others } from '../../services/visualizer/page/cluster/fewer.ts'
import { drawShares } from '../../services/visualizer/page/cluster/sharesGeometry.ts'

test('cells are read out of their bytes', () => {
  const cells = readCells(Buffer.from([1, 3, 255, 0, 4, 255, 0, 51]).toString('base64'))
  expect(cells.count).toBe(2)
  expect([cells.state(0), cells.owner(0), cells.booked(0), cells.offered(0)]).toEqual(['active', 3, 1, 0])
  expect([cells.state(1), cells.owner(1), cells.booked(1), cells.offered(1)]).toEqual([
    'draining',
    undefined,
    0,
    0.2,
  ])
})

describe('bars of shares', () => {
  test('have a round end with room for all that is shown', () => {
    expect(scaleOf([{ share: 0.12, fair: 0.26 }])).toBe(0.3)
    expect(scaleOf([{ share: 0.1 }, { share: 0.9 }])).toBe(1)
    expect(scaleOf([])).toBe(0.01)
  })

  test('are told in words', () => {
    expect(bulletInWords({ share: 0.25, fair: 0.5 })).toBe('a share of 25.0 %, fair would be 50.0 %')
  })

  test('the largest keep their own order', () => {
    const rows = [0.1, 0.5, 0.05, 0.4].map((share, owner) => ({ share, owner }))
    expect(largest(rows, 2).map(({ owner }) => owner)).toEqual([1, 3])
  })
})

const series = (count: number) =>
  Array.from({ length: count }, (_, owner) => ({
    frameworkId: `7-F${owner}`,
    name: `f${owner}`,
    owner,
    shares: [owner / 1000, owner / 1000],
    fair: 1 / count,
  }))

describe('shares over time', () => {
  test('of very many frameworks the small ones are one, and nothing is lost', () => {
    const picture = { times: [0, 1], series: series(40) }
    const { series: kept } = fewer(picture)
    expect(kept.length).toBe(most)
    expect(kept.at(-1)).toMatchObject({ owner: others, name: '29 others' })
    const sum = (all: typeof kept) => all.reduce((total, { shares }) => total + (shares[0] ?? 0), 0)
    expect(sum(kept)).toBeCloseTo(sum(picture.series))
  })

  test('lie on one another, and so do their fair shares', () => {
    const { areas, top } = drawShares({ times: [0, 1000], series: series(4) }, 100, 200)
    expect(top).toBe(1)
    expect(areas.map(({ fairY }) => fairY)).toEqual([150, 100, 50, 0])
    expect(areas.every(({ path }) => path.startsWith('M0,'))).toBe(true)
  })
})
