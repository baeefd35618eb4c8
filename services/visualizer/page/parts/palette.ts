/** The page's colours for a canvas, which knows no custom properties; read again when light turns dark. */
import { computed, signal } from '@preact/signals'
import { ownerColours } from './owners.ts'

const names = [
  'ground',
  'surface',
  'surface-2',
  'line',
  'ink',
  'ink-2',
  'ink-3',
  'accent',
  'ok',
  'warn',
  'bad',
  'free',
  'offered',
  'revocable',
  'draining',
] as const
export type ColourName = (typeof names)[number]
export type Palette = Readonly<Record<ColourName, string>> & { readonly owners: readonly string[] }

const dark = matchMedia('(prefers-color-scheme: dark)')
const turned = signal(0)
dark.addEventListener('change', () => turned.value++)

export const palette = computed((): Palette => {
  turned.value
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const named = Object.fromEntries(names.map((name) => [name, colour(name)]))
  const owners = Array.from({ length: ownerColours }, (_, owner) => colour(`owner-${owner}`))
  return { ...named, owners } as unknown as Palette
})
