/** What the bench prints: a table for people, or one JSON object a row. */
import { type Cell, table } from '../../services/operator/table.ts'
import { short } from './figures.ts'
import type { Row, Skipped } from './row.ts'

const names = ['what', 'value', 'unit', 'against', 'ratio', 'aim', 'met']

export function toTable(rows: readonly (Row | Skipped)[]): string {
  const notes = rows.flatMap((row) => ('note' in row && row.note ? [`${row.name}: ${row.note}`] : []))
  return [table(names, rows.map(cells)), ...notes].join('\n')
}

export const toJson = (row: Row | Skipped): string => JSON.stringify(row, rounded)

function cells(row: Row | Skipped): Cell[] {
  if ('skipped' in row) return [row.name, `skipped: ${row.skipped}`, '', '', '', '', '']
  const { name, value, unit, against, limit, ratio, aim, met } = row
  return [
    name,
    short(value),
    unit,
    against === undefined ? '' : `${short(against)} ${limit}`,
    ratio === undefined ? '' : short(ratio),
    aim,
    { text: met ? 'yes' : 'no', colour: met ? 'green' : 'red' },
  ]
}

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(4)) : value
