/** The charts, for other visualizers: each as a document of its own. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import type { AnyStateMachine } from 'xstate'
import type { ChartName } from '../../../statecharts/index.ts'
import { whyUnwritten } from '../../runtime/fileWords.ts'
import { type Columns, drawTable } from '../columns.ts'
import { Failure } from '../failure.ts'
import { examples, globalFlags, Misuse } from '../flags.ts'

interface Flags {
  readonly format?: Format
  readonly out?: string
}

type Format = 'xstate' | 'mermaid' | 'scxml'
interface Writer {
  readonly extension: string
  load(): Promise<(chart: AnyStateMachine) => string>
}
const writers: Readonly<Record<Format, Writer>> = {
  xstate: {
    extension: 'json',
    load: async () => {
      const { chartAsJson } = await import('../../../statecharts/index.ts')
      return (chart) => `${JSON.stringify(chartAsJson(chart), undefined, 2)}\n`
    },
  },
  mermaid: {
    extension: 'mmd',
    load: async () => (await import('../../../statecharts/mermaid.ts')).chartAsMermaid,
  },
  scxml: {
    extension: 'scxml',
    load: async () => (await import('../../../statecharts/scxml.ts')).chartAsScxml,
  },
}

export const chartsCommand = (): Command =>
  new Command('charts')
    .description(
      'The statecharts of the roles, and the lives of what they talk about, from the very machines that run. Alone it ' +
        'lists them. Any tool that reads XState 5 (createMachine, Stately), Mermaid or SCXML shows what it writes.',
    )
    .argument('[names...]', 'which of them; all, when a format or a folder is given')
    .addOption(
      new Option('--format <format>', 'how they are written; xstate, unless it is given').choices(
        Object.keys(writers),
      ),
    )
    .option('--out <folder>', 'a file for each, there')
    .addHelpText(
      'after',
      examples(
        'charts',
        'charts master > master.json',
        'charts taskLife --format mermaid',
        'charts --format scxml --out charts',
      ),
    )
    .action(async (names: readonly string[], flags: Flags, command: Command) => {
      const { json } = globalFlags(command)
      if (names.length === 0 && !flags.format && flags.out === undefined) return listCharts(json)
      const wanted = await chartsOf(names)
      const written = await writtenAs(flags.format ?? 'xstate', wanted)
      if (flags.out !== undefined) return save(written, flags.out, json)
      await show(written)
    })

interface Row {
  readonly name: string
  readonly kind: 'role' | 'life'
  readonly states: readonly string[]
  readonly about: string
}
const columns: Columns<Row> = {
  CHART: ({ name }) => name,
  KIND: ({ kind }) => kind,
  STATES: ({ states }) => String(states.length),
  ABOUT: ({ about }) => about,
}

async function listCharts(asJson: boolean): Promise<void> {
  const { about, charts, roleCharts } = await import('../../../statecharts/index.ts')
  const { json, print } = await import('../table.ts')
  const rows = Object.entries(charts).map(
    ([name, { states }]): Row => ({
      name,
      kind: name in roleCharts ? 'role' : 'life',
      states: Object.keys(states),
      about: about[name as ChartName],
    }),
  )
  print(asJson ? json(rows) : await drawTable(columns, rows))
}

type Charts = readonly (readonly [name: string, chart: AnyStateMachine])[]

async function chartsOf(names: readonly string[]): Promise<Charts> {
  const { charts } = await import('../../../statecharts/index.ts')
  const all = Object.entries(charts)
  const unknown = names.find((name) => !all.some(([known]) => known === name))
  if (unknown !== undefined)
    throw new Misuse(`there is no chart ${unknown}; there are ${all.map(([name]) => name).join(', ')}`)
  return names.length === 0 ? all : all.filter(([name]) => names.includes(name))
}

interface Written {
  readonly file: string
  readonly text: string
}

async function writtenAs(format: Format, wanted: Charts): Promise<Written[]> {
  const { extension, load } = writers[format]
  const write = await load()
  return wanted.map(([name, chart]) => ({ file: `${name}.${extension}`, text: write(chart) }))
}

async function show(written: readonly Written[]): Promise<void> {
  const { print } = await import('../table.ts')
  if (written.length > 1)
    throw new Misuse(`these are ${written.length} documents: --out <folder> writes a file for each`)
  for (const { text } of written) print(text)
}

async function save(written: readonly Written[], folder: string, asJson: boolean): Promise<void> {
  const { json, print } = await import('../table.ts')
  const files = written.map(({ file, text }) => ({ path: join(folder, file), text }))
  try {
    await mkdir(folder, { recursive: true })
    for (const { path, text } of files) await writeFile(path, text)
  } catch (error) {
    throw new Failure(`${folder} cannot be written: ${whyUnwritten(error)}`)
  }
  const paths = files.map(({ path }) => path)
  print(asJson ? json(paths) : paths.map((path) => `${path}\n`).join(''))
}
