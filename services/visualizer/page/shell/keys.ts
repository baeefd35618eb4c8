/** What keys do wherever nobody is typing. */
import type { Sought } from '../../language.ts'

export type KeyAction =
  | { readonly do: 'walk'; readonly by: number }
  | { readonly do: 'toggle' | 'now' | 'search' | 'close' }
  | { readonly do: 'seek'; readonly what: Sought; readonly back: boolean }

export interface Pressed {
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}
/** What has the focus, as far as keys are concerned. */
export type Focused = 'nothing' | 'button' | 'text' | 'dialog'

const sought: Readonly<Record<string, Sought>> = { r: 'refused', b: 'broken', l: 'lost', g: 'gap' }

export function actionOf(pressed: Pressed, focused: Focused): KeyAction | undefined {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return undefined
  if (focused === 'text' || focused === 'dialog') return undefined
  const key = pressed.key.toLowerCase()
  const what = sought[key]
  if (what) return { do: 'seek', what, back: pressed.shiftKey }
  if (key === 'arrowleft' || key === 'arrowright') return { do: 'walk', by: key === 'arrowleft' ? -1 : 1 }
  // Space is the button's own.
  if (key === ' ') return focused === 'button' ? undefined : { do: 'toggle' }
  if (key === 'n') return { do: 'now' }
  if (key === 'escape') return { do: 'close' }
  return key === '/' ? { do: 'search' } : undefined
}
