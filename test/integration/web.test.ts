/** The page's server over a real bus, beside a real cluster. */
import { request } from 'node:http'
import { createWebSocketReceiver } from '@statelyai/inspect'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Operator } from '../../services/operator/client.ts'
import { Exporter } from '../../services/runtime/exporter/exporter.ts'
import type { Hop, LifeLine } from '../../services/visualizer/language.ts'
import { LiveCluster } from '../../services/visualizer/sources/live.ts'
import { startWeb, type Web } from '../../services/visualizer/web.ts'
import { Page } from '../visualizer/page.ts'
import { connectionTo } from './bus-world.ts'
import { startTestCluster, type TestCluster } from './cluster-world.ts'
import { scrape } from './scrape.ts'

const small = { cpus: 0.1, mem: 32 }
const host = '127.0.0.1'
let cluster: TestCluster
let operator: Operator
let web: Web
let page: Page

const connect = () =>
  Operator.connect({
    connection: connectionTo(cluster.url),
    cluster: 'main',
    user: 'tester',
    timeoutMs: 5000,
  })

beforeAll(async () => {
  cluster = await startTestCluster()
  await cluster.addMaster('M0')
  await cluster.addSlave('S0')
  operator = await connect()
  const source = new LiveCluster({ operator, user: 'tester', keepSteps: 50_000 })
  web = await startWeb({ source, host, port: 0 })
  page = await Page.open(web.url)
})
afterAll(async () => {
  page.close()
  await web.stop()
  await operator.close()
  await cluster.stop()
})

test('who leads, and which slaves there are, is known though it came about before anybody looked', async () => {
  const summary = await page.see('summary', {}, ({ slaves }) => (slaves.active ?? 0) === 1)
  expect(summary).toMatchObject({ leader: 'M0', total: { cpus: 8, memMb: 4096 } })
  const { names } = await page.see('cluster', {}, ({ names }) => names !== undefined && names.length > 0)
  expect(names?.map(({ name }) => name)).toEqual(['S0'])
})

test('a task is followed from its offer to the acknowledgement of its end, hop by hop', async () => {
  const { scheduler, end } = await cluster.run('seen', [
    { id: 't1', ...small, name: 'greeting', command: ['echo', 'hello'] },
  ])
  await end('t1')
  const task = `${scheduler.frameworkId} t1`
  const toldByLeader = (life: readonly LifeLine[]) =>
    life.filter(({ by }) => by === 'master M0').map(({ after }) => after)
  // Whoever else knows of the end may tell of it sooner.
  const seen = await page.see('task', { task }, ({ life }) => toldByLeader(life).includes('finished'))
  expect(seen).toMatchObject({
    state: 'finished',
    name: 'greeting',
    framework: 'seen',
    slave: 'S0',
    command: 'echo hello',
  })
  expect(seen.over).toBe(true)
  expect(toldByLeader(seen.life)).toEqual(['staging', 'running', 'finished'])
  // Where its process ends at once, that it runs and that it has ended may be told together.
  const endIsHeard = /^hears status.update .*finished$/
  /** The end was heard, then acknowledged, and that was heard. */
  const isWhole = ({ hops = [] }: { hops?: readonly Hop[] }) => {
    const after = (from: number, who: string, what: RegExp) =>
      from < 0 ? -1 : hops.findIndex((hop, i) => i > from && hop.who === who && what.test(hop.what))
    const heard = after(0, 'scheduler seen', endIsHeard)
    const said = after(heard, 'scheduler seen', /^says status.ack/)
    return after(said, 'slave S0', /^hears status.ack/) > 0
  }
  const { hops = [], messages } = await page.see('conversation', { task }, isWhole)
  const said = hops.filter(({ what }) => what.startsWith('says')).map(({ what, who }) => `${who} ${what}`)
  expect(said).toContain('master M0 says offer.make')
  expect(said.indexOf('scheduler seen says offer.accept')).toBeGreaterThan(
    said.indexOf('master M0 says offer.make'),
  )
  expect(said).toContainEqual(expect.stringMatching(/^slave S0 says status.update .*finished$/))
  expect(said).toContain('scheduler seen says status.ack')
  expect(messages.filter(({ lost }) => lost)).toEqual([])
  // One message on the bus, two that heard it.
  const updates = hops.filter(({ what }) => endIsHeard.test(what)).map(({ who }) => who)
  expect(updates.sort()).toEqual(
    ['executor', 'master M0', 'scheduler seen', 'slave S0'].filter((who) => updates.includes(who)),
  )
  expect(updates).toEqual(expect.arrayContaining(['master M0', 'scheduler seen']))
})

