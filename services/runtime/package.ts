/** Where we stand. This module may be a source, or compiled, or part of a bundle: of ours, or of a framework's author. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Package {
  readonly folder: string
  readonly version: string
}

/** The checkout, or the installed package: the nearest folder above that is ours. */
function packageAbove(folder: string): Package | undefined {
  const { name, version } = read(join(folder, 'package.json'))
  if (name === 'proffer' && version !== undefined) return { folder, version }
  return dirname(folder) === folder ? undefined : packageAbove(dirname(folder))
}

function read(path: string): { readonly name?: string; readonly version?: string } {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}

const found = packageAbove(dirname(fileURLToPath(import.meta.url)))

/** What lies in none of our folders has none of our files, but works without them. */
export const packageFolder: string = found?.folder ?? '/nowhere'
export const version: string = found?.version ?? '0.0.0'
