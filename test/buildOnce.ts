/** Once before all tests: the page, and the package as people install it, so that no two tests build them. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pageFiles } from '../services/visualizer/files.ts'

/** The variable that tells tests where the package stands. */
export const packageFolder = 'PROFFER_TEST_PACKAGE'

const root = fileURLToPath(new URL('..', import.meta.url))

export default async function buildOnce(): Promise<() => void> {
  await pageFiles()
  const folder = buildPackage()
  process.env[packageFolder] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}

/** What `npm pack` would ship, in a folder of its own: the launcher, and beside it what tsc makes. */
function buildPackage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-test-package-'))
  const program = 'services/operator/proffer.js'
  mkdirSync(join(folder, 'services/operator'), { recursive: true })
  for (const file of [program, 'package.json']) cpSync(join(root, file), join(folder, file))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  // Types are checked elsewhere.
  const words = ['-p', root, '--outDir', join(folder, 'dist'), '--noCheck', '--declaration', 'false']
  execFileSync(join(root, 'node_modules/.bin/tsc'), words)
  return folder
}
