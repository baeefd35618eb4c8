/** A canvas as sharp as the screen, drawn in the next frame after something of it has changed, and not before. */
import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Size } from './useSize.ts'

export type Draw = (context: CanvasRenderingContext2D, size: Size) => void

export function useCanvas(
  size: Size,
  draw: Draw,
  changes: readonly unknown[],
): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    const { current } = canvas
    if (!current || size.width === 0) return
    const frame = requestAnimationFrame(() => drawSharp(current, size, draw))
    return () => cancelAnimationFrame(frame)
  }, [size.width, size.height, ...changes])
  return canvas
}

function drawSharp(canvas: HTMLCanvasElement, { width, height }: Size, draw: Draw): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const [across, down] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)]
  // Setting either empties the canvas and its memory, which is dear.
  if (canvas.width !== across) canvas.width = across
  if (canvas.height !== down) canvas.height = down
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0)
  context.clearRect(0, 0, width, height)
  draw(context, { width, height })
}
