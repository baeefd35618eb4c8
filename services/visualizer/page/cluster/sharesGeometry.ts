/** Shares over time as areas on one another. */
import { scaleLinear } from 'd3-scale'
import { area, curveStepAfter, stack } from 'd3-shape'
import type { SharesPicture } from '../../language.ts'

export interface Area {
  readonly owner: number
  readonly name: string
  readonly frameworkId: string
  /** For SVG. */
  readonly path: string
  /** Where it would end if it and those below had their fair shares, px from above. */
  readonly fairY?: number
}
export interface SharesDrawn {
  readonly areas: readonly Area[]
  /** The share at the upper edge: more than 1 where holders hold most of different resources. */
  readonly top: number
  readonly x: (at: number) => number
  readonly y: (share: number) => number
}

export function drawShares({ times, series }: SharesPicture, width: number, height: number): SharesDrawn {
  const rows = times.map((_, time) => series.map(({ shares }) => shares[time] ?? 0))
  const layers = stack<number[], number>()
    .keys(series.keys())
    .value((row, key) => row[key] ?? 0)(rows)
  const top = Math.max(1, ...(layers.at(-1) ?? []).map(([, upper]) => upper))
  const x = scaleLinear([times[0] ?? 0, times.at(-1) ?? 1], [0, width])
  const y = scaleLinear([0, top], [height, 0])
  const outline = area<[number, number]>(
    (_, time) => x(times[time] ?? 0),
    ([lower]) => y(lower),
    ([, upper]) => y(upper),
  ).curve(curveStepAfter)

  let fairBelow = 0
  const areas = series.map(({ owner, name, frameworkId, fair }, index): Area => {
    const path = outline(layers[index] as [number, number][]) ?? ''
    if (fair === undefined) return { owner, name, frameworkId, path }
    fairBelow += fair
    return { owner, name, frameworkId, path, fairY: y(Math.min(top, fairBelow)) }
  })
  return { areas, top, x, y }
}
