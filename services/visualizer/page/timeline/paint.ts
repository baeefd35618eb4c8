/** Bars on a canvas. */
import type { Bar } from '../../language.ts'
import type { Palette } from '../parts/palette.ts'
import { type Axis, barHeight, extentOf, type PlacedSlave, topOfBar, xOf } from './rows.ts'
import type { Tick } from './ticks.ts'
import { type Cap, capOf, inkOn, isBad, textureOf } from './tones.ts'

export interface Painting {
  readonly context: CanvasRenderingContext2D
  readonly palette: Palette
  readonly axis: Axis
  /** How far one has scrolled, px. */
  readonly scrolled: number
}

export function paintRows(
  { context, palette, axis, scrolled }: Painting,
  slaves: readonly PlacedSlave[],
): void {
  context.fillStyle = palette.line
  for (const { top, height } of slaves) context.fillRect(0, top + height - scrolled - 1, axis.width, 1)
}

export function paintTicks({ context, palette }: Painting, ticks: readonly Tick[], height: number): void {
  context.fillStyle = palette.line
  for (const { x } of ticks) context.fillRect(Math.round(x), 0, 1, height)
}

export function paintBars(painting: Painting, slaves: readonly PlacedSlave[]): void {
  for (const slave of slaves)
    for (const bar of slave.slave.bars) paintBar(painting, bar, topOfBar(slave, bar) - painting.scrolled)
}

/** A frame around the bar that is pointed at. */
export function paintCursor(
  { context, palette, axis, scrolled }: Painting,
  slave: PlacedSlave,
  bar: Bar,
): void {
  const [left, right] = extentOf(axis, bar)
  context.strokeStyle = palette.ink
  context.lineWidth = 2
  context.beginPath()
  context.roundRect(left - 3, topOfBar(slave, bar) - scrolled - 3, right - left + 6, barHeight + 6, 5)
  context.stroke()
}

function paintBar(painting: Painting, bar: Bar, top: number): void {
  const { context, axis, palette } = painting
  const [left, right] = extentOf(axis, bar)
  if (right < 0 || left > axis.width) return
  const colour = palette.owners[bar.owner % palette.owners.length] ?? palette['ink-3']
  context.save()
  context.beginPath()
  context.roundRect(left, top, right - left, barHeight, 3)
  context.clip()
  paintPhases(painting, bar, colour, top, right)
  context.restore()
  const end = bar.endedAt === undefined ? undefined : bar.phases.at(-1)
  if (end && bar.endedAt !== undefined && bar.endedAt <= axis.to)
    paintCap(painting, capOf(end.state), left, right, top)
  paintName(painting, bar, colour, right, top)
}

function paintPhases(
  { context, axis, palette }: Painting,
  bar: Bar,
  colour: string,
  top: number,
  right: number,
) {
  bar.phases.forEach(({ state, at }, i) => {
    const next = bar.phases[i + 1]
    if (bar.endedAt !== undefined && !next) return
    const [from, to] = [Math.max(0, xOf(axis, at)), next ? Math.min(right, xOf(axis, next.at)) : right]
    const width = Math.max(1, to - from)
    if (to < 0 || from > axis.width) return
    const texture = textureOf(state)
    context.globalAlpha = texture === 'solid' ? 1 : texture === 'striped' ? 0.45 : 0.22
    context.fillStyle = colour
    context.fillRect(from, top, width, barHeight)
    context.globalAlpha = 1
    if (texture === 'striped') stripe(context, colour, from, top, width)
    if (texture === 'dotted') dot(context, palette.bad, from, top, width)
    if (texture === 'outline') outline(context, colour, from, top, width)
  })
}

function stripe(
  context: CanvasRenderingContext2D,
  colour: string,
  x: number,
  y: number,
  width: number,
): void {
  context.save()
  context.beginPath()
  context.rect(x, y, width, barHeight)
  context.clip()
  context.strokeStyle = colour
  context.lineWidth = 2.5
  context.beginPath()
  for (let at = x - barHeight; at < x + width; at += 6) {
    context.moveTo(at, y + barHeight)
    context.lineTo(at + barHeight, y)
  }
  context.stroke()
  context.restore()
}

function dot(context: CanvasRenderingContext2D, colour: string, x: number, y: number, width: number): void {
  context.fillStyle = colour
  for (let at = x + 3; at < x + width; at += 6) context.fillRect(at, y + barHeight / 2 - 1, 2, 2)
}

function outline(
  context: CanvasRenderingContext2D,
  colour: string,
  x: number,
  y: number,
  width: number,
): void {
  context.fillStyle = colour
  context.fillRect(x, y, width, 1.5)
  context.fillRect(x, y + barHeight - 1.5, width, 1.5)
}

/** px that the sign at the end takes; of a bar that is no wider only its colour is left. */
const capWidth = 13

function paintCap({ context, palette }: Painting, cap: Cap, left: number, right: number, top: number): void {
  const width = Math.min(capWidth, right - left)
  const x = right - width
  context.fillStyle = isBad(cap) ? palette.bad : palette['ink-2']
  context.beginPath()
  context.roundRect(x, top, width, barHeight, [0, 3, 3, 0])
  context.fill()
  if (width < capWidth) return
  context.strokeStyle = palette.surface
  context.fillStyle = palette.surface
  context.lineWidth = 1.6
  context.beginPath()
  sign(context, cap, x + capWidth / 2, top + barHeight / 2)
}

function sign(context: CanvasRenderingContext2D, cap: Cap, x: number, y: number): void {
  switch (cap) {
    case 'check':
      context.moveTo(x - 3, y)
      context.lineTo(x - 0.8, y + 2.6)
      context.lineTo(x + 3.2, y - 2.8)
      context.stroke()
      break
    case 'cross':
      context.moveTo(x - 2.6, y - 2.6)
      context.lineTo(x + 2.6, y + 2.6)
      context.moveTo(x + 2.6, y - 2.6)
      context.lineTo(x - 2.6, y + 2.6)
      context.stroke()
      break
    case 'square':
      context.fillRect(x - 2.5, y - 2.5, 5, 5)
      break
    case 'triangle':
      context.moveTo(x, y - 3)
      context.lineTo(x + 3.4, y + 3)
      context.lineTo(x - 3.4, y + 3)
      context.fill()
      break
  }
}

/** A bar with less room than so many px does not tell its name. */
const roomForName = 54

/** Behind what came before it ran, which is too pale for the letters. */
function paintName({ context, axis }: Painting, bar: Bar, colour: string, right: number, top: number): void {
  const solid = bar.phases.find(({ state }) => textureOf(state) === 'solid')
  if (!solid) return
  const left = Math.max(0, xOf(axis, solid.at)) + 6
  const room = right - left - (bar.endedAt === undefined ? 4 : capWidth + 2)
  if (room < roomForName) return
  const letters = Math.floor(room / 5.8)
  context.fillStyle = inkOn(colour)
  context.font = '10.5px system-ui, sans-serif'
  context.fillText(
    bar.name.length > letters ? `${bar.name.slice(0, letters - 1)}…` : bar.name,
    left,
    top + barHeight - 3.5,
  )
}
