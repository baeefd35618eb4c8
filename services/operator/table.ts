/** What is printed for people: tables, pairs and sentences. What strangers wrote is made plain first. */
import Table from 'cli-table3'
import { asPlainJson } from '../runtime/plainJson.ts'
import { plain } from './plain.ts'

export { plain }

export type Colour = 'red' | 'green' | 'yellow' | 'bold' | 'dim'
const codes: Readonly<Record<Colour, readonly [on: number, off: number]>> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  bold: [1, 22],
  dim: [2, 22],
}

export function paint(colour: Colour, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  const wanted = stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'
  const [on, off] = codes[colour]
  return wanted ? `\u001b[${on}m${text}\u001b[${off}m` : text
}

export type Cell = string | { readonly text: string; readonly colour: Colour }

/** Rows below their names, without lines: fit for eyes, grep and awk. */
export const table = (names: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  drawn([names.map(heading), ...rows.map((row) => row.map(cell))])

/** Names and values, one pair a line. */
export const pairs = (rows: readonly (readonly [name: string, value: Cell])[]): string =>
  drawn(rows.map(([name, value]) => [heading(name), cell(value)]))

export const json = (value: unknown): string => `${JSON.stringify(value, asPlainJson, 2)}\n`

export function print(text: string): void {
  process.stdout.write(text)
}

/** Told beside the result. */
export function tell(sentence: string): void {
  process.stderr.write(`proffer: ${plain(sentence)}\n`)
}

const heading = (name: string): string => paint('bold', name)
const cell = (given: Cell): string => {
  if (typeof given === 'string') return plain(given) || '-'
  return paint(given.colour, plain(given.text) || '-')
}

function drawn(rows: readonly string[][]): string {
  const made = new Table({
    chars: noLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  })
  made.push(...rows)
  const lines = made.toString().split('\n')
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

const noLines = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
}
