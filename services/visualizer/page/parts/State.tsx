/** A state as its shape, its tone and its word. */
import { lookOf, type Shape, stateInWords } from './states.ts'
import './parts.css'

export function State({ state }: { readonly state: string }) {
  const { tone, shape } = lookOf(state)
  return (
    <span class={`state tone-${tone}`}>
      <StateMark shape={shape} />
      {stateInWords(state)}
    </span>
  )
}

export function StateMark({ shape }: { readonly shape: Shape }) {
  return (
    <svg class="state-mark" viewBox="0 0 12 12" aria-hidden="true">
      {marks[shape]}
    </svg>
  )
}

const stroke = { fill: 'none', stroke: 'currentColor', 'stroke-width': 2, 'stroke-linecap': 'round' } as const

const marks = {
  full: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  ring: <circle cx="6" cy="6" r="4" {...stroke} />,
  half: (
    <>
      <circle cx="6" cy="6" r="4" {...stroke} />
      <path d="M6 2a4 4 0 0 0 0 8z" fill="currentColor" />
    </>
  ),
  check: <path d="M2 6.5 5 9.5 10 3" {...stroke} />,
  cross: <path d="M2.5 2.5l7 7m0-7l-7 7" {...stroke} />,
  square: <rect x="2" y="2" width="8" height="8" rx="1" fill="currentColor" />,
  triangle: <path d="M6 1.5 11 10.5H1z" fill="currentColor" />,
  dash: <path d="M2 6h8" {...stroke} />,
} as const satisfies Record<Shape, unknown>
