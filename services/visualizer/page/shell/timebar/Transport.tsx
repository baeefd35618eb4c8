/** Step, play, pause, and back to what happens now. */
import type { Clock } from '../../../language.ts'
import { choose, chosenSpeed, isLive, passes, speeds, toggle, toNow, walk } from './travel.ts'

export function Transport({ clock }: { readonly clock: Clock }) {
  const moving = passes()
  return (
    <div class="transport">
      <button
        type="button"
        class="icon"
        aria-label="One step back"
        title="One step back (←)"
        onClick={() => walk(-1)}
      >
        <Icon path="M11 3 5 8l6 5zM3 3v10" />
      </button>
      <button
        type="button"
        class="icon play"
        aria-label={moving ? 'Pause' : 'Play'}
        title={`${moving ? 'Pause' : 'Play'} (space)`}
        onClick={toggle}
      >
        <Icon path={moving ? 'M5 3v10M11 3v10' : 'M4 2.5v11l9-5.5z'} />
      </button>
      <button
        type="button"
        class="icon"
        aria-label="One step forward"
        title="One step forward (→)"
        onClick={() => walk(1)}
      >
        <Icon path="M5 3l6 5-6 5zM13 3v10" />
      </button>
      <select
        aria-label="How fast time passes"
        value={chosenSpeed.value}
        onChange={(event) => choose(Number(event.currentTarget.value))}
      >
        {speeds.map((speed) => (
          <option key={speed} value={speed}>
            {speed}×
          </option>
        ))}
      </select>
      {isLive() && (
        <button
          type="button"
          class="now"
          aria-pressed={clock.now}
          title="What happens now (n)"
          onClick={toNow}
        >
          <i aria-hidden="true" />
          Now
        </button>
      )}
    </div>
  )
}

const Icon = ({ path }: { readonly path: string }) => (
  <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path
      d={path}
      fill="currentColor"
      stroke="currentColor"
      stroke-width="2"
      stroke-linejoin="round"
      stroke-linecap="round"
    />
  </svg>
)
