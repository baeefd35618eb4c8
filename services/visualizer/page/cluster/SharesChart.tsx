/** Areas on one another, with their fair shares as dashed lines. */
import { useRef } from 'preact/hooks'
import type { SharesPicture } from '../../language.ts'
import { linkToLife } from '../parts/links.ts'
import { ownerColour } from '../parts/owners.ts'
import { useSize } from '../parts/useSize.ts'
import { clockTime, shortPercent } from '../parts/words.ts'
import { drawShares } from './sharesGeometry.ts'

const height = 180
const ticks = [0, 0.25, 0.5, 0.75, 1]

export function SharesChart({ picture }: { readonly picture: SharesPicture }) {
  const frame = useRef<HTMLDivElement>(null)
  const { width } = useSize(frame)
  const { areas, y } = drawShares(picture, width, height)
  const [from, to] = [picture.times[0] ?? 0, picture.times.at(-1) ?? 0]
  return (
    <figure class="shares-chart">
      <div class="shares-axis" aria-hidden="true">
        {ticks.map((tick) => (
          <span key={tick} style={{ top: `${y(tick)}px` }}>
            {shortPercent(tick)}
          </span>
        ))}
      </div>
      <div ref={frame} style={{ height: `${height}px` }}>
        <svg width={width} height={height} role="img" aria-label={inWords(picture)}>
          {areas.map(({ owner, name, frameworkId, path }) => (
            <a key={frameworkId} href={linkToLife('framework', frameworkId)} tabIndex={-1}>
              <path class="shares-area" d={path} fill={ownerColour(owner)}>
                <title>{name}</title>
              </path>
            </a>
          ))}
          {ticks.map((tick) => (
            <line key={tick} class="shares-tick" x2={width} y1={y(tick)} y2={y(tick)} />
          ))}
          {areas.map(
            ({ frameworkId, fairY }) =>
              fairY !== undefined && (
                <line key={frameworkId} class="shares-fair" x2={width} y1={fairY} y2={fairY} />
              ),
          )}
        </svg>
      </div>
      <figcaption class="quiet">
        <time>{clockTime(from).slice(0, 8)}</time>
        <time>{clockTime(to).slice(0, 8)}</time>
      </figcaption>
    </figure>
  )
}

const inWords = ({ series }: SharesPicture): string =>
  `Shares at the end: ${series.map(({ name, shares }) => `${name} ${shortPercent(shares.at(-1) ?? 0)}`).join(', ')}.`
