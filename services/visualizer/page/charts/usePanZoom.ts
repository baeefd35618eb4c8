/** Wheel, drag and keys move what is seen of a picture; it is all seen to begin with, and after the frame has changed. */
import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Size, useSize } from '../parts/useSize.ts'
import { byKey, fit, pan, type View, zoom } from './panZoom.ts'

export interface PanZoom {
  readonly frame: RefObject<HTMLElement | null>
  readonly view: View
  readonly zoomBy: (factor: number) => void
  readonly fitAll: () => void
}
/** What is seen at this moment, and how to see something else. */
interface Sight {
  readonly now: () => View
  readonly show: (view: View | undefined) => void
}

export function usePanZoom(picture: Size): PanZoom {
  const frame = useRef<HTMLElement>(null)
  const size = useSize(frame)
  const [moved, show] = useState<View>()
  const view = moved ?? fit(picture, size)
  const latest = useRef(view)
  latest.current = view
  const sight: Sight = {
    now: () => latest.current,
    show: (next) => {
      // Several events may come before the page is drawn again.
      latest.current = next ?? latest.current
      show(next)
    },
  }
  useEffect(() => show(undefined), [picture.width, picture.height, size.width, size.height])
  useEffect(() => (frame.current ? listen(frame.current, sight) : undefined), [])
  const zoomBy = (factor: number) => sight.show(zoom(view, factor, { x: size.width / 2, y: size.height / 2 }))
  return { frame, view, zoomBy, fitAll: () => sight.show(undefined) }
}

function listen(element: HTMLElement, sight: Sight): () => void {
  const away = new AbortController()
  const { signal } = away
  // Not passive: the page must not scroll, or grow, below the picture.
  element.addEventListener('wheel', (event) => wheel(event, element, sight), { passive: false, signal })
  element.addEventListener('pointerdown', (event) => drag(event, element, sight), { signal })
  element.addEventListener('keydown', (event) => key(event, element, sight), { signal })
  // States are links, and a browser would drag those as such.
  element.addEventListener('dragstart', (event) => event.preventDefault(), { signal })
  return () => away.abort()
}

function wheel(event: WheelEvent, element: HTMLElement, { now, show }: Sight): void {
  event.preventDefault()
  const { left, top } = element.getBoundingClientRect()
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE
  const factor = Math.exp(-event.deltaY * (lines ? 0.05 : 0.0015))
  show(zoom(now(), factor, { x: event.clientX - left, y: event.clientY - top }))
}

/** px that a pointer moves before a click is a drag: hands tremble. */
const tremble = 4

function drag(start: PointerEvent, element: HTMLElement, { now, show }: Sight): void {
  if (start.button !== 0) return
  let from = start
  const end = new AbortController()
  const { signal } = end
  const onMove = (event: PointerEvent) => {
    const [dx, dy] = [event.clientX - from.clientX, event.clientY - from.clientY]
    if (!element.hasPointerCapture(event.pointerId)) {
      if (Math.hypot(dx, dy) < tremble) return
      element.setPointerCapture(event.pointerId)
    }
    from = event
    show(pan(now(), dx, dy))
  }
  element.addEventListener('pointermove', onMove, { signal })
  for (const over of ['pointerup', 'pointercancel', 'pointerleave'] as const)
    element.addEventListener(over, () => end.abort(), { signal })
}

function key(event: KeyboardEvent, { clientWidth, clientHeight }: HTMLElement, { now, show }: Sight): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const next = byKey(now(), event.key, { width: clientWidth, height: clientHeight })
  if (!next) return
  event.preventDefault()
  show(next === 'fit' ? undefined : next)
}
