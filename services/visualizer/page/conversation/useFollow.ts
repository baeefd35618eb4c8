/** At its end a conversation follows what is said; anywhere else, what is being read stays where it is. */
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Sequence } from './sequence.ts'

/** px from the end within which one is at the end. */
const near = 48

export function useFollow(frame: RefObject<HTMLElement | null>, sequence: Sequence): void {
  const atEnd = useRef(true)
  const before = useRef(sequence)
  useEffect(() => {
    const { current } = frame
    if (!current) return
    const look = () => {
      atEnd.current = current.scrollTop + current.clientHeight > current.scrollHeight - near
    }
    current.addEventListener('scroll', look, { passive: true })
    return () => current.removeEventListener('scroll', look)
  }, [])
  useLayoutEffect(() => {
    const { current } = frame
    if (!current) return
    if (atEnd.current) current.scrollTop = current.scrollHeight
    else current.scrollTop += shiftOf(before.current, sequence, current.scrollTop)
    before.current = sequence
  }, [sequence])
}

/** By how much the first message that can be seen stands lower than it did. */
function shiftOf(before: Sequence, now: Sequence, top: number): number {
  const anchor = before.messages.find(({ y0 }) => y0 >= top)
  if (!anchor || before === now) return 0
  const same = now.messages.find(({ key }) => key === anchor.key)
  return same ? same.y0 - anchor.y0 : 0
}
