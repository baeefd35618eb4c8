/** Once before all tests: the page, and the package as people install it, so that no two tests build them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pageFiles } from '../services/visualizer/files.ts'
import { install } from './install.ts'

/** The variable that tells tests where the package stands. */
export const installedAt = 'PROFFER_TEST_PACKAGE'

export default async function buildOnce(): Promise<() => void> {
  await pageFiles()
  const folder = mkdtempSync(join(tmpdir(), 'proffer-test-package-'))
  install(folder)
  process.env[installedAt] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
