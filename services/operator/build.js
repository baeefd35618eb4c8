/**
 * The command and the page, each as a few files in dist/. Made by `npm run build`, and in a checkout whenever a source is
 * newer. The command is bundled because Node takes longer to find hundreds of modules than most commands to run.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** `npm install` writes the last of these whenever it changes anything. */
const common = ['shared', 'statecharts', 'package.json', 'node_modules/.package-lock.json']
/** Files of an older build that programs still run may be needed for as long, ms. */
const keepMs = 3_600_000

export const buildCommand = () =>
  make('dist/command', 'proffer.js', ['services', ...common], {
    root,
    publicDir: false,
    ssr: { noExternal: true, external: ['vite', ...leftOut] },
    build: {
      ssr: true,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        input: {
          proffer: 'services/operator/proffer.ts',
          // The demonstration's, which slaves start as a program of its own: see its program.ts.
          executor: 'services/frameworks/wordcount/executor.ts',
        },
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  })
/** dockerode can load native code, and pino starts a thread with a file of its own. */
const leftOut = ['dockerode', 'pino', 'pino-pretty']

export const buildPage = () =>
  make('dist/page', 'index.html', ['services/visualizer', 'services/operator/words.ts', ...common], {
    configFile: join(root, 'services/visualizer/page/vite.config.ts'),
  })

/** Two that build at once write the same files; whoever finds the entry finds all that it needs. */
async function make(folder, entry, sources, config) {
  const into = join(root, folder)
  if (newest(sources.map((path) => join(root, path))) <= writtenAt(join(into, entry))) return
  const began = Date.now()
  const vite = await import('vite').catch(() => {
    throw new Error('A checkout is built by vite, which is not here: `npm ci` installs it.')
  })
  const { build, ...more } = config
  const { output } = await vite.build({
    configFile: false,
    logLevel: 'warn',
    ...more,
    build: { ...build, write: false },
  })
  for (const file of output) if (file.fileName !== entry) write(join(into, file.fileName), contentOf(file))
  const made = `${join(into, entry)}.${process.pid}`
  write(made, contentOf(output.find((file) => file.fileName === entry)))
  // What is changed while it is built is newer than it.
  utimesSync(made, began / 1000, began / 1000)
  renameSync(made, join(into, entry))
  clear(into, new Set(output.map((file) => file.fileName)), began)
}

const contentOf = (file) => (file.type === 'chunk' ? file.code : file.source)

function write(path, content) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

function clear(folder, needed, now) {
  for (const path of filesIn(folder))
    if (!needed.has(path) && writtenAt(join(folder, path)) < now - keepMs) rmSync(join(folder, path))
}

const newest = (paths) =>
  Math.max(
    ...paths.flatMap((path) =>
      statSync(path, { throwIfNoEntry: false })?.isDirectory()
        ? filesIn(path).map((file) => writtenAt(join(path, file)))
        : [writtenAt(path)],
    ),
  )

/** ms; 0 where there is none. */
const writtenAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

const filesIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    : []

// To be published: nothing of older builds is among it.
if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const folder of ['dist/command', 'dist/page'])
    rmSync(join(root, folder), { recursive: true, force: true })
  await Promise.all([buildCommand(), buildPage()])
}
