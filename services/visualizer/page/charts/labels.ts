/** What stands at an arrow: short enough to be read at a glance; all of it is a hover, or a step of the focus, away. */
import { type Way, whenOf } from '../../../../statecharts/tree.ts'
import { type Arrow, distinct, triggerInWords } from './graph.ts'

export interface Line {
  readonly text: string
  /** What is decided, or how much is left out: less important than what is heard. */
  readonly faint: boolean
}

/** So many lines stand at an arrow at the most. */
const most = 3
/** Longer words end in an ellipsis. */
const longest = 34

export function linesAt({ ways }: Arrow): Line[] {
  const told = distinct(ways)
  const [only] = told
  if (!only) return []
  if (told.length === 1) return [heard(only), ...decided(only)]
  const shown = told.length > most ? told.slice(0, most - 1) : told
  const rest = told.length - shown.length
  return [...shown.map(heard), ...(rest > 0 ? [{ text: `and ${rest} more`, faint: true }] : [])]
}

function heard(way: Way): Line {
  const guard = way.guard && ` [${way.guard}]`
  return { text: cut(`${triggerInWords(way)}${guard ?? ''}`), faint: false }
}

const decided = ({ actions }: Way): Line[] =>
  actions.length > 0 ? [{ text: cut(`/ ${actions.join(', ')}`), faint: true }] : []

const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text)

/** A way in one line, with nothing left out. */
export function wayInWords(way: Way): string {
  const when = whenOf(way)
  const decides = way.actions.join(', ')
  return [triggerInWords(way), when && `[${when}]`, decides && `/ ${decides}`].filter(Boolean).join(' ')
}

/** px that a text takes about, at 11.5 px in a system font: exact measures would need a document. */
export const widthOf = (text: string): number => Math.ceil(text.length * 6.3)
export const lineHeight = 15
