/** Rows of one height, of which only those that can be seen are there. */
import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { useSize } from './useSize.ts'
import './parts.css'

interface Props {
  readonly label: string
  readonly count: number
  /** px. */
  readonly rowHeight: number
  readonly row: (index: number) => ComponentChildren
}
/** Rows beyond either edge, so that scrolling shows no holes. */
const beyond = 8

export function VirtualList({ label, count, rowHeight, row }: Props) {
  const frame = useRef<HTMLElement>(null)
  const { height } = useSize(frame)
  const [top, setTop] = useState(0)
  const first = Math.max(0, Math.floor(top / rowHeight) - beyond)
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + beyond)
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset)
  return (
    <section
      class="virtual"
      ref={frame}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <ul style={{ height: `${count * rowHeight}px` }}>
        {rows.map((index) => (
          <li
            key={index}
            style={{ height: `${rowHeight}px`, transform: `translateY(${index * rowHeight}px)` }}
            aria-posinset={index + 1}
            aria-setsize={count}
          >
            {row(index)}
          </li>
        ))}
      </ul>
    </section>
  )
}
