/** An owner's colour, the paler the less it holds: mixed beforehand, because mixing on the canvas is dear. */
import { ownerColours } from '../parts/owners.ts'
import type { Palette } from '../parts/palette.ts'

/** `fraction` 0..1. */
export type Shades = (owner: number, fraction: number) => string

const levels = 8
/** Even who holds next to nothing is seen. */
const palest = 0.3

const known = new WeakMap<Palette, Shades>()

export function shadesOf(palette: Palette): Shades {
  const shades = known.get(palette) ?? mixed(palette)
  known.set(palette, shades)
  return shades
}

function mixed({ owners, free }: Palette): Shades {
  const parts = Array.from({ length: levels }, (_, level) => palest + ((1 - palest) * level) / (levels - 1))
  const table = owners.map((colour) => parts.map((part) => mix(free, colour, part)))
  return (owner, fraction) =>
    table[owner % ownerColours]?.[Math.min(levels - 1, Math.floor(fraction * levels))] ?? free
}

/** Of two colours as `#rrggbb`; `part` 0..1 of the second. */
export function mix(first: string, second: string, part: number): string {
  const of = (colour: string, from: number) => Number.parseInt(colour.slice(from, from + 2), 16)
  const channels = [1, 3, 5].map((from) => Math.round(of(first, from) * (1 - part) + of(second, from) * part))
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}
