/** A chart as Markdown tables: all that it hears, in every state, and what comes of it. */
import type { AnyStateMachine } from 'xstate'
import { chartAsJson } from './index.ts'
import { triggerInWords } from './mermaid.ts'
import { insideOut, isFinal, pathOf, type State, treeOf, waysOf, whenOf } from './tree.ts'

/** All that a role's chart hears in each state, and what it then decides, as a Markdown table. */
export function chartAsTable(machine: AnyStateMachine): string {
  const rows = gathered(insideOut(treeOf(chartAsJson(machine))).flatMap(rowsOf))
  const cells = rows.map(({ state, hears, when, decides, to }) => [
    state,
    hears.map((event) => `\`${event}\``).join(', '),
    when,
    decides.map((decision) => `\`${decision}\``).join(', ') || (to ? '' : 'nothing to do'),
    to ?? '',
  ])
  return markdownTable(['in', 'hears', 'when', 'decides', 'goes to'], cells)
}

/** A life as a Markdown table: state x fact -> state. */
export function lifeAsTable(machine: AnyStateMachine): string {
  const { children } = treeOf(chartAsJson(machine))
  const rows = children.flatMap(rowsOf)
  const facts = [...new Set(rows.map((row) => row.hears))]
  const cells = children
    .filter((state) => !isFinal(state))
    .map(({ name }) => [
      `**${name}**`,
      ...facts.map((fact) => rows.find((row) => row.state === name && row.hears === fact)?.to ?? ''),
    ])
  return markdownTable(['', ...facts], cells)
}

interface Row {
  readonly state: string
  readonly hears: string
  readonly when: string
  readonly decides: readonly string[]
  readonly to: string | undefined
}

function rowsOf(state: State): Row[] {
  const { entry = [], exit = [] } = state.json
  const moved = { state: nameOf(state), when: '', to: undefined }
  return [
    ...(entry.length > 0 ? [{ ...moved, hears: 'entry', decides: entry }] : []),
    ...waysOf(state).map((way) => ({
      state: nameOf(state),
      hears: triggerInWords(way.trigger),
      when: way.guard ? `\`${way.guard}\`` : (whenOf(way) ?? ''),
      decides: way.actions,
      to: way.to && nameOf(way.to),
    })),
    ...(exit.length > 0 ? [{ ...moved, hears: 'exit', decides: exit }] : []),
  ]
}

/** What the chart itself hears it hears in any state. */
const nameOf = (state: State): string =>
  pathOf(state)
    .slice(1)
    .map(({ name }) => name)
    .join('.') || 'any'

/** Neighbours that differ only in what they hear share a row. */
function gathered(rows: readonly Row[]): (Omit<Row, 'hears'> & { hears: string[] })[] {
  const result: (Omit<Row, 'hears'> & { hears: string[] })[] = []
  for (const row of rows) {
    const last = result.at(-1)
    if (last && isAlike(last, row)) last.hears.push(row.hears)
    else result.push({ ...row, hears: [row.hears] })
  }
  return result
}

const isAlike = (a: Omit<Row, 'hears'>, b: Omit<Row, 'hears'>): boolean =>
  a.state === b.state && a.when === b.when && a.to === b.to && a.decides.join() === b.decides.join()

/** A Markdown table, its columns aligned as the formatter would align them; a bar within a cell would end it. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [heads, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = heads.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`
  const [head = [], ...body] = cells
  return [head, widths.map((width) => '-'.repeat(width)), ...body].map(line).join('')
}
