/**
 * `npm run curves`: draws test/bench/curves.svg from the numbers in curves.jsonl, which the bench has written. The scales
 * and the lines are D3's; the rest is written by hand, so that the colours can go by the reader's own, light or dark.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type ScaleLogarithmic, scaleLog } from 'd3-scale'
import { line } from 'd3-shape'
import { short } from './figures.ts'
import type { Row } from './row.ts'

type Point = NonNullable<Row['point']> & { readonly us: number }
type Axis = 'slaves' | 'frameworks'
type Scale = ScaleLogarithmic<number, number>

const panel = { width: 330, height: 240, left: 56, top: 62, gap: 60 }
const total = { width: 2 * panel.width + panel.left + panel.gap + 24, height: 430 }
const keyTop = panel.top + panel.height + 62
const other: Record<Axis, Axis> = { slaves: 'frameworks', frameworks: 'slaves' }

/** Each line has a colour, and a dash of its own for those who do not tell colours apart. */
const style = `
text { font: 12px system-ui, sans-serif; fill: #333 }
.title { font-size: 14px; font-weight: 600 }
.grid { stroke: #8884; stroke-width: 1 }
.line { fill: none; stroke-width: 2 }
.l0 { stroke: #0b62c4 } .l1 { stroke: #b3420e; stroke-dasharray: 7 4 } .l2 { stroke: #3c7d1e; stroke-dasharray: 2 3 }
.d0 { fill: #0b62c4 } .d1 { fill: #b3420e } .d2 { fill: #3c7d1e }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd }
  .l0 { stroke: #6cb2ff } .l1 { stroke: #ff9a62 } .l2 { stroke: #93d36f }
  .d0 { fill: #6cb2ff } .d1 { fill: #ff9a62 } .d2 { fill: #93d36f }
}`

function read(path: string): Point[] {
  const rows = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  return rows.flatMap((row) => {
    const { point, value } = JSON.parse(row) as Row
    return point ? [{ ...point, us: value }] : []
  })
}

function draw(points: readonly Point[]): string {
  const curves = [...new Set(points.map(({ curve }) => curve))]
  const us = points.map((point) => point.us)
  const y = scaleLog(
    [10 ** Math.floor(Math.log10(Math.min(...us))), 10 ** Math.ceil(Math.log10(Math.max(...us)))],
    [panel.top + panel.height, panel.top],
  )
  const left = panelOf(points, curves, 'slaves', panel.left, y)
  const right = panelOf(points, curves, 'frameworks', panel.left + panel.width + panel.gap, y)
  const key = curves.map((curve, i) => keyOf(curve, i))
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total.width} ${total.height}" role="img" aria-label="CPU time of single decisions of the leader">`
  return [
    head,
    `<style>${style}\n</style>`,
    text(panel.left, 24, 'CPU time of single decisions of the leader, microseconds', 'title'),
    ...left,
    ...right,
    ...key,
    '</svg>\n',
  ].join('\n')
}

/** The points that differ along this axis alone: those at the largest number, or the usual one, of the other. */
function panelOf(
  points: readonly Point[],
  curves: readonly string[],
  axis: Axis,
  at: number,
  y: Scale,
): string[] {
  const fixed = mostCommon(points.map((point) => point[other[axis]]))
  const along = points.filter((point) => point[other[axis]] === fixed).sort((a, b) => a[axis] - b[axis])
  const counts = [...new Set(along.map((point) => point[axis]))]
  const x = scaleLog([counts[0] ?? 1, counts.at(-1) ?? 10], [at + 10, at + panel.width - 10])
  const path = line<Point>(
    (point) => x(point[axis]),
    (point) => y(point.us),
  )
  return [
    text(at, panel.top - 12, `against ${axis}, with ${fixed.toLocaleString('en-US')} ${other[axis]}`),
    ...ticksOf(y).map((tick) => gridLine(at, y(tick), at + panel.width, y(tick))),
    ...ticksOf(y).map((tick) => text(at - 6, y(tick) + 4, short(tick), '', 'end')),
    ...counts.map((count) => gridLine(x(count), panel.top, x(count), panel.top + panel.height)),
    ...counts.map((count) =>
      text(x(count), panel.top + panel.height + 18, count.toLocaleString('en-US'), '', 'middle'),
    ),
    ...curves.flatMap((curve, i) => {
      const those = along.filter((point) => point.curve === curve)
      return [
        `<path class="line l${i}" d="${path(those)}"/>`,
        ...those.map((point) => dot(x(point[axis]), y(point.us), i, `${curve}: ${short(point.us)} us`)),
      ]
    }),
  ]
}

/** 1, 2 and 5 of each power of ten. */
const ticksOf = (y: Scale): number[] =>
  y.ticks().filter((tick) => /^0*[125]/.test(`${tick}`.replace('.', '')))

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 0
}

function keyOf(curve: string, i: number): string {
  const at = keyTop + 22 * i
  return `<path class="line l${i}" d="M${panel.left},${at - 4}h34"/>${text(panel.left + 44, at, curve)}`
}

const gridLine = (x1: number, y1: number, x2: number, y2: number): string =>
  `<path class="grid" d="M${x1.toFixed(1)},${y1.toFixed(1)}L${x2.toFixed(1)},${y2.toFixed(1)}"/>`
const dot = (x: number, y: number, i: number, title: string): string =>
  `<circle class="d${i}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3"><title>${title}</title></circle>`
const text = (x: number, y: number, words: string, kind = '', anchor = 'start'): string =>
  `<text class="${kind}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${words}</text>`

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))
writeFileSync(file('curves.svg'), draw(read(file('curves.jsonl'))))
