/** From the first step that can be gone to, to the last. */
import { useRef, useState } from 'preact/hooks'
import type { Clock, Position } from '../../../language.ts'
import { clockTime, dayTime, grouped } from '../../parts/words.ts'
import { fractionOf, marksOf } from './marks.ts'
import { goTo } from './travel.ts'

export function Slider({ clock }: { readonly clock: Clock }) {
  const { first, last, from, to, read } = clock
  const [dragged, drag, letGo] = useDrag()
  const position = dragged ?? clock.position
  return (
    <div class="slider">
      <time class="slider-end" dateTime={new Date(from).toISOString()} title={dayTime(from)}>
        {clockTime(from).slice(0, 8)}
      </time>
      <div class="slider-track" style={{ '--at': fractionOf(position, clock) }}>
        {read !== undefined && read < 1 && <i class="slider-read" style={{ width: `${read * 100}%` }} />}
        <input
          type="range"
          aria-label="The step that is shown"
          aria-valuetext={`step ${grouped(position)} of ${grouped(last)}`}
          min={first}
          max={Math.max(first, last)}
          value={Math.max(first, position)}
          disabled={last < first}
          onInput={(event) => drag(event.currentTarget.valueAsNumber)}
          onChange={letGo}
        />
        {marksOf(clock).map(({ position: there, fraction, message, more }) => (
          <button
            key={there}
            type="button"
            class="slider-mark"
            style={{ '--at': fraction }}
            title={`Step ${grouped(there)}: ${message}${more > 0 ? ` (and ${more} more)` : ''}`}
            aria-label={`Broken promise at step ${there}: ${message}`}
            onClick={() => goTo(there)}
          />
        ))}
      </div>
      <time class="slider-end" dateTime={new Date(to).toISOString()} title={dayTime(to)}>
        {clockTime(to).slice(0, 8)}
      </time>
    </div>
  )
}

/** Where the thumb is while it is held; the server is told at most once a frame. */
function useDrag() {
  const [dragged, setDragged] = useState<Position>()
  const frame = useRef(0)
  const drag = (position: Position) => {
    setDragged(position)
    cancelAnimationFrame(frame.current)
    frame.current = requestAnimationFrame(() => goTo(position))
  }
  return [dragged, drag, () => setDragged(undefined)] as const
}
