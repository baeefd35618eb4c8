/** Draws slaves: from below what is booked, then what is offered, then what is free; on top of it what state it is in. */
import type { Part } from '../../language.ts'
import { type Grid, leftOf, topOf } from '../parts/grid/geometry.ts'
import { type Patterns, patternsOf } from '../parts/grid/patterns.ts'
import { ownerColours } from '../parts/owners.ts'
import type { Palette } from '../parts/palette.ts'
import type { Cells } from './cells.ts'
import { type Shades, shadesOf } from './shades.ts'

export interface Painted {
  readonly cells: Cells
  readonly parts: readonly (readonly Part[])[] | undefined
  readonly names: readonly { readonly name: string }[]
  readonly palette: Palette
}
/** Smaller cells have one colour each: nothing else could be told apart. */
const smallestDetailed = 8
const smallestNamed = 60
const nameHeight = 18

export function paintCells(
  context: CanvasRenderingContext2D,
  painted: Painted,
  grid: Grid,
  from: number,
  to: number,
): void {
  context.font = `11px ${getComputedStyle(context.canvas).fontFamily}`
  const { palette } = painted
  const pen = { context, patterns: patternsOf(palette), shades: shadesOf(palette), ...painted }
  const paint = Math.min(grid.width, grid.height) < smallestDetailed ? paintSmall : paintLarge
  for (let index = from; index < to; index++)
    paint(pen, index, {
      x: leftOf(grid, index),
      y: topOf(grid, index),
      width: grid.width,
      height: grid.height,
    })
}

interface Pen extends Painted {
  readonly context: CanvasRenderingContext2D
  readonly patterns: Patterns
  readonly shades: Shades
}
interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const colourOf = ({ owners }: Palette, owner: number): string => owners[owner % ownerColours] ?? ''

/** One colour: of very many cells each is drawn once. */
function paintSmall({ context, palette, shades, cells }: Pen, index: number, box: Box): void {
  fill(context, warningOf(palette, cells.state(index)) ?? shadeOf(shades, palette, cells, index), box)
}

function shadeOf(shades: Shades, palette: Palette, cells: Cells, index: number): string {
  const owner = cells.owner(index)
  if (owner !== undefined) return shades(owner, cells.booked(index))
  return cells.offered(index) > 0 ? palette.offered : palette.free
}

function paintLarge(pen: Pen, index: number, box: Box): void {
  const { context, palette, cells, names } = pen
  const state = cells.state(index)
  const named = box.width >= smallestNamed
  const inner = named ? { ...box, height: box.height - nameHeight } : box
  fill(context, palette.free, inner)
  if (state !== 'gone') paintParts(pen, index, inner)
  paintState(pen, state, inner)
  if (named) paintName(context, palette, names[index]?.name ?? '', box)
}

function paintParts(pen: Pen, index: number, box: Box): void {
  const { context, palette, patterns, parts } = pen
  let bottom = box.y + box.height
  for (const { owner, fraction, as } of parts?.[index] ?? roughly(pen, index)) {
    const height = Math.min(bottom - box.y, fraction * box.height)
    bottom -= height
    const colour = owner < 0 ? palette.offered : colourOf(palette, owner)
    const style = as === 'booked' ? colour : patterns.of(as === 'offered' ? 'hatched' : 'dotted', colour)
    fill(context, style, { ...box, y: bottom, height })
    // What lies on another is set off from it.
    if (box.height > 30 && bottom > box.y) fill(context, palette.surface, { ...box, y: bottom, height: 1 })
  }
}

/** Where nobody said who holds how much: all of it goes to whoever holds most. */
function roughly({ cells }: Pen, index: number): Part[] {
  const owner = cells.owner(index)
  return [
    ...(owner === undefined ? [] : [{ owner, fraction: cells.booked(index), as: 'booked' } as const]),
    { owner: -1, fraction: cells.offered(index), as: 'offered' },
  ]
}

type SlaveState = ReturnType<Cells['state']>

const warningOf = (palette: Palette, state: SlaveState): string | undefined => {
  if (state === 'unreachable' || state === 'gone') return palette.bad
  if (state === 'draining' || state === 'drained') return palette.draining
  return state === 'disconnected' ? palette.warn : undefined
}

function paintState({ context, palette, patterns }: Pen, state: SlaveState, box: Box): void {
  const colour = warningOf(palette, state)
  if (state === 'registering') frame(context, palette.accent, [2, 2], box)
  if (!colour) return
  if (state === 'draining' || state === 'drained') {
    context.globalAlpha = state === 'drained' ? 1 : 0.55
    fill(context, patterns.of('striped', colour), box)
    context.globalAlpha = 1
  }
  frame(context, colour, state === 'disconnected' ? [3, 2] : [], box)
  if (state === 'unreachable' || state === 'gone') cross(context, colour, box)
}

function fill(
  context: CanvasRenderingContext2D,
  style: string | CanvasPattern,
  { x, y, width, height }: Box,
): void {
  context.fillStyle = style
  context.fillRect(x, y, width, height)
}

function frame(
  context: CanvasRenderingContext2D,
  colour: string,
  dashes: number[],
  { x, y, width, height }: Box,
): void {
  context.strokeStyle = colour
  context.lineWidth = width < 20 ? 1 : 2
  context.setLineDash(dashes)
  const inset = context.lineWidth / 2
  context.strokeRect(x + inset, y + inset, width - 2 * inset, height - 2 * inset)
  context.setLineDash([])
}

function cross(context: CanvasRenderingContext2D, colour: string, { x, y, width, height }: Box): void {
  context.strokeStyle = colour
  context.lineWidth = width < 20 ? 1 : 2
  context.beginPath()
  context.moveTo(x, y)
  context.lineTo(x + width, y + height)
  context.moveTo(x + width, y)
  context.lineTo(x, y + height)
  context.stroke()
}

function paintName(
  context: CanvasRenderingContext2D,
  palette: Palette,
  name: string,
  { x, y, width, height }: Box,
): void {
  context.fillStyle = palette['ink-2']
  context.textBaseline = 'bottom'
  context.fillText(shortened(context, name, width), x, y + height - 1)
}

/** The end of a name tells more than its beginning. */
function shortened(context: CanvasRenderingContext2D, name: string, width: number): string {
  if (context.measureText(name).width <= width) return name
  let from = 1
  while (from < name.length && context.measureText(`…${name.slice(from)}`).width > width) from++
  return `…${name.slice(from)}`
}
