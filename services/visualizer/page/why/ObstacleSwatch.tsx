/** The colour of an obstacle. */
import { ownerColour } from '../parts/owners.ts'
import { noObstacle, obstacleLook } from './obstacles.ts'

export function ObstacleSwatch({ obstacle }: { readonly obstacle: string }) {
  const { colour, hatched } = obstacleLook(obstacle)
  const style = { '--owner': obstacle === noObstacle ? 'var(--ok)' : ownerColour(colour) }
  return <i class={`obstacle-swatch ${hatched ? 'obstacle-hatched' : ''}`} style={style} aria-hidden="true" />
}
