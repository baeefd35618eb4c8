/** The time above the bars. */
import type { Tick } from './ticks.ts'

export function TimeAxis({ ticks }: { readonly ticks: readonly Tick[] }) {
  return (
    <div class="time-axis" aria-hidden="true">
      {ticks.map(({ x, text }) => (
        <time key={text} style={{ left: `${x}px` }}>
          {text}
        </time>
      ))}
    </div>
  )
}
