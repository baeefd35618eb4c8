/** The browser that drives the page in tests and measurements: the one that the machine has. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** PROFFER_CHROMIUM names another. Undefined where there is none. */
export const browserProgram: string | undefined = [process.env['PROFFER_CHROMIUM'] ?? '', ...usual].find(
  (path) => path !== '' && existsSync(path),
)

/** It looks for no host but the page's own. */
const words = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-precise-memory-info',
]

export function openBrowser(): Promise<Browser> {
  if (browserProgram === undefined) throw new Error('there is no Chromium here: PROFFER_CHROMIUM names one')
  return chromium.launch({ executablePath: browserProgram, args: words })
}