test('of a newcomer nothing is missing: its first steps wait until it knows that somebody watches', async () => {
  const { end } = await cluster.run('newcomer', [{ id: 't1', ...small, command: ['true'] }])
  await end('t1')
  const isWhole = ({ history }: { history: readonly { heard: string }[] }) =>
    history.at(-1)?.heard === 'start'
  const { history } = await page.see('actor', { role: 'scheduler', id: 'newcomer' }, isWhole)
  expect(history.filter(({ missed }) => missed)).toEqual([])
})

test('its server tells by HTTP who looks, and whether there is anything to see', async () => {
  const lines: string[] = []
  const note = (_level: string, message: string) => void lines.push(message)
  const exporter = await Exporter.open({ host, port: 0 }, note, { cluster: 'main', role: 'page' })
  const source = new LiveCluster({ operator: await connect(), user: 'tester', keepSteps: 50_000 })
  const shown = await startWeb({ source, host, port: 0, exporter })
  const guest = await Page.open(shown.url)
  const [url = ''] = /http:[^\s]+\d/.exec(lines.join()) ?? []
  await guest.see('summary', {}, ({ slaves }) => (slaves.active ?? 0) === 1)
  const { samples } = await scrape(url)
  expect(samples.get('proffer_page_visitors')).toBe(1)
  expect(samples.get('proffer_page_steps')).toBeGreaterThan(0)
  expect(await (await fetch(`${url}/readyz`)).text()).toBe('it shows what it hears\n')
  guest.close()
  await shown.stop()
  await exporter.close()
})

test('an offer that is declined is filtered, and lapses', async () => {
  const { scheduler } = await cluster.run('picky', [], {
    wants: () => true,
    onOffers: (offers) => {
      for (const offer of offers) offer.decline('not-mine', 1)
    },
  })
  const { things } = await page.see('things', { search: '-O', limit: 500 }, ({ things }) =>
    things.some(({ state }) => state === 'filtered'),
  )
  const id = things.find(({ state }) => state === 'filtered')?.key ?? ''
  const life = await page.see('life', { life: 'offer', id }, ({ state }) => state === 'lapsed')
  expect(life.history.map(({ after }) => after)).toEqual(['pending', 'declined', 'filtered', 'lapsed'])
  expect(life.about).toMatchObject({ framework: `picky (${scheduler.frameworkId})` })
  await scheduler.teardown()
})

test('a step opens what caused it and what it caused', async () => {
  const { things } = await page.see('things', { search: 'master M0' })
  expect(things[0]).toMatchObject({ kind: 'actor', key: 'master M0', state: 'leading' })
  const { history } = await page.see('actor', { role: 'master', id: 'M0', limit: 1000 }, ({ history }) =>
    history.some(({ heard }) => heard === 'offer.accept'),
  )
  const accept = history.find(({ heard }) => heard === 'offer.accept')
  const shown = await page.ask({ about: 'step', position: accept?.position ?? -1 })
  expect(shown).toMatchObject({
    step: { role: 'master', heard: { type: 'offer.accept' } },
    causedBy: expect.any(Number),
  })
})

test('time goes back, and forward again', async () => {
  const { last, first } = await page.clock(({ last }) => last > 50)
  page.say({ do: 'goTo', position: first + 10 })
  await page.clock(({ position, now }) => !now && position === first + 10)
  page.say({ do: 'walk', by: 5 })
  await page.clock(({ position, now }) => !now && position === first + 15)
  page.say({ do: 'play', speed: 1000 })
  await page.clock(({ position, now }) => !now && position >= last)
  page.say({ do: 'goTo', position: 'now' })
  await page.clock(({ now }) => now)
})

test('a task is killed from the page, its log read, and what is asked for in vain is told why', async () => {
  const { scheduler, state, end } = await cluster.run('long', [
    { id: 'long', ...small, command: 'echo grüße; sleep 1000' },
  ])
  await state('long', 'running')
  const task = `${scheduler.frameworkId} long`
  await page.see('task', { task }, ({ state }) => state === 'running')
  const read = async (): Promise<string> => {
    const answer = await page.ask({ about: 'log', task, stream: 'stdout', offset: 0 })
    return 'text' in answer && answer.text !== '' ? answer.text : read()
  }
  expect(await read()).toBe('grüße\n')
  expect(await page.ask({ about: 'kill', task, graceSeconds: 0 })).toEqual({})
  expect(await end('long')).toMatchObject({ state: 'killed' })
  await page.see('task', { task }, ({ state }) => state === 'killed')
  expect(await page.ask({ about: 'kill', task })).toEqual({ sorry: expect.stringContaining('task') })
  expect(
    await page.ask({ about: 'why', frameworkId: scheduler.frameworkId ?? '', resources: 'cpus:4000' }),
  ).toMatchObject({
    rows: [{ slaveName: 'S0', obstacle: expect.any(String) }],
  })
  expect(
    await page.ask({ about: 'why', frameworkId: scheduler.frameworkId ?? '', resources: 'cpus:many' }),
  ).toEqual({
    sorry: expect.stringContaining('many'),
  })
})

