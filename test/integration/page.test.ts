/** The page in a real browser, beside a real cluster of processes over a real bus; and beside a recorded seed. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTraceFile } from '../../services/operator/traceFile.ts'
import { openLog } from '../../services/runtime/log.ts'
import { runScheduler } from '../../services/scheduler/index.ts'
import type { Step } from '../../shared/trace.ts'
import { browserProgram, openBrowser } from '../browser/chromium.ts'
import { shoot } from '../browser/shots.ts'
import { checkout } from '../install.ts'
import { freshly } from '../sim/freshly.ts'
import { plantedBugs } from '../sim/planted.ts'
import { Heard } from './bus-world.ts'
import { Command, Shell } from './cli-world.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** A loaded machine draws late, and is no broken promise. */
const patienceMs = 30_000

if (browserProgram === undefined) console.warn('The page is not tested: there is no Chromium here.')

describe.skipIf(browserProgram === undefined)('the page', () => {
  let shell: Shell
  let browser: Browser
  let tab: Page
  let url = ''
  const failures: string[] = []
  const slaves = new Map<string, Command>()
  const masters = new Map<string, Command>()

  beforeAll(async () => {
    shell = await Shell.open()
    masters.set('m1', shell.master('m1', '--slave-timeout-seconds', '4'))
    for (const name of ['n1', 'n2']) slaves.set(name, shell.slave(name, 'cpus:2;mem:1024', 'rack:r1'))
    for (const slave of slaves.values()) await slave.says(/is \d+-S\d/, 'stderr')
    url = await serve('--as', 'tester')
    browser = await openBrowser()
    tab = await openTab(url)
  })
  afterAll(async () => {
    await browser?.close()
    await shell?.close()
  })

  /** From the checkout, which builds the page when it is not built yet. */
  async function serve(...words: string[]): Promise<string> {
    const env = { ...process.env, NATS_URL: shell.nats.url }
    const web = new Command(checkout, ['web', '--port', '0', '--json', ...words], env)
    shell.adopt(web)
    await web.says('url')
    return (JSON.parse(web.stdout) as { url: string }).url
  }

  async function openTab(address: string, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: { width: 1440, height: 900 },
      bypassCSP: true,
    })
    context.setDefaultTimeout(patienceMs)
    const page = await context.newPage()
    page.on('pageerror', (error) => failures.push(error.message))
    await page.goto(address)
    return page
  }

  const go = (hash: string) => tab.goto(`${url}#/${hash}`)
  const seen = (locator: Locator) => locator.first().waitFor()
  const answerQuestion = (action: string) =>
    tab.locator('dialog').getByRole('button', { name: action }).click()
  const lit = (state: string) => seen(tab.locator('a.state-box.lit', { hasText: state }))

  test('shows the cluster at a glance', async () => {
    await seen(tab.getByText('m1', { exact: false }))
    await seen(tab.getByText('leads'))
    await seen(tab.locator('canvas'))
    await shoot(tab, 'cluster')
  })

  test('work is started, its offer goes from pending to accepted, and its task runs and finishes', async () => {
    // A framework that subscribes while somebody looks is heard of from then on.
    const run = shell.begin(
      'run',
      '--name',
      'seen',
      '--cpus',
      '0.5',
      '--mem',
      '64',
      '--',
      'sh',
      '-c',
      shell.untilLetGo('go'),
    )
    await run.says('up')
    await go('timeline')
    await seen(tab.getByText('n1'))
    const tasks = await shell.read<{ frameworkId: string; taskId: string }[]>('ps')
    const task = `${tasks[0]?.frameworkId} ${tasks[0]?.taskId}`
    await go(`charts?life=task&id=${encodeURIComponent(task)}`)
    await lit('running')
    await shoot(tab, 'task-running')
    shell.letGo('go')
    await lit('finished')
    await shoot(tab, 'task-finished')
    expect((await run.finished).code).toBe(0)
    await go(`task?id=${encodeURIComponent(task)}`)
    await seen(tab.getByText('finished'))
    await shoot(tab, 'task-page')
    await go('charts?chart=offerLife')
    await seen(tab.locator('a.state-box', { hasText: 'accepted' }))
    await shoot(tab, 'offers')
    await go(`conversation?task=${encodeURIComponent(task)}`)
    await seen(tab.getByText('status.update'))
    await shoot(tab, 'conversation')
  })

  test('every view may be looked at by everybody', async () => {
    for (const view of ['cluster', 'charts?chart=master', 'conversation', 'timeline', 'why']) {
      await go(view)
      await seen(tab.locator('main'))
      expect([view, await flawsOf(tab)]).toEqual([view, []])
    }
  })

  test('an offer that is declined is filtered, and lapses', async () => {
    const declined = new Heard<string>()
    const scheduler = await runScheduler({
      name: 'picky',
      connection: { server: shell.nats.url },
      env: {},
      log: openLog({ level: 'silent', pretty: false }),
      wants: () => declined.all.length === 0,
      onOffers: (offers) => {
        for (const offer of offers) {
          offer.decline('not-mine', 8)
          declined.add(offer.id)
        }
      },
    })
    await go(`charts?life=offer&id=${await declined.first()}`)
    await lit('filtered')
    await shoot(tab, 'offer-filtered')
    await lit('lapsed')
    await scheduler.teardown()
  })

  test('a slave is drained from its page, and taken back into use', async () => {
    const [slave] = await shell.read<{ slaveId: string }[]>('slaves')
    await go(`slave?id=${slave?.slaveId}`)
    await tab.getByRole('button', { name: 'Drain …' }).click()
    await shoot(tab, 'drain-asked')
    await answerQuestion('Drain')
    await seen(tab.locator('.thing-head').getByText('drained'))
    await tab.getByRole('button', { name: 'Reactivate …' }).click()
    await answerQuestion('Reactivate')
    await seen(tab.locator('.thing-head').getByText('active', { exact: true }))
  })

  test('a kill that comes too late is refused with a sentence', async () => {
    const run = shell.begin('run', '--name', 'late', '--', 'sh', '-c', shell.untilLetGo('late'))
    await run.says('up')
    const tasks = await shell.read<{ frameworkId: string; taskId: string; frameworkName: string }[]>('ps')
    const { frameworkId, taskId } = tasks.find(({ frameworkName }) => frameworkName === 'late') ?? {}
    await go(`task?id=${encodeURIComponent(`${frameworkId} ${taskId}`)}`)
    await tab.getByRole('button', { name: 'Kill …' }).click()
    shell.letGo('late')
    await run.finished
    await answerQuestion('Kill')
    await seen(tab.locator('dialog [role=alert]'))
    await shoot(tab, 'kill-refused')
    await tab.keyboard.press('Escape')
  })

  test('a page whose server only looks says so', async () => {
    const looking = await serve('--read-only')
    const onlooker = await openTab(looking)
    const [slave] = await shell.read<{ slaveId: string }[]>('slaves')
    await onlooker.goto(`${looking}#/slave?id=${slave?.slaveId}`)
    await seen(onlooker.getByText('This page only looks'))
    expect(await onlooker.getByRole('button', { name: 'Drain …' }).isDisabled()).toBe(true)
    await onlooker.close()
  })

  test('a slave that is killed turns unreachable, and so do its tasks', async () => {
    const run = shell.begin(
      'run',
      '--name',
      'left',
      '--cpus',
      '0.5',
      '--mem',
      '64',
      '--',
      'sh',
      '-c',
      shell.untilLetGo('later'),
    )
    await run.says('up')
    const [task] = await shell.read<{ frameworkId: string; taskId: string; slaveName: string }[]>('ps')
    await slaves.get(task?.slaveName ?? '')?.stop('SIGKILL')
    await go(`charts?life=task&id=${encodeURIComponent(`${task?.frameworkId} ${task?.taskId}`)}`)
    await lit('unreachable')
    await go('cluster')
    await seen(tab.locator('canvas'))
    await shoot(tab, 'slave-killed')
    // What a killed slave was running goes on without it, until it is let go.
    shell.letGo('later')
  })

  test('a master that is killed is succeeded before the eyes of whoever looks', async () => {
    masters.set('m2', shell.master('m2'))
    await go('charts?actor=master+m2')
    await lit('standby')
    await masters.get('m1')?.stop('SIGKILL')
    await lit('leading')
    await shoot(tab, 'master-takes-over')
  })

  test('in the dark it is as legible', async () => {
    const dark = await openTab(`${url}#/cluster`, 'dark')
    await seen(dark.locator('canvas'))
    expect(await flawsOf(dark)).toEqual([])
    await shoot(dark, 'dark')
    await dark.close()
  })

  test('a seed that breaks a promise opens at the step that broke it, and can be walked through', async () => {
    const path = join(shell.folder, 'seed.trace')
    const broken = await recordBroken(path)
    const recorded = await openTab(await serve(path))
    await seen(recorded.getByText(broken.message.slice(0, 40)))
    await seen(recorded.getByText(new RegExp(`step ${grouped(broken.position)} of`)))
    await recorded.keyboard.press('ArrowLeft')
    await seen(recorded.getByText(new RegExp(`step ${grouped(broken.position - 1)} of`)))
    // It plays on to where the recording ends.
    await recorded.keyboard.press(' ')
    await seen(recorded.getByText(new RegExp(`step ${grouped(broken.position)} of`)))
    await recorded.keyboard.press('ArrowLeft')
    await recorded.keyboard.press('b')
    await seen(recorded.getByText(new RegExp(`step ${grouped(broken.position)} of`)))
    await shoot(recorded, 'broken-seed')
    await recorded.close()
  })

  test('names that would be HTML are names', async () => {
    const name = '<img src=x onerror=alert(1)>'
    const run = shell.begin('run', '--name', name, '--cpus', '0.1', '--mem', '32', '--', 'true')
    await run.finished
    await go(`charts?chart=frameworkLife`)
    await tab.keyboard.press('/')
    await tab.keyboard.type('<img')
    await seen(tab.getByText(name))
    expect(await tab.locator('img').count()).toBe(0)
  })

  test('the server of the page goes away: what was seen stays, with a sentence', async () => {
    const other = await serve()
    const left = await openTab(other)
    await seen(left.locator('canvas'))
    await shell.stopNewest()
    await seen(left.getByText('The server of this page is away'))
    await left.close()
  })

  test('nothing was thrown in the page', () => expect(failures).toEqual([]))
})

/** What an accessibility checker finds wrong. */
async function flawsOf(tab: Page): Promise<string[]> {
  await tab.evaluate(axe)
  const { violations } = (await tab.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { html: string }[] }[]
  }
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

/** The first seed that a planted bug breaks, with the bug's own first broken promise. */
async function recordBroken(path: string): Promise<{ position: number; message: string }> {
  const [bug] = plantedBugs
  const runSeed = await freshly(bug)
  for (let seed = 1; ; seed++) {
    const steps: Step[] = []
    const { broken } = runSeed(seed, (step) => steps.push(step), bug?.weather)
    if (broken === undefined) continue
    const file = await openTraceFile(path)
    for (const step of steps) file.write(step)
    file.write({ broken })
    await file.finish()
    return { position: steps.length - 1, message: broken }
  }
}

const grouped = (count: number): string => count.toLocaleString('en-US')
