/** The page of what the paper says and what we measured: its tables are made from the numbers, between markers. */
import { measured } from './experiments.ts'
import type { Sharing } from './locality.ts'
import { fullOf, waitOf } from './longTasks.ts'

type Row = readonly string[]

export const page = new URL('./README.md', import.meta.url)

/** The page with its tables as we measure. Throws when it has no place for one of them. */
export function rewritten(text: string): string {
  let said = text
  for (const [name, rowsOf] of Object.entries(tables)) {
    const place = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end -->)`)
    if (!place.test(said)) throw new Error(`the page has no place for the table ${name}`)
    said = said.replace(place, (_, begin, end) => `${begin}\n${tableOf(rowsOf())}\n${end}`)
  }
  return said
}

const tables: Record<string, () => Row[]> = {
  'table two': tableTwoRows,
  'long tasks': waitRows,
  lottery: lotteryRows,
  locality: scanRows,
  drf: drfRows,
}

function tableTwoRows(): Row[] {
  const measuredLines = [...measured.constant(), ...measured.exponential()]
  const lines = measuredLines.map(({ job, durations, what, formula, paper, exactly, ours }) => [
    `${job}, ${durations}`,
    what,
    formula,
    number(paper),
    number(exactly),
    number(ours),
    percentOff(ours, exactly),
  ])
  return [['job, durations', 'what', 'paper', 'that is', 'exactly', 'ours', 'off'], ...lines]
}

function waitRows(): Row[] {
  const lines = measured
    .waits()
    .map(({ full, fullError, wait, waitError, ...mix }) => [
      `${mix.phi}`,
      `${mix.slots}`,
      mix.kept ? `${mix.kept} of ${mix.slots}` : 'none',
      percent(fullOf(mix)),
      mix.kept ? percent(full) : `${percent(full)} ± ${percent(fullError)}`,
      number(waitOf(mix)),
      `${number(wait)} ± ${number(waitError)}`,
    ])
  return [
    ['φ', 'S', 'kept for short tasks', 'full, φ^S', 'full, ours', 'wait elsewhere, from φ', 'wait, ours'],
    ...lines,
  ]
}

function lotteryRows(): Row[] {
  const lines = measured
    .lottery()
    .map(({ share, paper, lottery, drf }) => [`${share}`, number(paper), number(lottery), number(drf)])
  return [['intended share', 'paper', 'ours, lottery', 'ours, drf'], ...lines]
}

const paperLocality: Readonly<Record<string, string>> = {
  partition: '18 %',
  0: 'more than that',
  1: 'above 90 %',
  5: '95 %',
}
const paperSpeed: Readonly<Record<string, string>> = { partition: '1', 5: '1.7' }

function scanRows(): Row[] {
  const scans = measured.scans()
  const [partition] = scans
  const lines = scans.map(({ sharing, local, running }) => [
    sharingInWords(sharing),
    paperLocality[sharing] ?? '',
    percent(local),
    paperSpeed[sharing] ?? '',
    number((partition?.running ?? Number.NaN) / running),
    `${running.toFixed(0)} s`,
  ])
  return [
    ['scenario', 'local, paper', 'local, ours', 'times faster, paper', 'times faster, ours', 'a job, ours'],
    ...lines,
  ]
}
const sharingInWords = (sharing: Sharing): string =>
  sharing === 'partition'
    ? 'a partition for each'
    : sharing === 0
      ? 'shared, no wait'
      : `shared, waits ${sharing} s`

function drfRows(): Row[] {
  const lines = measured
    .drf()
    .map(({ user, needs, paper, ours, dominantShare }) => [
      user,
      needs,
      `${paper} tasks`,
      `${ours} tasks`,
      '2/3',
      number(dominantShare),
    ])
  return [['user', 'a task needs', 'paper', 'ours', 'dominant share, paper', 'ours'], ...lines]
}

function tableOf([head = [], ...rows]: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.join(' | ')} |\n`
  return [head, head.map(() => '---'), ...rows].map(line).join('')
}

const number = (figure: number): string => figure.toFixed(figure < 1 ? 3 : 2)
const percent = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`
const percentOff = (ours: number, expected: number): string => {
  const off = Math.round((ours / expected - 1) * 1000) / 10
  return `${off < 0 ? '-' : '+'}${Math.abs(off).toFixed(1)} %`
}
