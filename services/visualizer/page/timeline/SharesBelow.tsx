/** How the cluster was shared, on the same axis as the bars above. */
import type { ReadonlySignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { SharesPicture } from '../../language.ts'
import { drawShares } from '../cluster/sharesGeometry.ts'
import type { Look } from '../connection.ts'
import { linkToLife } from '../parts/links.ts'
import { ownerColour } from '../parts/owners.ts'
import { Shown } from '../parts/Shown.tsx'
import { useSize } from '../parts/useSize.ts'
import { shortPercent } from '../parts/words.ts'

const height = 96

export function SharesBelow({ look }: { readonly look: ReadonlySignal<Look<'shares'>> }) {
  return (
    <section class="panel timeline-shares" aria-label="Shares in the same time">
      <h2>Shares</h2>
      <Shown look={look} what="shares">
        {(picture) => <Areas picture={picture} />}
      </Shown>
    </section>
  )
}

function Areas({ picture }: { readonly picture: SharesPicture }) {
  const frame = useRef<HTMLDivElement>(null)
  const { width } = useSize(frame)
  const { areas, top } = drawShares(picture, width, height)
  const last = picture.series.map(({ name, shares }) => `${name} ${shortPercent(shares.at(-1) ?? 0)}`)
  return (
    <div class="timeline-areas" ref={frame} style={{ height: `${height}px` }}>
      {/* biome-ignore lint/a11y/useSemanticElements: there is no other element of a drawing that groups */}
      <svg width={width} height={height} role="group" aria-label={`Shares at the end: ${last.join(', ')}`}>
        {areas.map(({ owner, name, frameworkId, path }) => (
          <a key={frameworkId} href={linkToLife('framework', frameworkId)} aria-label={name}>
            <path d={path} fill={ownerColour(owner)}>
              <title>{name}</title>
            </path>
          </a>
        ))}
      </svg>
      <span class="timeline-top quiet">{shortPercent(top)}</span>
    </div>
  )
}
