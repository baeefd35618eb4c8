/** A state as a box: lit where the actor is, filled by how many stand in it, a link to all that it hears. */

import { shortCount } from '../parts/words.ts'
import { linkHere } from '../place.ts'
import type { PlacedBox } from './layout.ts'
import type { Crowd, Scene, Seer } from './scene.ts'

interface Props {
  readonly placed: PlacedBox
  readonly scene: Scene
  readonly selected: string | undefined
}

export function BoxDrawn({ placed, scene, selected }: Props) {
  const { box, x, y, width, height } = placed
  if (box.kind === 'initial') return <circle class="initial-dot" cx={x + 6} cy={y + 6} r={6} />
  if (box.kind === 'any') return <AnyState {...placed} />
  const lit = scene.lit.has(box.id)
  const classes = ['state-box', box.kind, lit && 'lit', selected === box.id && 'selected']
  const isAround = box.children.length > 0
  return (
    <a
      class={classes.filter(Boolean).join(' ')}
      href={linkHere({ state: selected === box.id ? undefined : box.id, step: undefined })}
      aria-label={inWords(placed, scene, lit)}
      aria-current={lit ? 'true' : undefined}
    >
      <g transform={`translate(${x} ${y})`}>
        <rect class="face" width={width} height={height} rx="9" />
        {scene.crowd && !isAround && <Level crowd={scene.crowd} placed={placed} />}
        {box.kind === 'final' && (
          <rect class="inner" x="3.5" y="3.5" width={width - 7} height={height - 7} rx="6" />
        )}
        <Words placed={placed} crowd={scene.crowd} />
        <Seers seers={scene.seen?.get(box.id) ?? []} width={width} />
      </g>
    </a>
  )
}

/** Begins with what is seen in the box, so that it can be called by that. */
function inWords({ box }: PlacedBox, { crowd, seen }: Scene, lit: boolean): string {
  const refused = crowd?.refused.get(box.id) ?? 0
  const count = crowd && shortCount(crowd.states.get(box.id) ?? 0)
  const numbers = [count, refused > 0 && `${shortCount(refused)} refused`].filter(Boolean).join(' ')
  const seers = (seen?.get(box.id) ?? []).map(({ by }) => `${by} sees it here`)
  return [`${box.name} ${numbers}`.trim(), 'a state', lit && 'the present one', ...seers]
    .filter(Boolean)
    .join(', ')
}

function AnyState({ box, x, y, width, height }: PlacedBox) {
  return (
    <g class="any-state" transform={`translate(${x} ${y})`}>
      <rect width={width} height={height} rx={height / 2} />
      <text x={width / 2} y={height / 2 + 4} text-anchor="middle">
        {box.name}
      </text>
    </g>
  )
}

interface InCrowd {
  readonly crowd: Crowd
  readonly placed: PlacedBox
}

/** A part of the box as high as the part of all that stand in it. */
function Level({ crowd, placed: { box, width, height } }: InCrowd) {
  const part = (crowd.states.get(box.id) ?? 0) / Math.max(1, crowd.inAll)
  if (part === 0) return null
  const level = Math.max(3, (height - 2) * part)
  return (
    <g class="level">
      <clipPath id={`level ${box.id}`}>
        <rect x="1" y="1" width={width - 2} height={height - 2} rx="8" />
      </clipPath>
      <rect
        clip-path={`url("#level ${box.id}")`}
        x="1"
        y={height - 1 - level}
        width={width - 2}
        height={level}
      />
    </g>
  )
}

interface WordsProps {
  readonly placed: PlacedBox
  readonly crowd: Crowd | undefined
}

/** One text, so that it is read as it is seen: its name, how many stand in it, how much was refused. */
function Words({ placed: { box, width, height }, crowd }: WordsProps) {
  const count = crowd?.states.get(box.id) ?? 0
  const refused = crowd?.refused.get(box.id) ?? 0
  const y = box.children.length > 0 ? 26 : height / 2 + 4.5
  return (
    <>
      {refused > 0 && <rect class="refused-count" x={width - 86} y="-9" width="78" height="18" rx="9" />}
      <text>
        <tspan class="name" x="14" y={y}>
          {box.name}
        </tspan>
        {crowd && (
          <tspan class={count > 0 ? 'count' : 'count none'} x={width - 14} y={y + 1.5} text-anchor="end">
            {` ${shortCount(count)}`}
          </tspan>
        )}
        {refused > 0 && (
          <tspan class="refused" x={width - 47} y="4" text-anchor="middle">
            {` ${shortCount(refused)} refused`}
          </tspan>
        )}
      </text>
    </>
  )
}

function Seers({ seers, width }: { readonly seers: readonly Seer[]; readonly width: number }) {
  return (
    <>
      {seers.map(({ by, colour }, i) => (
        <circle key={by} class="seer" cx={width - 14 - i * 13} cy="0" r="5.5" fill={colour} />
      ))}
    </>
  )
}