test('what the bus kept of the trace is there before anybody looked', async () => {
  await operator.keptTrace({ keepMs: 60_000, keepBytes: 16 * 1024 * 1024 })
  const { end } = await cluster.run('kept', [{ id: 'k1', ...small, command: ['true'] }])
  await end('k1')
  const other = await connect()
  const source = new LiveCluster({ operator: other, user: 'tester', keepSteps: 50_000 })
  // The page that looks keeps the roles telling; what they tell comes to the bus's own store a moment later.
  const finished = () => [...source.chronicle.things.of('task')].some(({ id }) => id.endsWith(' k1'))
  while (!finished()) await other.playTrace((step) => source.hear(step))
  expect(source.chronicle.length).toBeGreaterThan(5)
  await other.close()
})

describe('strangers', () => {
  test('rubbish is told back, and changes nothing', async () => {
    for (const text of [
      '',
      'null',
      '{"do":"look"}',
      '{"do":"goTo","position":-1}',
      '{"do":"ask","ref":1}',
      '['.repeat(10_000),
    ])
      page.sayText(text)
    const sorry = await page.until(() => {
      const told = page.heard.filter((each) => 'sorry' in each && !('slot' in each) && !('ref' in each))
      return told.length >= 6 ? told : undefined
    })
    expect(JSON.stringify(sorry)).toContain('nothing that a page says')
    await page.see('summary', {}, ({ leader }) => leader === 'M0')
  })

  test('what is not there is a sentence', async () => {
    page.say({ do: 'look', slot: 'gone', picture: 'task', asks: { task: '1-F99 <b>x</b>' } })
    const told = await page.until(() => page.heard.find((each) => 'slot' in each && each.slot === 'gone'))
    expect(told).toMatchObject({ sorry: expect.stringContaining('There is no task 1-F99 <b>x</b>') })
    page.say({ do: 'lookAway', slot: 'gone' })
  })

  test.each([
    ['another name', { host: 'evil.example' }, 421],
    ['what is no name', { host: 'no name' }, 421],
  ])('a page that was asked for by %s is not given', async (_what, headers, status) => {
    expect(await statusOf(web.url, headers)).toBe(status)
  })

  test('a page of another origin may not speak', async () => {
    const socket = new WebSocket(new URL('socket', web.url.replace('http', 'ws')), {
      origin: 'http://evil.example',
    })
    const end = await new Promise((resolve) =>
      socket.once('error', () => resolve('refused')).once('open', () => resolve('open')),
    )
    expect(end).toBe('refused')
  })

  test('paths that no address has are not there', async () => {
    for (const path of ['//', '/..%2f..%2fetc/passwd', '/nothing'])
      expect(await statusOf(web.url, {}, path)).toBe(404)
  })
})

test("Stately's inspector hears of those who live", async () => {
  const receiver = createWebSocketReceiver({ server: `${web.url.replace('http', 'ws')}inspect` })
  const slave = await new Promise((resolve) =>
    receiver.subscribe((event) => {
      if (event.type === '@xstate.actor' && event.sessionId === 'slave S0') resolve(event)
    }),
  )
  expect(slave).toMatchObject({ name: 'slave S0', snapshot: { status: 'active', value: 'registered' } })
})

test('a page whose server only looks kills nothing', async () => {
  const other = await connect()
  const looking = await startWeb({
    source: new LiveCluster({ operator: other, user: 'tester', keepSteps: 1000, readOnly: true }),
    host,
    port: 0,
  })
  const guest = await Page.open(looking.url)
  expect(guest.heard[0]).not.toMatchObject({ hello: { user: 'tester' } })
  expect(await guest.ask({ about: 'drain', slave: 'S0', withinSeconds: 1 })).toEqual({
    sorry: expect.stringContaining('--read-only'),
  })
  guest.close()
  await looking.stop()
  await other.close()
})

test('the bus goes away and comes back: the page is told, and goes on', async () => {
  await cluster.restartEmpty()
  await page.until(() => page.heard.find((each) => 'clock' in each && each.clock.trouble !== undefined))
  await page.clock(({ trouble }) => trouble === undefined)
  const { leader } = await page.see('summary', {}, ({ slaves }) => (slaves.active ?? 0) === 1)
  expect(leader).toBe('M0')
})

function statusOf(url: string, headers: Record<string, string>, path = '/'): Promise<number | undefined> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    request({ host: hostname, port, path, headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}
