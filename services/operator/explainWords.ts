/** The answer to "why not?" as people read it: how many slaves each obstacle keeps away, then slave by slave. */
import { type ExplainRow, obstacleMeanings } from '../../shared/messages.ts'
import { type Columns, drawTable } from './columns.ts'

const meanings: Readonly<Record<string, string>> = {
  none: 'Nothing stands in the way: it is about to be offered.',
  ...obstacleMeanings,
}

/** `rows`: undefined where they are more than anybody would read. */
export async function inWords(
  counts: Readonly<Record<string, number>>,
  rows: readonly ExplainRow[] | undefined,
): Promise<string> {
  if (rows?.length === 0) return 'There is no such slave.\n'
  const summary = await drawTable(countColumns, ranked(counts))
  return `${summary}\n${rows ? await drawTable(rowColumns, rows) : tooMany}`
}

/** What is about to be offered comes first, then what stands in the way most often. */
const ranked = (counts: Readonly<Record<string, number>>) => {
  const rank = ([code, count]: [string, number]) => (code === 'none' ? Number.POSITIVE_INFINITY : count)
  return Object.entries(counts).sort((a, b) => rank(b) - rank(a) || (a[0] < b[0] ? -1 : 1))
}

const tooMany = 'These are many: --all says it slave by slave, --slave of one of them.\n'

const countColumns: Columns<readonly [code: string, count: number]> = {
  SLAVES: ([, count]) => `${count}`,
  OBSTACLE: ([code]) => code,
  MEANS: ([code]) => meanings[code] ?? '',
}

const rowColumns: Columns<ExplainRow> = {
  SLAVE: ({ slaveName, slaveId }) => `${slaveName} (${slaveId})`,
  ROLE: ({ role }) => role,
  OBSTACLE: ({ obstacle }) =>
    obstacle ? { text: obstacle, colour: 'yellow' } : { text: 'none', colour: 'green' },
  WHY: ({ message }) => message,
}
