/** Draws cells by their obstacles; those that are not chosen are pale. */
import type { ExplainRow } from '../../../../shared/messages.ts'
import { type Grid, leftOf, topOf } from '../parts/grid/geometry.ts'
import { patternsOf } from '../parts/grid/patterns.ts'
import type { Palette } from '../parts/palette.ts'
import { noObstacle, obstacleLook, obstacleOf } from './obstacles.ts'

interface Painted {
  readonly rows: readonly ExplainRow[]
  readonly chosen: string | undefined
  readonly palette: Palette
}

export function paintObstacles(
  context: CanvasRenderingContext2D,
  { rows, chosen, palette }: Painted,
  grid: Grid,
  from: number,
  to: number,
): void {
  const fills = new Map<string, string | CanvasPattern>()
  for (let index = from; index < to; index++) {
    const row = rows[index]
    if (!row) return
    const obstacle = obstacleOf(row)
    const fill = fills.get(obstacle) ?? fillOf(obstacle, chosen, palette)
    fills.set(obstacle, fill)
    context.fillStyle = fill
    context.fillRect(leftOf(grid, index), topOf(grid, index), grid.width, grid.height)
  }
}

function fillOf(obstacle: string, chosen: string | undefined, palette: Palette): string | CanvasPattern {
  if (chosen && obstacle !== chosen) return palette.free
  if (obstacle === noObstacle) return palette.ok
  const { colour, hatched } = obstacleLook(obstacle)
  const plain = palette.owners[colour] ?? palette['ink-3']
  return hatched ? patternsOf(palette).of('hatched', plain) : plain
}
