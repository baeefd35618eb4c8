/** A share as a bar, what is fair as a dashed line across it, and what is guaranteed as a mark below it. */
import type { FrameworkShown } from '../../language.ts'
import { ownerColour } from '../parts/owners.ts'
import { bulletInWords } from './bullet.ts'

interface Props {
  readonly framework: FrameworkShown
  /** The share at its right end. */
  readonly scale: number
}

export function Bullet({ framework, scale }: Props) {
  const { share, fair, guaranteed, owner } = framework
  const along = (part: number) => `${Math.min(100, (part / scale) * 100)}%`
  return (
    <div class="bullet" role="img" aria-label={bulletInWords(framework)} title={bulletInWords(framework)}>
      <i class="bullet-share" style={{ width: along(share), background: ownerColour(owner) }} />
      {guaranteed !== undefined && <i class="bullet-guaranteed" style={{ left: along(guaranteed) }} />}
      {fair !== undefined && <i class="bullet-fair" style={{ left: along(fair) }} />}
    </div>
  )
}
