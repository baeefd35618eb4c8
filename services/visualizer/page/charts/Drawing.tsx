/** A chart, drawn: pan and zoom by wheel, drag and keys; the whole list of an arrow when it is pointed at. */
import { useState } from 'preact/hooks'
import { ArrowCard } from './ArrowCard.tsx'
import { ArrowDrawn } from './ArrowDrawn.tsx'
import { BoxDrawn } from './BoxDrawn.tsx'
import type { Drawn } from './charts.ts'
import { Flashes } from './Flashes.tsx'
import type { Scene } from './scene.ts'
import { usePanZoom } from './usePanZoom.ts'
import './charts.css'

interface Props {
  readonly name: string
  readonly drawn: Drawn
  readonly scene: Scene
  readonly selected: string | undefined
}

export function Drawing({ name, drawn, scene, selected }: Props) {
  const { layout } = drawn
  const { frame, view, zoomBy, fitAll } = usePanZoom(layout)
  const [noticed, setNoticed] = useState<string>()
  const pointed = layout.arrows.find(({ arrow }) => arrow.id === noticed)?.arrow
  return (
    <div class="drawing">
      <section
        class="drawing-frame"
        ref={frame}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what pans by arrow keys must take the focus
        tabIndex={0}
        aria-label={`The chart of the ${name}. ${keysInWords}`}
      >
        {/* biome-ignore lint/a11y/useSemanticElements: there is no other element of a drawing that groups */}
        <svg role="group" aria-label={`States of the ${name}`}>
          <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`}>
            {layout.boxes.map((placed) => (
              <BoxDrawn key={placed.box.id} placed={placed} scene={scene} selected={selected} />
            ))}
            {layout.arrows.map((placed) => (
              <ArrowDrawn
                key={placed.arrow.id}
                placed={placed}
                crowd={scene.crowd}
                noticed={placed.arrow.id === noticed}
                onNotice={setNoticed}
              />
            ))}
            <Flashes flashes={scene.flashes} layout={layout} />
          </g>
        </svg>
      </section>
      <div class="drawing-buttons">
        <button type="button" aria-label="Smaller" onClick={() => zoomBy(1 / 1.25)}>
          −
        </button>
        <button type="button" aria-label="Larger" onClick={() => zoomBy(1.25)}>
          +
        </button>
        <button type="button" onClick={fitAll}>
          Fit
        </button>
      </div>
      {pointed && <ArrowCard arrow={pointed} count={scene.crowd?.arrows.get(pointed.id)} />}
    </div>
  )
}

const keysInWords = 'Arrow keys move the chart, + and − make it larger and smaller, 0 shows all of it'
