/** The cluster on one screen: a pure function of what is known, and of the size of the window. */
import type { Answer, FrameworkRow, SlaveRow, TaskRow } from '../../../shared/messages.ts'
import { type Kind, kinds } from '../../../shared/resources.ts'
import type { Cell } from '../table.ts'
import { cpus, memory, percent, span } from '../words.ts'
import { bar, cutTo, widthOf } from './columns.ts'
import { type Counts, type Layout, layOut } from './layout.ts'
import { drawTable } from './tables.ts'
import { tables, type View } from './view.ts'

export type State = Answer<'cluster.get'>
/** What the leader has said. */
export interface Look {
  readonly state: State
  readonly frameworks: readonly FrameworkRow[]
  readonly slaves: readonly SlaveRow[]
  readonly tasks: readonly TaskRow[]
  /** When he said it, ms. */
  readonly at: number
}

export interface Shown {
  readonly cluster: string
  readonly view: View
  /** Undefined before anybody has said anything. */
  readonly look: Look | undefined
  /** Why there is nothing newer. */
  readonly trouble: string | undefined
  /** ms. */
  readonly now: number
}

/** As many lines as the window has at the most, none wider than it, and nothing in them that moves its cursor. */
export function draw(shown: Shown, width: number, height: number): Cell[] {
  const layout = layoutOf(shown.look?.state, shown.view, height)
  const lines = linesOf(shown, layout, width)
  if (layout.hasKeys) {
    while (lines.length < height - 1) lines.push('')
    lines.push({ text: cutTo(keys, width), colour: 'dim' })
  }
  return lines.slice(0, height)
}

/** What of the tables is shown, and so is asked for. */
export const layoutOf = (state: State | undefined, view: View, height: number): Layout =>
  layOut(height, view, countsOf(state), state ? kindsOf(state).length : kinds.length)

/** As many lines as it takes. */
export function linesOf(shown: Shown, layout: Layout, width: number): Cell[] {
  const { look } = shown
  const body = look ? [...barsOf(look.state, layout, width), ...tablesOf(shown, look, layout, width)] : []
  return [headline(shown), secondLine(shown), ...body].map((line) => cut(line, width))
}

const keys = 'q quit   tab, up, down: another table   left, right: another order'

const countsOf = (state: State | undefined): Counts =>
  state ?? { frameworks: unknown, slaves: unknown, tasks: unknown }
const unknown = Number.MAX_SAFE_INTEGER

function headline({ cluster, look, now }: Shown): Cell {
  if (!look) return { text: `proffer ${cluster}`, colour: 'bold' }
  const { leader, epoch, since, policy } = look.state
  const reign = `${leader} leads for ${span(now - since)}, epoch ${epoch}, by ${policy}`
  return { text: `proffer ${cluster}   ${reign}`, colour: 'bold' }
}

/** What is wrong is more important than how much there is. */
function secondLine({ look, trouble, now }: Shown): Cell {
  if (trouble === undefined) return look ? countsInWords(look.state) : 'asking the leader'
  const age = look ? `; this is ${span(now - look.at)} old` : ''
  return { text: `${trouble}${age}`, colour: 'red' }
}

function countsInWords({ refused, slaves, frameworks, tasks, offers }: State): string {
  const refusals = Object.values(refused).reduce((sum, count) => sum + count, 0)
  const counts = { slaves, frameworks, tasks, offers, refusals }
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join('   ')
}

const kindsOf = ({ total }: State): Kind[] => kinds.filter((kind) => total[kind] > 0)
const titles: Readonly<Record<Kind, string>> = {
  cpuMilli: 'cpus',
  memMb: 'mem',
  diskMb: 'disk',
  gpus: 'gpus',
}
const titleWidth = 5
const amountIn: Readonly<Record<Kind, (quantity: number) => string>> = {
  cpuMilli: cpus,
  memMb: memory,
  diskMb: memory,
  gpus: String,
}

const widestBar = 50
/** A narrower bar tells nothing. */
const leastBar = 5

/** All equally long, so that they can be compared. */
function barsOf(state: State, layout: Layout, width: number): string[] {
  const shown = kindsOf(state).slice(0, layout.bars)
  const words = shown.map((kind) => heldInWords(state, kind))
  const room = Math.min(widestBar, width - titleWidth - 3 - Math.max(...words.map(widthOf)))
  return shown.map((kind, i) => {
    const drawn = room < leastBar ? '' : `[${bar(blocksOf(state, kind), room)}] `
    return `${titles[kind].padEnd(titleWidth)}${drawn}${words[i]}`
  })
}

const blocksOf = ({ total, booked, offered }: State, kind: Kind) =>
  [
    [booked[kind] / total[kind], '█'],
    [offered[kind] / total[kind], '▒'],
  ] as const

function heldInWords({ total, booked, offered }: State, kind: Kind): string {
  const [all, promised] = [total[kind], offered[kind]].map(amountIn[kind])
  return `${percent(booked[kind] / total[kind])} of ${all} booked, ${promised} offered`
}

function tablesOf(shown: Shown, look: Look, { rows }: Layout, width: number): Cell[] {
  return tables
    .filter((table) => rows[table] > 0)
    .flatMap((table) => ['', ...drawTable(table, shown, look, rows[table], width)])
}

const cut = (line: Cell, width: number): Cell =>
  typeof line === 'string' ? cutTo(line, width) : { ...line, text: cutTo(line.text, width) }
