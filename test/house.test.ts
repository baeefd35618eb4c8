import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const floors = ['infra', 'services', 'shared', 'statecharts', 'test'] as const
const roles = ['master', 'scheduler', 'slave', 'executor']
const doors = ['services/scheduler/index.ts', 'services/executor/index.ts']
/** Lines that a file may have; those that may have more, with the reason. */
const maxLines = 450
const long: Readonly<Record<string, string>> = {
  'shared/messages.ts': 'one table is the point of it',
}

interface Source {
  readonly path: string
  readonly text: string
  /** Without comments. */
  readonly code: string
  readonly imports: readonly string[]
}
const sources = floors.flatMap((floor) => filesIn(floor)).filter(({ path }) => /\.[cm]?[jt]sx?$/.test(path))
const on = (...folders: string[]) =>
  sources.filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)))

describe('who may lean on whom:', () => {
  test.each<[string, RegExp]>([
    ['infra', /^$/],
    ['shared', /^(shared\/|typebox$|typebox\/|msgpackr$)/],
    ['statecharts', /^(shared\/|statecharts\/|xstate$)/],
    ['services', /^(?!test\/)/],
    ['services/frameworks', /^(services\/frameworks\/|services\/(scheduler|executor)\/index\.ts$|node:)/],
  ])('%s', (folder, allowed) => {
    expect(imports(on(folder)).filter(({ of }) => !allowed.test(of))).toEqual([])
  })

  test.each(roles)('the %s of the charts meets other roles in the messages alone', (role) => {
    const others = roles.filter((other) => other !== role).map((other) => `statecharts/${other}/`)
    const met = imports(on(`statecharts/${role}`)).filter(({ of }) =>
      others.some((other) => of.startsWith(other)),
    )
    expect(met).toEqual([])
  })

  test.each(['nats', 'dockerode', 'pino', 'prom-client'])('%s is known to one file', (library) => {
    expect(sourcesWith(library).length).toBeLessThanOrEqual(1)
    expect(sourcesWith(library).every((path) => path.startsWith('services/'))).toBe(true)
  })

  test('the doors are there', () => {
    const paths = sources.map(({ path }) => path)
    expect(doors.filter((door) => !paths.includes(door))).toEqual([])
  })
})

test.each([
  ['a clock', /\bDate\.now\b|\bnew Date\b|\bperformance\b/],
  ['a timer', /\bset(Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/],
  ['chance', /\bMath\.random\b|\bcrypto\b/],
  ['a process', /\bprocess\.|\bglobalThis\b/],
  ['waiting', /\basync\b|\bawait\b|\bPromise\b/],
  ['Node', /['"]node:/],
])('neither the charts nor the language know %s', (_what, ambient) => {
  expect(on('statecharts', 'shared').flatMap(({ path, code }) => (ambient.test(code) ? [path] : []))).toEqual(
    [],
  )
})

test('no file names the machine that it was written on', () => {
  const files = [...floors.flatMap((floor) => filesIn(floor)), ...filesIn('.')]
  expect(files.filter(({ text }) => /\/(work|root)\//.test(text)).map(({ path }) => path)).toEqual([])
})

describe('files are short:', () => {
  const lengths = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))

  test(`at most ${maxLines} lines, but for those that say why`, () => {
    expect(lengths.filter(({ path, lines }) => lines > maxLines && !long[path])).toEqual([])
  })

  test('half of them at most 150 lines', () => {
    const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b)
    expect(sorted[sorted.length >> 1]).toBeLessThanOrEqual(150)
  })
})

/** Files of a floor, all the way down; of the root, only its own. */
function filesIn(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: folder !== '.', withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && !entry.name.endsWith('lock.json') && !entry.parentPath.includes('node_modules'),
    )
    .map((entry) => readSource(join(entry.parentPath, entry.name)))
}

function readSource(file: string): Source {
  const text = readFileSync(file, 'utf8')
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '')
  const imports = [...code.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, of = '']) =>
    resolve(file, of),
  )
  return { path: fromRoot(file), text, code, imports }
}

function fromRoot(file: string): string {
  return relative(root, file).split(sep).join('/')
}

function resolve(file: string, of: string): string {
  return of.startsWith('.') ? fromRoot(join(dirname(file), of)) : of
}

const imports = (files: readonly Source[]) =>
  files.flatMap(({ path, imports }) => imports.map((of) => ({ path, of })))
const sourcesWith = (library: string) => {
  const importing = imports(on('infra', 'services', 'statecharts', 'shared')).filter(
    ({ of }) => of === library || of.startsWith(`${library}/`),
  )
  return [...new Set(importing.map(({ path }) => path))]
}
