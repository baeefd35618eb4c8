/** The tables of the screen: what stands in each column, and which columns a narrow window has room for. */
import type { FrameworkRow, SlaveRow, TaskRow } from '../../../shared/messages.ts'
import { kinds } from '../../../shared/resources.ts'
import type { Cell } from '../table.ts'
import { cpus, memory, percent, span } from '../words.ts'
import { fit, widthOf } from './columns.ts'
import type { Look, Shown } from './screen.ts'
import type { Orders, Table } from './view.ts'

interface Column<Row> {
  readonly name: string
  readonly text: (row: Row, now: number) => string
  /** Numbers stand on the right. */
  readonly isNumber?: true
}
/** In the order of their weight: what has no room in a narrow window is left out from the end. */
type Columns<Row> = readonly Column<Row>[]

const frameworkColumns: Columns<FrameworkRow> = [
  { name: 'FRAMEWORK', text: ({ name, frameworkId }) => `${name} (${frameworkId})` },
  { name: 'SHARE', text: ({ share }) => percent(share), isNumber: true },
  { name: 'TASKS', text: ({ tasks }) => `${tasks}`, isNumber: true },
  { name: 'OFFERS', text: ({ offers }) => `${offers}`, isNumber: true },
  { name: 'CPUS', text: ({ booked }) => cpus(booked.cpuMilli), isNumber: true },
  { name: 'MEM', text: ({ booked }) => memory(booked.memMb), isNumber: true },
  { name: 'STATE', text: ({ state }) => state },
  { name: 'ROLES', text: ({ roles }) => roles.map(({ role }) => role).join(', ') },
]

const slaveColumns: Columns<SlaveRow> = [
  { name: 'SLAVE', text: ({ name, slaveId }) => `${name} (${slaveId})` },
  { name: 'FULL', text: (slave) => percent(fullness(slave)), isNumber: true },
  { name: 'TASKS', text: ({ tasks }) => `${tasks}`, isNumber: true },
  {
    name: 'CPUS',
    text: ({ booked, total }) => `${cpus(booked.cpuMilli)} of ${cpus(total.cpuMilli)}`,
    isNumber: true,
  },
  {
    name: 'MEM',
    text: ({ booked, total }) => `${memory(booked.memMb)} of ${memory(total.memMb)}`,
    isNumber: true,
  },
  { name: 'STATE', text: ({ state, closed }) => (closed === undefined ? state : `${state}, closed`) },
  { name: 'ISOLATION', text: ({ isolation }) => isolation },
]

const taskColumns: Columns<TaskRow> = [
  { name: 'TASK', text: ({ taskId }) => taskId },
  { name: 'STATE', text: ({ state }) => state },
  { name: 'SINCE', text: ({ since }, now) => span(now - since), isNumber: true },
  { name: 'FRAMEWORK', text: ({ frameworkName }) => frameworkName },
  { name: 'SLAVE', text: ({ slaveName }) => slaveName },
  { name: 'CPUS', text: ({ resources }) => cpus(resources.cpuMilli), isNumber: true },
  { name: 'MEM', text: ({ resources }) => memory(resources.memMb), isNumber: true },
  { name: 'ROLE', text: ({ role }) => role },
]

const orderInWords: Readonly<Record<Orders[Table], string>> = {
  share: 'largest share first',
  tasks: 'most tasks first',
  offers: 'most offers first',
  fullest: 'fullest first',
  newest: 'newest first',
  oldest: 'oldest first',
  largest: 'largest first',
}

/** Its title, the names of its columns, and so many of its rows. */
export function drawTable(
  table: Table,
  { view, now }: Shown,
  look: Look,
  rows: number,
  width: number,
): Cell[] {
  const isLookedAt = view.table === table
  const shown = Math.min(rows, look[table].length)
  const all = look.state[table]
  const count = shown < all ? `${shown} of ${all}` : `${all}`
  const title = `${isLookedAt ? '>' : ' '} ${table.toUpperCase()} ${count}, ${orderInWords[view.orders[table]]}`
  return [{ text: title, colour: isLookedAt ? 'bold' : 'dim' }, ...drawRows(table, look, rows, now, width)]
}

function drawRows(table: Table, look: Look, rows: number, now: number, width: number): Cell[] {
  if (table === 'frameworks')
    return inColumns(frameworkColumns, look.frameworks.slice(0, rows), now, width, isAway)
  if (table === 'slaves') return inColumns(slaveColumns, look.slaves.slice(0, rows), now, width, isAmiss)
  return inColumns(taskColumns, look.tasks.slice(0, rows), now, width, isUnreachable)
}

const isAway = ({ state }: FrameworkRow) => state === 'disconnected' || state === 'failingOver'
const isAmiss = ({ state, closed }: SlaveRow) => state !== 'active' || closed !== undefined
const isUnreachable = ({ state }: TaskRow) => state === 'unreachable'

/** Of the kind of which least is left. */
const fullness = ({ booked, total }: SlaveRow): number =>
  Math.max(...kinds.map((kind) => (total[kind] > 0 ? booked[kind] / total[kind] : 0)))

const gap = 2
/** Names may be long; what they are longer than this they get only where there is room. */
const widestAtFirst = 32

function inColumns<Row>(
  columns: Columns<Row>,
  rows: readonly Row[],
  now: number,
  width: number,
  isTroubled: (row: Row) => boolean,
): Cell[] {
  const cells = columns.map(({ name, text }) => [name, ...rows.map((row) => text(row, now))])
  const widths = widthsOf(cells, width)
  const line = (i: number) =>
    widths
      .map((wide, column) =>
        fit(cells[column]?.[i] ?? '', wide, columns[column]?.isNumber ? 'right' : 'left'),
      )
      .join(' '.repeat(gap))
      .trimEnd()
  const drawn = rows.map((row, i): Cell => {
    const text = line(i + 1)
    return isTroubled(row) ? { text, colour: 'yellow' } : text
  })
  return [{ text: line(0), colour: 'dim' }, ...drawn]
}

/** As many columns as there is room for; the first is always there, and has what the others leave. */
function widthsOf(cells: readonly (readonly string[])[], width: number): number[] {
  const natural = cells.map((column) => Math.max(...column.map(widthOf)))
  const widths: number[] = []
  let left = width
  for (const wide of natural) {
    const wanted = Math.min(wide, widestAtFirst) + (widths.length > 0 ? gap : 0)
    if (widths.length > 0 && wanted > left) break
    widths.push(Math.min(wide, widestAtFirst, left))
    left -= Math.min(wanted, left)
  }
  const [first = 0] = widths
  widths[0] = Math.min(natural[0] ?? 0, first + left)
  return widths
}
