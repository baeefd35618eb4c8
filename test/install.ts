/** The package as people install it: what `npm pack` would ship, in a folder of its own. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageFolder } from '../services/runtime/package.ts'

const launcher = 'services/operator/proffer.js'

/** Its launcher, as it runs in a checkout. */
export const checkout = join(packageFolder, launcher)

/** The variable that tells tests where the package stands. */
export const installedAt = 'PROFFER_TEST_PACKAGE'

/** A module of test/ as tsc made it there, for a process of its own. */
export const compiled = (module: string): string =>
  join(process.env[installedAt] ?? '', 'dist/test', `${module}.js`)

/** Its launcher, there. The tests, as tsc makes them, lie beside it. */
export function install(folder: string): string {
  mkdirSync(join(folder, dirname(launcher)), { recursive: true })
  symlinkSync(join(packageFolder, 'node_modules'), join(folder, 'node_modules'))
  // Types are checked elsewhere.
  const words = ['-p', packageFolder, '--outDir', join(folder, 'dist'), '--noCheck', '--declaration', 'false']
  execFileSync(join(packageFolder, 'node_modules/.bin/tsc'), words)
  // Whatever it is asked, it is built.
  execFileSync(process.execPath, [checkout, '--version'])
  for (const path of ['package.json', launcher, 'dist/command'])
    cpSync(join(packageFolder, path), join(folder, path), { recursive: true })
  return join(folder, launcher)
}
