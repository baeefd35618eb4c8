/** The files of the page: as they were published, or, in a checkout, built from their sources when they are asked for. */
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NotThere } from './notThere.ts'

export interface PageFile {
  readonly type: string
  readonly content: Uint8Array
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
}
const sources = fileURLToPath(new URL('./page', import.meta.url))
const inCheckout = existsSync(join(sources, 'index.html'))
const built = fileURLToPath(new URL(inCheckout ? '../../dist/page' : '../../page', import.meta.url))

/** By their paths, `/index.html` and what that needs. Rejects with NotThere. */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  if (inCheckout && !(await isFresh())) await build()
  const files = new Map<string, PageFile>()
  for (const path of await filesIn(built)) {
    const type = types[extname(path)] ?? 'application/octet-stream'
    files.set(`/${path}`, { type, content: await readFile(join(built, path)) })
  }
  if (!files.has('/index.html')) throw new NotThere('The page is not there: `npm run build` makes it.')
  return files
}

/** Whether it was built after its sources were written last. */
async function isFresh(): Promise<boolean> {
  const [made, written] = await Promise.all([newest(built), newest(sources)])
  return (
    made > 0 &&
    made >= Math.max(written, await newest(fileURLToPath(new URL('./language.ts', import.meta.url))))
  )
}

async function build(): Promise<void> {
  const vite = await import('vite').catch(() => undefined)
  if (!vite) throw new NotThere('The page is built by vite, which is not here: `npm ci` installs it.')
  await vite.build({ configFile: join(sources, 'vite.config.ts') })
}

/** When the youngest of these was written, ms; 0 where there is none. */
async function newest(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return 0
  if (!found.isDirectory()) return found.mtimeMs
  const times = (await filesIn(path)).map(async (file) => (await stat(join(path, file))).mtimeMs)
  return Math.max(0, ...(await Promise.all(times)))
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}
