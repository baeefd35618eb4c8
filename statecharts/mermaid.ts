/** A chart as Mermaid, drawn from the machine itself: the picture cannot say what the chart does not. */
import type { AnyStateMachine } from 'xstate'
import { assert } from '../shared/assert.ts'
import { type ChartJson, chartAsJson } from './index.ts'
import {
  initialOf,
  insideOut,
  isFinal,
  isParallel,
  pathOf,
  type State,
  type Trigger,
  treeOf,
  type Way,
  waysOf,
  whenOf,
  within,
} from './tree.ts'
import { Words } from './words.ts'

/**
 * The states and the ways between them, as a `stateDiagram-v2`. What leaves a state where it is stands in
 * `chartAsTable`: a role hears far more than it moves by.
 */
export function chartAsMermaid(machine: AnyStateMachine): string {
  const sheet = treeOf(boxed(chartAsJson(machine)))
  const words = new Words(within(sheet), mermaidWord)
  const arrows = insideOut(sheet).flatMap(waysOf).flatMap(arrowOf)
  const lines = inside(sheet, { words, arrows }).map((line) => `    ${line}`)
  return ['stateDiagram-v2', ...lines, ''].join('\n')
}

/** A chart is the sheet that it is drawn on; one that is parallel, or decides something itself, is a box on it. */
function boxed(chart: ChartJson): ChartJson {
  const { id, type, entry, exit } = chart
  if (type !== 'parallel' && !entry && !exit) return chart
  return { id: '', initial: id.replace(/[.\\]/g, '\\$&'), states: { [id]: chart } }
}

interface Drawing {
  readonly words: Words
  readonly arrows: readonly Arrow[]
}

/** Between two states within `around`; from any of them where it comes from `around` itself. */
interface Arrow {
  readonly around: State
  readonly from: State | undefined
  readonly to: State
  readonly label: string
}

/**
 * Mermaid draws no arrow across the border of a state, nor between what is parallel: such a way is drawn where both of
 * its ends are within something that is neither, from and to what holds them there, and says where it leads in truth.
 */
function arrowOf(way: Way): Arrow[] {
  const { from, to } = way
  if (!to) return []
  const around = pathOf(to)
    .slice(0, -1)
    .findLast((state) => !isParallel(state) && pathOf(from).includes(state))
  assert(around, 'no picture shows a way that leads to a chart as a whole')
  const holderOf = (state: State) => pathOf(state)[pathOf(around).length] ?? state
  const truth = [
    around !== from && holderOf(from) !== from && `from ${text(from.name)}`,
    holderOf(to) !== to && `to ${text(to.name)}`,
  ].filter(Boolean)
  const label = `${labelOf(way)}${truth.length > 0 ? ` (${truth.join(', ')})` : ''}`
  return [{ around, from: around === from ? undefined : holderOf(from), to: holderOf(to), label }]
}

function labelOf(way: Way): string {
  const when = whenOf(way)
  const decides = way.actions.map(text).join(', ')
  const hears = text(triggerInWords(way.trigger))
  return [hears, when && `[${text(when)}]`, decides && `/ ${decides}`].filter(Boolean).join(' ')
}

export function triggerInWords(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'event':
      return trigger.name
    case 'after':
      return `after ${trigger.delay}${Number.isFinite(Number(trigger.delay)) ? ' ms' : ''}`
    case 'always':
    case 'done':
      return trigger.kind
  }
}

/** The lines between the borders of a state. */
function inside(state: State, drawing: Drawing): string[] {
  const { children } = state
  if (isParallel(state))
    return children.flatMap((child, i) => [...(i > 0 ? ['--'] : []), ...declared(child, drawing, true)])

  const { words } = drawing
  const arrows = loopsJoined(merged(state, drawing.arrows))
  const any = arrows.some(({ from }) => !from) ? words.take('any') : undefined
  const begins = initialOf(state)
  return [
    ...(any ? [`state "any other state" as ${any}`] : []),
    ...children.flatMap((child) => declared(child, drawing, !isDrawn(child, arrows))),
    ...(begins ? [`[*] --> ${words.of(pathOf(begins)[pathOf(state).length] ?? begins)}`] : []),
    ...arrows.map(({ from, to, label }) => `${from ? words.of(from) : any} --> ${words.of(to)}: ${label}`),
    ...children.filter(isFinal).map((child) => `${words.of(child)} --> [*]`),
  ]
}

