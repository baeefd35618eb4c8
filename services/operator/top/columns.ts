/** Text in columns of a terminal, where a letter may be two columns wide, or none. */
import stringWidth from 'string-width'
import { plain } from '../table.ts'

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Made plain, and exactly so wide: cut with an ellipsis, or filled with spaces on the right, or on the left. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const cut = cutTo(plain(text), width)
  const rest = ' '.repeat(width - stringWidth(cut))
  return align === 'left' ? cut + rest : rest + cut
}

/** Made plain, and no wider. */
export function cutTo(text: string, width: number): string {
  const shown = plain(text)
  if (stringWidth(shown) <= width) return shown
  if (width < 1) return ''
  let cut = ''
  for (const { segment } of letters.segment(shown)) {
    if (stringWidth(cut + segment) > width - 1) break
    cut += segment
  }
  return `${cut}…`
}

export const widthOf = (text: string): number => stringWidth(plain(text))

/** A part of a line as blocks: all of it where `parts` add up to 1. */
export function bar(parts: readonly (readonly [part: number, block: string])[], width: number): string {
  let drawn = ''
  let upTo = 0
  for (const [part, block] of parts) {
    upTo = Math.min(1, upTo + Math.max(0, part))
    drawn += block.repeat(Math.max(0, Math.round(upTo * width) - drawn.length))
  }
  return drawn.padEnd(width, '·')
}
