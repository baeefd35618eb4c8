/** The page in a real browser: how soon a long trace is there, how smoothly much is shown, how late a step is seen. */
import { statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { browserProgram, openBrowser } from '../../browser/chromium.ts'
import { startTestNats } from '../../integration/bus-world.ts'
import { Child } from '../child.ts'
import { median, quantile, wallClock } from '../figures.ts'
import type { Answer as Live } from '../processes/liveServer.ts'
import type { Answer as Recorded } from '../processes/traceServer.ts'
import { recordSteps } from '../recorded.ts'
import type { Bench, Row, Skipped } from '../row.ts'

const probeFile = fileURLToPath(new URL('../../../../../test/browser/probe.js', import.meta.url))
const long = 1_000_000
const short = 20_000
const perSecond = 10_000
const few = 20
const pollMs = 200
const watchedMs = 10_000
/** Of a screen that is drawn as often as most screens can. */
const smoothFrames = 30

export async function page(bench: Bench): Promise<readonly (Row | Skipped)[]> {
  if (browserProgram === undefined)
    return [{ name: 'the page in a browser', skipped: 'there is no Chromium here' }]
  await build({
    configFile: fileURLToPath(
      new URL('../../../../../services/visualizer/page/vite.config.ts', import.meta.url),
    ),
    build: { outDir: fileURLToPath(new URL('../../../page', import.meta.url)) },
  })
  return [...(await longTrace(bench)), ...(await live())]
}

async function longTrace(bench: Bench): Promise<Row[]> {
  const path = join(tmpdir(), 'long.trace')
  recordSteps(path, bench.amount(long))
  bench.tell(`${bench.amount(long)} steps are ${Math.round(statSync(path).size / 1e6)} MB`)
  const browser = await openBrowser()
  try {
    const began = wallClock()
    const server = await Child.start('traceServer', { path })
    const { url } = await server.ask<Recorded>({})
    const tab = await browser.newPage({ bypassCSP: true })
    await tab.goto(url)
    await tab.locator('canvas').first().waitFor()
    const openMs = wallClock() - began
    while (!(await server.ask<Recorded>({})).read) await tab.waitForTimeout(pollMs)
    const readMs = wallClock() - began
    await walkAbout(tab, url)
    const memoryMb = (await probed<number>(tab, 'memory()')) / 2 ** 20
    await server.stop()
    return [
      {
        name: `a trace of ${bench.amount(long).toLocaleString('en-US')} steps, from the command to the first picture`,
        value: openMs,
        unit: 'ms',
        aim: '< 3,000 ms',
        met: openMs < 3000,
        note: `all of it is read after ${Math.round(readMs)} ms`,
      },
      { name: 'memory of its tab', value: memoryMb, unit: 'MiB', aim: '< 500 MiB', met: memoryMb < 500 },
    ]
  } finally {
    await browser.close()
  }
}

/** Through time and through every view. */
async function walkAbout(tab: Page, url: string): Promise<void> {
  for (const view of ['timeline', 'conversation', 'charts?chart=offerLife', 'cluster']) {
    await tab.goto(`${url}#/${view}`)
    await tab.keyboard.press('ArrowLeft')
    await tab.waitForTimeout(500)
  }
}

async function live(): Promise<Row[]> {
  const path = join(tmpdir(), 'short.trace')
  recordSteps(path, short)
  const nats = await startTestNats()
  const master = await Child.start('master', { url: nats.url, name: 'm1', settings: {} })
  const server = await Child.start('liveServer', { url: nats.url })
  const steps = await Child.start('stepSource', { url: nats.url, path })
  const browser = await openBrowser()
  try {
    const { url } = await server.ask<Live>({})
    const tab = await browser.newPage({ bypassCSP: true })
    await tab.goto(url)
    await steps.ask({ perSecond })
    await tab.locator('canvas').first().waitFor()
    await steps.ask({ perSecond: few })
    const late = await probed<number[]>(tab, `lateness(${watchedMs})`)
    await steps.ask({ perSecond })
    const frames = await probed<number>(tab, `frames(${watchedMs})`)
    await steps.ask({ perSecond: 0 })
    return [
      {
        name: 'step to screen, p50',
        value: median(late),
        unit: 'ms',
        aim: '< 100 ms',
        met: median(late) < 100,
        note: `p99 ${Math.round(quantile(late, 0.99))} ms; ${few} steps a second, from the clock of whoever made the step to the page's text`,
      },
      {
        name: 'frames of the page at 10,000 steps a second',
        value: frames,
        unit: 'frames/s',
        aim: `>= ${smoothFrames}`,
        met: frames >= smoothFrames,
        note: 'the cluster view; bus, source of steps, server and browser on the same cores',
      },
    ]
  } finally {
    await browser.close()
    for (const child of [steps, server, master]) await child.stop()
    await nats.stop()
  }
}

/** What the page itself has measured. */
async function probed<Measured>(tab: Page, what: string): Promise<Measured> {
  await tab.addScriptTag({ path: probeFile })
  return tab.evaluate(`probe.${what}`) as Promise<Measured>
}
