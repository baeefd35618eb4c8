/** Once before all tests: the page, and the package as people install it, so that no two tests build them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pageFiles } from '../services/visualizer/files.ts'
import { install, installedAt } from './install.ts'

export default async function buildOnce(): Promise<() => void> {
  await pageFiles()
  const folder = mkdtempSync(join(tmpdir(), 'proffer-test-package-'))
  install(folder)
  process.env[installedAt] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
