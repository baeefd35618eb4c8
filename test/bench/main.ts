/**
 * `npm run bench [-- row ...] [--json] [--quick] [--cpu-prof folder]`: measures what is shipped, so it compiles all of
 * it first, into a folder that goes when the run is over.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { profiling } from './profile.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

mkdirSync(join(root, 'dist'), { recursive: true })
const folder = mkdtempSync(join(root, 'dist', 'bench-'))
let running: ChildProcess | undefined
// The run puts its own things in order; what is left of it is cleared away here.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => running?.kill(signal))
try {
  compile()
  process.exitCode = await run(process.argv.slice(2))
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
}

/** Types are `npm run check`'s affair; a half-made file elsewhere need not keep anybody from measuring. */
function compile(): void {
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: { outDir: '.', noCheck: true, declaration: false, sourceMap: false },
    include: ['../../test/bench'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  const { status, stdout } = spawnSync(tsc, ['-p', folder], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`tsc failed:\n${stdout}`)
}

/** What the run writes (stores, sandboxes) lies in the same folder, so that it goes however the run ends. */
async function run(words: readonly string[]): Promise<number> {
  const temporary = join(folder, 'tmp')
  mkdirSync(temporary)
  const script = join(folder, 'test', 'bench', 'run.js')
  running = spawn(process.execPath, [...profiling(words, 'bench'), script, ...words], {
    stdio: 'inherit',
    env: { ...process.env, TMPDIR: temporary },
  })
  const [code] = await once(running, 'exit')
  return code ?? 1
}
