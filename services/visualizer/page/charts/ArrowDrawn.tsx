/** A way between two states, as wide as it is taken often. */
import { shortCount } from '../parts/words.ts'
import { distinct } from './graph.ts'
import { lineHeight, wayInWords } from './labels.ts'
import { headOf, type PlacedArrow, roundedPath } from './layout.ts'
import { type Crowd, strokeOf } from './scene.ts'

interface Props {
  readonly placed: PlacedArrow
  readonly crowd: Crowd | undefined
  readonly noticed: boolean
  readonly onNotice: (id: string | undefined) => void
}

export function ArrowDrawn({ placed, crowd, noticed, onNotice }: Props) {
  const { arrow, points } = placed
  const path = roundedPath(points)
  const head = headOf(points)
  if (arrow.ways.length === 0)
    return (
      <g class="arrow">
        <path class="line" d={path} />
        <path class="head" d={head} />
      </g>
    )
  const count = crowd?.arrows.get(arrow.id) ?? 0
  const width = crowd && strokeOf(count, crowd.most)
  const classes = ['arrow', noticed && 'noticed', crowd && (count > 0 ? 'taken' : 'untaken')]
  const notice = () => onNotice(arrow.id)
  const leave = () => onNotice(undefined)
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it takes the focus so that its full list is shown
    <g
      class={classes.filter(Boolean).join(' ')}
      tabIndex={0}
      role="img"
      aria-label={`from ${arrow.from.replace('/', '')} to ${arrow.to}: ${distinct(arrow.ways).map(wayInWords).join('; ')}`}
      onMouseEnter={notice}
      onMouseLeave={leave}
      onFocus={notice}
      onBlur={leave}
    >
      <path class="reach" d={path} />
      <path class="line" d={path} style={width ? { strokeWidth: width } : undefined} />
      <path class="head" d={head} />
      <Label placed={placed} count={crowd && count} />
    </g>
  )
}

function Label({ placed, count }: { readonly placed: PlacedArrow; readonly count: number | undefined }) {
  const { label } = placed
  if (!label) return null
  const { x, y, width, height, lines } = label
  return (
    <g class="arrow-label" transform={`translate(${x} ${y})`}>
      <rect width={width} height={height} rx="4" />
      {lines.map(({ text, faint }, i) => (
        <text key={text} class={faint ? 'faint' : undefined} x="4" y={12 + i * lineHeight}>
          {text}
        </text>
      ))}
      {count !== undefined && count > 0 && (
        <text class="taken-count" x="-4" y="12" text-anchor="end">
          {shortCount(count)}
        </text>
      )}
    </g>
  )
}
