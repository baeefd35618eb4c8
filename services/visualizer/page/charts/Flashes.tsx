/** What has just happened, over the chart: an arrow runs along its way, the state that it comes to beats once. */
import type { Flash } from './flashes.ts'
import { type Layout, roundedPath } from './layout.ts'

interface Props {
  readonly flashes: readonly Flash[]
  readonly layout: Layout
}

export function Flashes({ flashes, layout }: Props) {
  return (
    <g class="flashes">
      {flashes.map((flash) => (
        <FlashDrawn key={flash.key} flash={flash} layout={layout} />
      ))}
    </g>
  )
}

function FlashDrawn({ flash, layout }: { readonly flash: Flash; readonly layout: Layout }) {
  const arrow = layout.arrows.find((placed) => placed.arrow.id === flash.arrow)
  const state = layout.boxes.find((placed) => placed.box.id === flash.state)
  return (
    <g class={flash.refused ? 'flash refused' : 'flash'}>
      {/* One unit long, whatever it measures: the animation then knows where it ends. */}
      {arrow && <path class="run" d={roundedPath(arrow.points)} pathLength={1} />}
      {state && (
        <g transform={`translate(${state.x} ${state.y})`}>
          <rect class="beat" width={state.width} height={state.height} rx="9" />
          {flash.refused && (
            <text class="what" x={state.width / 2} y={state.height + 15} text-anchor="middle">
              ✕ {flash.refused}
            </text>
          )}
        </g>
      )}
    </g>
  )
}
