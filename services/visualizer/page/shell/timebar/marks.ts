/** Where on the bar of time something is, and which marks are drawn there. */
import type { Clock, Position } from '../../../language.ts'

/** 0..1 along the bar. */
export function fractionOf(position: Position, { first, last }: Pick<Clock, 'first' | 'last'>): number {
  if (last <= first) return 1
  return Math.min(1, Math.max(0, (position - first) / (last - first)))
}

export interface Mark {
  readonly position: Position
  readonly fraction: number
  readonly message: string
  /** Others that lie where this one lies. */
  readonly more: number
}

/** Marks closer than this would be one to the eye. */
const apart = 1 / 200

/** In order; those that lie together are one, named by the first. */
export function marksOf({ broken, first, last }: Pick<Clock, 'broken' | 'first' | 'last'>): Mark[] {
  const marks: Mark[] = []
  for (const { position, message } of [...broken].sort((a, b) => a.position - b.position)) {
    const fraction = fractionOf(position, { first, last })
    const before = marks.at(-1)
    if (before && fraction - before.fraction < apart)
      marks[marks.length - 1] = { ...before, more: before.more + 1 }
    else marks.push({ position, fraction, message, more: 0 })
  }
  return marks
}
