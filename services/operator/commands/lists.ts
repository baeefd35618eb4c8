/** The lists: tasks, slaves, frameworks, offers. */
import { Command } from 'commander'
import type { FrameworkRow, OfferRow, SlaveRow, TaskRow } from '../../../shared/messages.ts'
import type { TaskState } from '../../../shared/tasks.ts'
import type { Operator } from '../client.ts'
import { type Columns, drawTable, someOf, type Words } from '../columns.ts'
import { examples } from '../flags.ts'
import { withOperator } from '../session.ts'
import type { Cell, Colour } from '../table.ts'

export const psCommand = (): Command =>
  new Command('ps')
    .description('Tasks that are not over; with --all also those that ended lately.')
    .option('-a, --all', 'also tasks that are over')
    .option('--framework <id or name>', 'only tasks of this framework')
    .addHelpText('after', examples('ps', 'ps --all', 'ps --framework batch --json'))
    .action(async (flags: { all?: true; framework?: string }, command: Command) =>
      list(command, taskColumns, byTask, (operator) => tasksOf(operator, flags)),
    )

export const slavesCommand = (): Command =>
  new Command('slaves')
    .description(
      'Slaves: what is free of what they have, booked by no task and promised in no offer; in brackets what of that is ' +
        'reserved, and free for its role alone. The disk of volumes is not counted.',
    )
    .addHelpText('after', examples('slaves', "slaves --json | jq '.[].name'"))
    .action(async (_flags: object, command: Command) =>
      list(command, slaveColumns, bySlave, async function* (operator) {
        yield* operator.slaves()
      }),
    )

export const frameworksCommand = (): Command =>
  new Command('frameworks')
    .description(
      'Frameworks: their roles and dominant share of the cluster; when they were last made an offer, how long they ' +
        'held offers in all (OFFERED FOR), and why they declined them. Who keeps declining the same is BACKED OFF: each of ' +
        'its refusals lasts at least so long.',
    )
    .addHelpText('after', examples('frameworks'))
    .action(async (_flags: object, command: Command) =>
      list(command, frameworkColumns, byFramework, async function* (operator) {
        yield* operator.frameworks()
      }),
    )

export const offersCommand = (): Command =>
  new Command('offers')
    .description('Offers that stand: promised to a framework, which has not answered yet.')
    .addHelpText('after', examples('offers'))
    .action(async (_flags: object, command: Command) =>
      list(command, offerColumns, byOffer, async function* (operator) {
        yield* operator.offers()
      }),
    )

async function* tasksOf(operator: Operator, { all, framework }: { all?: true; framework?: string }) {
  const { findFramework } = await import('../find.ts')
  const owner =
    framework === undefined ? {} : { frameworkId: (await findFramework(operator, framework)).frameworkId }
  yield* operator.tasks({ ...owner, ...(all && { over: true }) })
}

async function list<Row>(
  command: Command,
  columns: Columns<Row>,
  idsOf: (row: Row) => readonly string[],
  rowsOf: (operator: Operator) => AsyncIterable<Row>,
): Promise<void> {
  await withOperator(command, async (operator, { json: asJson }) => {
    const { all } = await import('../client.ts')
    const { json, print } = await import('../table.ts')
    const rows = await all(rowsOf(operator))
    rows.sort((a, b) => compareIds(idsOf(a), idsOf(b)))
    print(asJson ? json(rows) : await drawTable(columns, rows))
  })
}

const byTask = ({ frameworkId, taskId }: TaskRow) => [frameworkId, taskId]
const bySlave = ({ slaveId }: SlaveRow) => [slaveId]
const byFramework = ({ frameworkId }: FrameworkRow) => [frameworkId]
const byOffer = ({ offerId }: OfferRow) => [offerId]

/** The leader tells them as they came. People find their way by ids: of two counts the longer one is the later one. */
function compareIds(some: readonly string[], others: readonly string[]): number {
  for (const [place, id] of some.entries()) {
    const other = others[place] ?? ''
    if (id !== other) return id.length - other.length || (id < other ? -1 : 1)
  }
  return 0
}

const stateColours: Partial<Record<TaskState, Colour>> = {
  running: 'green',
  failed: 'red',
  error: 'red',
  lost: 'red',
  dropped: 'yellow',
  unreachable: 'yellow',
}
const stateCell = (state: TaskState): Cell => {
  const colour = stateColours[state]
  return colour ? { text: state, colour } : state
}

/** What runs there may run for so long. */
const atMost = ({ maxSeconds }: { maxSeconds?: number }, { span }: Words): string =>
  maxSeconds === undefined ? '' : span(maxSeconds * 1000)

