/** What stands between a framework and a slave: in which order it is told, in which colour it is drawn. */
import type { ExplainRow, ObstacleCode } from '../../../../shared/messages.ts'
import { obstacleMeanings } from '../../../../shared/messages.ts'
import { ownerColours } from '../parts/owners.ts'

/** Nothing stands in the way. */
export const noObstacle = 'none'
export type Obstacle = ObstacleCode | typeof noObstacle

const codes = Object.keys(obstacleMeanings)
const meanings: Readonly<Record<string, string>> = {
  ...obstacleMeanings,
  [noObstacle]: 'Nothing stands in the way: it is about to be offered.',
}

export const obstacleOf = ({ obstacle }: ExplainRow): Obstacle => obstacle ?? noObstacle
export const meaningOf = (obstacle: string): string => meanings[obstacle] ?? ''

/** Which of the ten colours, and whether it is hatched: an obstacle looks the same in every answer. */
export function obstacleLook(obstacle: string): { readonly colour: number; readonly hatched: boolean } {
  const at = Math.max(0, codes.indexOf(obstacle))
  return { colour: at % ownerColours, hatched: at >= ownerColours }
}

/** What is about to be offered comes first, then what stands in the way most often. */
export function ranked(
  counts: Readonly<Record<string, number>>,
): (readonly [obstacle: string, count: number])[] {
  const rank = ([obstacle, count]: readonly [string, number]) =>
    obstacle === noObstacle ? Number.POSITIVE_INFINITY : count
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort((a, b) => rank(b) - rank(a) || (a[0] < b[0] ? -1 : 1))
}
