/** Tables by their columns: what stands in each, and which are left out where nothing stands in them. */
import { isNone, type Resources } from '../../shared/resources.ts'
import type { Cell } from './table.ts'

export type Words = typeof import('./words.ts')
/**
 * Each column by its name: what stands in it. `RESERVED?` is left out of a table in which it would stand empty: most
 * clusters have no such thing.
 */
export type Columns<Row> = Readonly<Record<string, (row: Row, words: Words) => Cell>>

export async function drawTable<Row>(columns: Columns<Row>, rows: readonly Row[]): Promise<string> {
  const [{ table }, words] = await Promise.all([import('./table.ts'), import('./words.ts')])
  const drawn = Object.entries(columns)
    .map(([name, column]) => ({ name, cells: rows.map((row) => column(row, words)) }))
    .filter(({ name, cells }) => !name.endsWith('?') || cells.some((cell) => cell !== ''))
  return table(
    drawn.map(({ name }) => name.replace(/\?$/, '')),
    rows.map((_, i) => drawn.map(({ cells }) => cells[i] ?? '')),
  )
}

/** What is held, where anything is. */
export const someOf = (resources: Resources, { amounts }: Words): string =>
  isNone(resources) ? '' : amounts(resources)