const taskColumns: Columns<TaskRow> = {
  FRAMEWORK: ({ frameworkName, frameworkId }) => `${frameworkName} (${frameworkId})`,
  TASK: ({ taskId }) => taskId,
  STATE: ({ state }) => stateCell(state),
  ROLE: ({ role }) => role,
  SLAVE: ({ slaveName }) => slaveName,
  CPUS: ({ resources }, { cpus }) => cpus(resources.cpuMilli),
  MEM: ({ resources }, { memory }) => memory(resources.memMb),
  SINCE: ({ since }, { ago }) => ago(since),
  'REVOCABLE?': ({ revocable }) => (revocable ? 'revocable' : ''),
  'AT MOST?': atMost,
  REASON: ({ reason, message }) => [reason, message].filter(Boolean).join(': '),
}

const freeOf = ({ total, booked, offered }: SlaveRow, kind: 'cpuMilli' | 'memMb' | 'diskMb'): number =>
  total[kind] - booked[kind] - offered[kind]
/** `1.5 of 2`, or `1.5 of 2 (1 reserved)`: whoever is in no such role may have 0.5. */
function freeInWords(
  row: SlaveRow,
  kind: 'cpuMilli' | 'memMb' | 'diskMb',
  inWords: (amount: number) => string,
) {
  const free = freeOf(row, kind)
  // What is revocable may hold it meanwhile.
  const reserved = Math.min(free, row.reservedFree?.[kind] ?? 0)
  return `${inWords(free)} of ${inWords(row.total[kind])}${reserved > 0 ? ` (${inWords(reserved)} reserved)` : ''}`
}

const slaveColumns: Columns<SlaveRow> = {
  SLAVE: ({ name, slaveId }) => `${name} (${slaveId})`,
  STATE: ({ state, closed }) =>
    state === 'active' && closed === undefined
      ? { text: state, colour: 'green' }
      : { text: closed === undefined ? state : `${state}, closed`, colour: 'yellow' },
  ISOLATION: ({ isolation }) => isolation,
  TASKS: ({ tasks }) => `${tasks}`,
  'FREE CPUS': (row, { cpus }) => freeInWords(row, 'cpuMilli', cpus),
  'FREE MEM': (row, { memory }) => freeInWords(row, 'memMb', memory),
  'FREE DISK': (row, { memory }) => freeInWords(row, 'diskMb', memory),
  OFFERED: ({ offered }, words) => someOf(offered, words),
  'RESERVED?': ({ reserved = [] }, { amounts }) =>
    reserved.map(({ role, resources }) => `${role}: ${amounts(resources)}`).join('; '),
  'VOLUMES?': ({ volumes = [] }, { memory }) =>
    volumes.map(({ volumeId, diskMb }) => `${volumeId}: ${memory(diskMb)}`).join('; '),
  ATTRIBUTES: ({ attributes }) =>
    Object.entries(attributes)
      .map(([name, value]) => `${name}:${value}`)
      .join(' '),
}

/** Of several roles it may want offers in some alone. */
const rolesInWords = ({ roles }: FrameworkRow): string =>
  roles
    .map(({ role, suppressed }) => (suppressed && roles.length > 1 ? `${role} (suppressed)` : role))
    .join(', ')

const frameworkColumns: Columns<FrameworkRow> = {
  FRAMEWORK: ({ name, frameworkId }) => `${name} (${frameworkId})`,
  PRINCIPAL: ({ principal }) => principal,
  ROLES: rolesInWords,
  STATE: ({ state }) => state,
  SHARE: ({ share }, { percent }) => percent(share),
  TASKS: ({ tasks }) => `${tasks}`,
  OFFERS: ({ offers }) => `${offers}`,
  BOOKED: ({ booked }, words) => someOf(booked, words),
  'LAST OFFER': ({ sinceOffered }, { span }) =>
    sinceOffered === undefined ? 'never' : `${span(sinceOffered * 1000)} ago`,
  'OFFERED FOR': ({ offeredSeconds }, { span }) => span(offeredSeconds * 1000),
  'BACKED OFF?': ({ backedOff }, { span }) => (backedOff === undefined ? '' : span(backedOff * 1000)),
  DECLINES: ({ declines }) =>
    Object.entries(declines)
      .map(([reason, count]) => `${reason} ${count}`)
      .join(', '),
}

const offerColumns: Columns<OfferRow> = {
  OFFER: ({ offerId }) => offerId,
  FRAMEWORK: ({ frameworkName, frameworkId }) => `${frameworkName} (${frameworkId})`,
  SLAVE: ({ slaveName }) => slaveName,
  ROLE: ({ role }) => role,
  RESOURCES: ({ resources }, { amounts }) => amounts(resources),
  'REVOCABLE?': ({ revocable }) => (revocable ? 'revocable' : ''),
  'AT MOST?': atMost,
  'STANDS FOR': ({ standsUntil }, { span }) => span(standsUntil - Date.now()),
}
