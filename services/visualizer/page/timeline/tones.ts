/** How a bar tells what its task was doing, and how it ended: by pattern and shape, because colour says whose it is. */
export type Texture = 'outline' | 'solid' | 'striped' | 'dotted'
/** The sign at a bar's end. */
export type Cap = 'check' | 'cross' | 'square' | 'triangle'

const textures: Readonly<Record<string, Texture>> = {
  staging: 'outline',
  starting: 'outline',
  running: 'solid',
  killing: 'striped',
  unreachable: 'dotted',
}
const caps: Readonly<Record<string, Cap>> = {
  finished: 'check',
  failed: 'cross',
  error: 'cross',
  dropped: 'cross',
  killed: 'square',
  lost: 'triangle',
}

export const textureOf = (state: string): Texture => textures[state] ?? 'solid'
export const capOf = (state: string): Cap => caps[state] ?? 'square'
/** The cap in red: it ended otherwise than it should have. */
export const isBad = (cap: Cap): boolean => cap === 'cross' || cap === 'triangle'

/** Black or white, whichever is read better on a colour (`#rrggbb`): one of them always has a contrast above 4.5. */
export function inkOn(colour: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(colour.slice(at, at + 2), 16)),
  )
  // WCAG 2.2, relative luminance; the two contrasts are the same at 0.179.
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#ffffff'
}

function linear(value: number): number {
  const part = value / 255
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
}
