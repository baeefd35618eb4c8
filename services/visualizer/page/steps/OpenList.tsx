/**
 * A list that grows at its head, with only those rows there that can be seen, and one of them open. At the head it
 * follows; below, what is being read stays where it is.
 */
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useSize } from '../parts/useSize.ts'
import { heightOf, type Rows, rowAt, seenRows, topOf } from './rows.ts'

interface Props {
  readonly label: string
  /** What tells the rows apart, the newest first. */
  readonly keys: readonly (string | number)[]
  /** px. */
  readonly rowHeight: number
  readonly row: (index: number) => ComponentChildren
  readonly open: number | undefined
  readonly opened: ComponentChildren
  readonly onEnd?: () => void
}

export function OpenList({ label, keys, rowHeight, row, open, opened, onEnd }: Props) {
  const frame = useRef<HTMLElement>(null)
  const inner = useRef<HTMLDivElement>(null)
  const { height } = useSize(frame)
  const [top, setTop] = useState(0)
  const openHeight = useHeight(inner, open === undefined ? undefined : keys[open])
  const rows: Rows = { count: keys.length, rowHeight, openHeight, ...(open !== undefined && { open }) }
  useAnchor(frame, rows, keys)
  const [first, end] = seenRows(rows, top, height)
  const onScroll = ({ currentTarget }: { currentTarget: HTMLElement }) => {
    setTop(currentTarget.scrollTop)
    if (currentTarget.scrollTop + height > heightOf(rows) - height) onEnd?.()
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="open-list" ref={frame} aria-label={label} tabIndex={0} onScroll={onScroll}>
      <ol style={{ height: `${heightOf(rows)}px` }}>
        {keys.slice(first, end).map((key, offset) => (
          <li key={key} style={{ transform: `translateY(${topOf(rows, first + offset)}px)` }}>
            <div style={{ height: `${rowHeight}px` }}>{row(first + offset)}</div>
            {first + offset === open && <div ref={inner}>{opened}</div>}
          </li>
        ))}
      </ol>
    </section>
  )
}

/** How high what is open is, as it changes. */
function useHeight(element: { readonly current: Element | null }, of: string | number | undefined): number {
  const [height, setHeight] = useState(0)
  useLayoutEffect(() => {
    if (!element.current) return setHeight(0)
    const observer = new ResizeObserver(([entry]) => setHeight(entry?.contentRect.height ?? 0))
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [of, element.current])
  return height
}

/** Keeps the row at the upper edge there when rows have come before it. */
function useAnchor(
  frame: { readonly current: HTMLElement | null },
  rows: Rows,
  keys: readonly (string | number)[],
): void {
  const before = useRef<readonly (string | number)[]>(keys)
  useLayoutEffect(() => {
    const { current } = frame
    // At the head one sees what comes; unless a row is open, and being read.
    const follows = !current || (current.scrollTop === 0 && rows.open === undefined)
    const at = follows ? -1 : rowAt(rows, current.scrollTop)
    const anchor = before.current[at]
    before.current = keys
    if (!current || anchor === undefined || keys[at] === anchor) return
    const now = keys.indexOf(anchor)
    if (now >= 0) current.scrollTop += (now - at) * rows.rowHeight
  }, [keys])
}
