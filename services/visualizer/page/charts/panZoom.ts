/** Which part of a picture is seen: by how much it is larger, and where its upper left corner stands. */
export interface View {
  readonly scale: number
  readonly x: number
  readonly y: number
}
interface Size {
  readonly width: number
  readonly height: number
}

export const leastScale = 0.2
export const mostScale = 3
const margin = 20

/** All of it, in the middle, and never larger than life. */
export function fit(picture: Size, frame: Size): View {
  const across = (frame.width - 2 * margin) / Math.max(1, picture.width)
  const down = (frame.height - 2 * margin) / Math.max(1, picture.height)
  const scale = clamp(Math.min(across, down, 1.15))
  return {
    scale,
    x: (frame.width - picture.width * scale) / 2,
    y: (frame.height - picture.height * scale) / 2,
  }
}

/** Larger by a factor, while what is at this point of the frame stays where it is. */
export function zoom(view: View, factor: number, at: { readonly x: number; readonly y: number }): View {
  const scale = clamp(view.scale * factor)
  const by = scale / view.scale
  return { scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by }
}

export const pan = (view: View, dx: number, dy: number): View => ({
  ...view,
  x: view.x + dx,
  y: view.y + dy,
})

const keyStep = 60
const keyFactor = 1.2

/** What a key does to what is seen; undefined for a key that does nothing; `fit` where it asks for all of it. */
export function byKey(view: View, key: string, frame: Size): View | 'fit' | undefined {
  const middle = { x: frame.width / 2, y: frame.height / 2 }
  switch (key) {
    case 'ArrowLeft':
      return pan(view, keyStep, 0)
    case 'ArrowRight':
      return pan(view, -keyStep, 0)
    case 'ArrowUp':
      return pan(view, 0, keyStep)
    case 'ArrowDown':
      return pan(view, 0, -keyStep)
    case '+':
    case '=':
      return zoom(view, keyFactor, middle)
    case '-':
      return zoom(view, 1 / keyFactor, middle)
    case '0':
      return 'fit'
    default:
      return undefined
  }
}

const clamp = (scale: number): number => Math.min(mostScale, Math.max(leastScale, scale))