const isDrawn = (state: State, arrows: readonly Arrow[]): boolean =>
  isFinal(state) ||
  (state.parent !== undefined && initialOf(state.parent) === state) ||
  arrows.some(({ from, to }) => from === state || to === state)

/** What Mermaid would not know of a state from its arrows alone. */
function declared(state: State, drawing: Drawing, isAlone: boolean): string[] {
  const word = drawing.words.of(state)
  const title = titleOf(state)
  const named = title === word ? word : `"${title}" as ${word}`
  const content = inside(state, drawing)
  if (content.length > 0) return [`state ${named} {`, ...content.map((line) => `    ${line}`), '}']
  if (title !== word) return [`state ${named}`]
  return isAlone ? [word] : []
}

/** Its name, and what it decides when it is entered and left. */
const titleOf = ({ name, json: { entry = [], exit = [] } }: State): string =>
  [text(name), ...decided('entry', entry), ...decided('exit', exit)].join(text('; '))
const decided = (when: string, decisions: readonly string[]): string[] =>
  decisions.length > 0 ? [`${when} / ${decisions.map(text).join(', ')}`] : []

/** What every state that can be left knows alike is drawn once, as a way from any of them. */
function merged(around: State, all: readonly Arrow[]): Arrow[] {
  const arrows = all.filter((arrow) => arrow.around === around)
  const open = around.children.filter((state) => !isFinal(state))
  const drawn = arrows.map((arrow): Arrow => {
    if (arrow.from === arrow.to) return arrow
    const others = open.filter((state) => state !== arrow.to)
    const knows = (state: State) => arrows.some((other) => other.from === state && isAlike(other, arrow))
    return others.length > 1 && others.every(knows) ? { ...arrow, from: undefined } : arrow
  })
  const isSame = (a: Arrow, b: Arrow) => a.from === b.from && isAlike(a, b)
  return drawn.filter((arrow, i) => drawn.findIndex((other) => isSame(other, arrow)) === i)
}

/** Of several arrows from a state to itself Mermaid shows only one. */
function loopsJoined(arrows: readonly Arrow[]): Arrow[] {
  const isLoop = ({ from, to }: Arrow) => from === to
  const loopsOf = (state: State) => arrows.filter((arrow) => isLoop(arrow) && arrow.to === state)
  return arrows
    .filter((arrow) => !isLoop(arrow) || loopsOf(arrow.to)[0] === arrow)
    .map((arrow) => {
      if (!isLoop(arrow)) return arrow
      return {
        ...arrow,
        label: loopsOf(arrow.to)
          .map(({ label }) => label)
          .join(text('; ')),
      }
    })
}

const isAlike = (a: Arrow, b: Arrow): boolean => a.to === b.to && a.label === b.label

/** Mermaid's own words, and how it calls where a state begins and ends. */
const reserved =
  /^(default|state|note|class|classdef|style|scale|click|href|statediagram|root)$|_(start|end)$/i

function mermaidWord(names: readonly string[]): string {
  const word = names.map((name) => name.replace(/\W/g, '_')).join('_') || '_'
  return reserved.test(word) ? `${word}_` : word
}

/** Whatever might mean something to Mermaid is written by its number; and so are the words that turn a diagram around. */
const text = (name: string): string =>
  name
    .replace(/[^\p{L}\p{N} .,*/()_-]/gu, (letter) => `#${letter.codePointAt(0)};`)
    .replace(/(?<=direction) /gi, '#32;')
