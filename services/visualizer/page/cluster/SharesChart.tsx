/** Areas on one another, with their fair shares as dashed lines. */
import { useRef } from 'preact/hooks'
import type { SharesPicture } from '../../language.ts'
import { linkToLife } from '../parts/links.ts'
import { ownerColour } from '../parts/owners.ts'
import { useSize } from '../parts/useSize.ts'
import { clockTime, shortPercent } from '../parts/words.ts'
import { linkTo } from '../place.ts'
import { others } from './fewer.ts'
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
        {/* biome-ignore lint/a11y/useSemanticElements: a drawing whose parts are links is no fieldset */}
        <svg width={width} height={height} role="group" aria-label={inWords(picture)}>
          {areas.map(({ owner, name, frameworkId, path }) => (
            <a
              key={frameworkId}
              href={frameworkId ? linkToLife('framework', frameworkId) : linkTo('cluster')}
            >
              <path class="shares-area" d={path} fill={colourOf(owner)}>
                <title>{name}</title>
              </path>
            </a>
          ))}
          {ticks.map((tick) => (
            <line key={tick} class="shares-tick" x2={width} y1={y(tick)} y2={y(tick)} />
          ))}
          {areas.map(({ frameworkId, owner, fairY }) => (
            <FairLine key={frameworkId} owner={owner} y={fairY} width={width} />
          ))}
        </svg>
      </div>
      <figcaption class="quiet">
        <time>{clockTime(from).slice(0, 8)}</time>
        <time>{clockTime(to).slice(0, 8)}</time>
      </figcaption>
    </figure>
  )
}

interface FairProps {
  readonly owner: number
  readonly y: number | undefined
  readonly width: number
}

const FairLine = ({ owner, y, width }: FairProps) =>
  y === undefined ? null : (
    <g class="shares-fair">
      <line x2={width} y1={y} y2={y} />
      <circle cx={width - 5} cy={y} r="4" fill={colourOf(owner)} />
    </g>
  )

const colourOf = (owner: number): string => (owner === others ? 'var(--ink-3)' : ownerColour(owner))

const inWords = ({ series }: SharesPicture): string =>
  `Shares at the end: ${series.map(({ name, shares }) => `${name} ${shortPercent(shares.at(-1) ?? 0)}`).join(', ')}.`
