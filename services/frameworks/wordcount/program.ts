/**
 * How a module of this folder is started as a program of its own: as a source where we are one, else as it was compiled,
 * or bundled beside the command.
 */
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The command; it may be run from any directory. */
export function programOf(module: string): string[] {
  const extension = extname(import.meta.url)
  const path = fileURLToPath(new URL(`./${module}${extension}`, import.meta.url))
  // A Node that does not read TypeScript by itself has a loader, which whoever is started must have as well.
  const needsLoader = extension === '.ts' && !Reflect.get(process.features, 'typescript')
  return [process.execPath, ...(needsLoader ? [`--import=${import.meta.resolve('tsx')}`] : []), path]
}
