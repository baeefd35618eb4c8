/** The files of the page: as they were published, or, in a checkout, built from their sources when they are asked for. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageFolder } from '../runtime/package.ts'
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
const built = join(packageFolder, 'dist/page')
/** In a checkout alone. */
const builder = join(packageFolder, 'services/operator/build.js')

/** By their paths, `/index.html` and what that needs. Rejects with NotThere. */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  if (existsSync(builder)) await buildWhereStale()
  const files = new Map<string, PageFile>()
  for (const path of await filesIn(built)) {
    const type = types[extname(path)] ?? 'application/octet-stream'
    files.set(`/${path}`, { type, content: await readFile(join(built, path)) })
  }
  if (!files.has('/index.html')) throw new NotThere('The page is not there: `npm run build` makes it.')
  return files
}

async function buildWhereStale(): Promise<void> {
  const { buildPage } = (await import(pathToFileURL(builder).href)) as { buildPage(): Promise<unknown> }
  await buildPage().catch((error: Error) => {
    throw new NotThere(error.message)
  })
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}
