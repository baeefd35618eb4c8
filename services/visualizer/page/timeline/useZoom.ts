/** The wheel with Ctrl, and + and −, show more time or less. */
import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { go, linkHere } from '../place.ts'
import { spanWritten, zoomed } from './span.ts'

const keyFactor = 1.5

export function useZoom(spanMs: number): RefObject<HTMLDivElement | null> {
  const frame = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const { current } = frame
    if (!current) return
    const away = new AbortController()
    const { signal } = away
    const to = (factor: number) => go(linkHere({ span: spanWritten(zoomed(spanMs, factor)) }))
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return
      event.preventDefault()
      to(Math.exp(event.deltaY * 0.002))
    }
    // Not passive: the browser would make the whole page larger.
    current.addEventListener('wheel', wheel, { passive: false, signal })
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.target instanceof HTMLInputElement) return
      if (event.key === '+' || event.key === '=') to(1 / keyFactor)
      else if (event.key === '-') to(keyFactor)
      else return
      event.preventDefault()
    }
    current.addEventListener('keydown', press, { signal })
    return () => away.abort()
  }, [spanMs])
  return frame
}
