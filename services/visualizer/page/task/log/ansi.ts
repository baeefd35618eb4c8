/** The colours and weights that programs write among their words, as class names. */

export interface Style {
  readonly bold?: boolean
  readonly dim?: boolean
  readonly italic?: boolean
  readonly underline?: boolean
  /** 0..15. */
  readonly colour?: number
}

export const plainStyle: Style = {}

/** After `ESC [ codes m`. What is not known changes nothing. */
export function styled(style: Style, codes: string): Style {
  let now = style
  const numbers = codes.split(';').map(Number)
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at] ?? 0
    // 38;5;n and 38;2;r;g;b: a colour of many, which is passed over with all of its numbers.
    if (code === 38 || code === 48) at += numbers[at + 1] === 5 ? 2 : 4
    else now = after(now, code)
  }
  return now
}

function after(style: Style, code: number): Style {
  if (code === 0) return plainStyle
  if (code === 1) return { ...style, bold: true }
  if (code === 2) return { ...style, dim: true }
  if (code === 3) return { ...style, italic: true }
  if (code === 4) return { ...style, underline: true }
  if (code === 22) return { ...style, bold: false, dim: false }
  if (code === 23) return { ...style, italic: false }
  if (code === 24) return { ...style, underline: false }
  if (code >= 30 && code <= 37) return { ...style, colour: code - 30 }
  if (code >= 90 && code <= 97) return { ...style, colour: code - 90 + 8 }
  if (code !== 39) return style
  const { colour: _, ...rest } = style
  return rest
}

export function classOf({ bold, dim, italic, underline, colour }: Style): string | undefined {
  const names = [
    bold && 'ansi-bold',
    dim && 'ansi-dim',
    italic && 'ansi-italic',
    underline && 'ansi-underline',
    colour !== undefined && `ansi-${colour % 8}`,
  ]
  return names.filter(Boolean).join(' ') || undefined
}
