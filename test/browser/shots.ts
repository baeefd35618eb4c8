/** Pictures of the page as a test has left it, for people to look at: never part of the repository. */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

/** PROFFER_SHOTS names another folder. */
const folder = process.env['PROFFER_SHOTS'] ?? join(tmpdir(), 'proffer-shots')

export async function shoot(tab: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await tab.screenshot({ path: join(folder, `${name}.png`) })
}
