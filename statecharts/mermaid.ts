/** A chart as Mermaid and Markdown, drawn from the machine itself: the picture cannot say what the chart does not. */
import type { AnyStateMachine } from 'xstate'
import { type ChartJson, chartAsJson } from './index.ts'

/**
 * The states and the ways between them, as a `stateDiagram-v2`. What leaves a state where it is stands in
 * `chartAsTable`: a role hears far more than it moves by.
 */
export function chartAsMermaid(machine: AnyStateMachine): string {
  const chart = chartAsJson(machine)
  const moves = merged(chart)
  const finals = Object.keys(chart.states).filter((state) => isFinal(chart, state))
  return [
    'stateDiagram-v2',
    ...(moves.some((move) => move.state === any) ? [`    state "any other state" as ${any}`] : []),
    `    [*] --> ${chart.initial}`,
    ...moves.map((move) => `    ${move.state} --> ${move.to}: ${label(move)}`),
    ...finals.map((state) => `    ${state} --> [*]`),
    '',
  ].join('\n')
}

/** All that a role's chart hears in each state, and what it then decides, as a Markdown table. */
export function chartAsTable(machine: AnyStateMachine): string {
  const rows = gathered(rowsOf(chartAsJson(machine)))
  const cells = rows.map(({ state, hears, when, decides, to }) => [
    state === any ? 'any' : state,
    hears.map((event) => `\`${event}\``).join(', '),
    when === undefined ? '' : when === otherwise ? when : `\`${when}\``,
    decides.map((decision) => `\`${decision}\``).join(', ') || (to ? '' : 'nothing to do'),
    to ?? '',
  ])
  return markdownTable(['in', 'hears', 'when', 'decides', 'goes to'], cells)
}

/** A life as a Markdown table: state x fact -> state. */
export function lifeAsTable(machine: AnyStateMachine): string {
  const chart = chartAsJson(machine)
  const rows = rowsOf(chart)
  const facts = [...new Set(rows.map((row) => row.hears))]
  const states = Object.keys(chart.states).filter((state) => !isFinal(chart, state))
  const cells = states.map((state) => [
    `**${state}**`,
    ...facts.map((fact) => rows.find((row) => row.state === state && row.hears === fact)?.to ?? ''),
  ])
  return markdownTable(['', ...facts], cells)
}

interface Row {
  readonly state: string
  readonly hears: string
  readonly when: string | undefined
  readonly decides: readonly string[]
  readonly to: string | undefined
}

const any = 'any'
const otherwise = 'otherwise'
const isFinal = (chart: ChartJson, state: string) => chart.states[state]?.type === 'final'

function rowsOf(chart: ChartJson): Row[] {
  return [...Object.entries(chart.states), [any, chart] as const].flatMap(([state, { on = {} }]) =>
    Object.entries(on).flatMap(([hears, transitions]) =>
      transitions.map(({ guard, actions = [], target }, i) => ({
        state,
        hears,
        when: guard ?? (i > 0 ? otherwise : undefined),
        decides: actions,
        // A leading dot is how XState writes a child of the state that hears.
        to: target?.replace(/^\./, ''),
      })),
    ),
  )
}

/** What every state that can be left knows alike is drawn once, as a way from any of them. */
function merged(chart: ChartJson): Row[] {
  const moves = rowsOf(chart).filter((row) => row.to !== undefined)
  const open = Object.keys(chart.states).filter((state) => !isFinal(chart, state))
  const drawn = moves.map((move): Row => {
    const others = open.filter((state) => state !== move.to)
    const alike = (state: string) => moves.some((other) => other.state === state && isAlike(other, move))
    return others.length > 1 && others.every(alike) ? { ...move, state: any } : move
  })
  return drawn.filter((move, i) => drawn.findIndex((other) => isSame(other, move)) === i)
}

const label = ({ hears, when, decides }: Row) =>
  [hears, when && `[${when}]`, decides.length > 0 && `/ ${decides.join(', ')}`].filter(Boolean).join(' ')
const isAlike = (a: Row, b: Row) => a.to === b.to && label(a) === label(b)
const isSame = (a: Row, b: Row) => a.state === b.state && isAlike(a, b)

/** Neighbours that differ only in what they hear share a row. */
function gathered(rows: readonly Row[]): (Omit<Row, 'hears'> & { hears: string[] })[] {
  const result: (Omit<Row, 'hears'> & { hears: string[] })[] = []
  for (const row of rows) {
    const last = result.at(-1)
    if (last && isSame({ ...last, hears: '' }, { ...row, hears: '' })) last.hears.push(row.hears)
    else result.push({ ...row, hears: [row.hears] })
  }
  return result
}

/** A Markdown table, its columns aligned as the formatter would align them; a bar within a cell would end it. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [heads, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = heads.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`
  const [head = [], ...body] = cells
  return [head, widths.map((width) => '-'.repeat(width)), ...body].map(line).join('')
}
