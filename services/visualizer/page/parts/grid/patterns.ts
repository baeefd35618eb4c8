/** Fills for canvas that are told apart without colours: hatched, dotted, striped. */
import type { Palette } from '../palette.ts'

type Pattern = 'hatched' | 'dotted' | 'striped'
type Fill = string | CanvasPattern

const known = new WeakMap<Palette, Patterns>()

/** Patterns are made once for each palette. */
export function patternsOf(palette: Palette): Patterns {
  const patterns = known.get(palette) ?? new Patterns(palette)
  known.set(palette, patterns)
  return patterns
}

export class Patterns {
  readonly #palette: Palette
  readonly #made = new Map<string, Fill>()

  constructor(palette: Palette) {
    this.#palette = palette
  }

  /** `colour` on what lies free. */
  of(pattern: Pattern, colour: string): Fill {
    const name = `${pattern} ${colour}`
    const made = this.#made.get(name) ?? this.#make(pattern, colour)
    this.#made.set(name, made)
    return made
  }

  #make(pattern: Pattern, colour: string): Fill {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 6
    const context = canvas.getContext('2d')
    if (!context) return colour
    context.fillStyle = pattern === 'dotted' ? colour : this.#palette.free
    context.fillRect(0, 0, 6, 6)
    if (pattern === 'dotted') dot(context, this.#palette.surface)
    else slant(context, colour, pattern === 'hatched' ? 1.8 : 3)
    return context.createPattern(canvas, 'repeat') ?? colour
  }
}

function slant(context: CanvasRenderingContext2D, colour: string, width: number): void {
  context.strokeStyle = colour
  context.lineWidth = width
  context.beginPath()
  for (const shift of [-6, 0, 6]) {
    context.moveTo(shift - 1, 7)
    context.lineTo(shift + 7, -1)
  }
  context.stroke()
}

function dot(context: CanvasRenderingContext2D, colour: string): void {
  context.fillStyle = colour
  for (const [x, y] of [
    [1.5, 1.5],
    [4.5, 4.5],
  ] as const) {
    context.beginPath()
    context.arc(x, y, 1.1, 0, 2 * Math.PI)
    context.fill()
  }
}
