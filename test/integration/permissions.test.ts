/** The users of infra/nats-users.conf on a real server: each can do its work, and nobody can do another's. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startMaster } from '../../services/master/main.ts'
import { Operator } from '../../services/operator/client.ts'
import { processIsolation } from '../../services/runtime/isolation/processes.ts'
import { logTo } from '../../services/runtime/log.ts'
import { microSubjects } from '../../services/runtime/micro/micro.ts'
import type { LinkNews } from '../../services/runtime/ports.ts'
import { isOver, runScheduler, type Status, type TaskRequest } from '../../services/scheduler/index.ts'
import { toResources } from '../../services/scheduler/task.ts'
import { startSlave } from '../../services/slave/main.ts'
import { readMasterSettings, readSlaveSettings } from '../../shared/config.ts'
import type { ExecutorId, FrameworkId, SlaveId } from '../../shared/ids.ts'
import { type MessageType, messages, messageTypes, type Role } from '../../shared/messages.ts'
import { type Address, type Speaker, subject, subscriptions, traceSubjects } from '../../shared/subjects.ts'
import type { Step } from '../../shared/trace.ts'
import { compiled } from '../install.ts'
import { connectionTo, Heard, rejection, startTestNats, type TestNats, testBus } from './bus-world.ts'

const config = readFileSync(new URL('../../infra/nats-users.conf', import.meta.url), 'utf8')
const passwords = new Map(
  [...config.matchAll(/user: "([^"]+)", password: \$(\w+)/g)].map(([, user = '', variable = '']) => {
    process.env[variable] = `secret of ${user}`.replaceAll(/\W/g, '-')
    return [user, process.env[variable]]
  }),
)
const inboxes: Readonly<Record<string, string>> = {
  master: '_INBOX.master',
  'slave-node-1': '_INBOX.slave.node-1',
  'slave-node-2': '_INBOX.slave.node-2',
  'framework-batch': '_INBOX.framework.batch',
  'framework-wordcount': '_INBOX.framework.wordcount',
  executor: '_INBOX.executor',
  operator: '_INBOX.operator',
  watcher: '_INBOX.watcher',
}

let nats: TestNats
beforeAll(async () => {
  nats = await startTestNats({ config })
})
afterAll(() => nats.stop())

const given = (user: string) => ({
  server: nats.url,
  user,
  password: passwords.get(user),
  inboxPrefix: inboxes[user],
})
const connectionAs = (user: string) => connectionTo(nats.url, given(user))
const busAs = (user: string) => testBus(connectionAs(user))

describe('a whole cluster under them', () => {
  const warned: string[] = []
  const log = logTo((sentence) => warned.push(sentence))
  const closing: (() => Promise<unknown>)[] = []
  const cluster = 'main'
  const folder = mkdtempSync(join(tmpdir(), 'proffer-permissions-'))
  beforeAll(async () => {
    const settings = readMasterSettings({ leaseTtlSeconds: 3, leaseMarginSeconds: 0.5 })
    const master = { connection: connectionAs('master'), cluster, name: 'M0', settings, replicas: 1, log }
    closing.unshift((await startMaster(master)).stop)
    const slave = await startSlave({
      connection: connectionAs('slave-node-1'),
      cluster,
      name: 'node-1',
      settings: readSlaveSettings(),
      resources: toResources({ cpus: 2, mem: 512 }),
      attributes: {},
      isolation: processIsolation({ workDir: join(folder, 'node-1') }),
      killOnStop: true,
      log,
    })
    closing.unshift(slave.stop)
  })
  afterAll(async () => {
    for (const close of closing) await close()
    rmSync(folder, { recursive: true, force: true })
  })

  const operatorAs = async (user: string) => {
    const operator = await Operator.connect({
      connection: connectionAs(user),
      cluster,
      user,
      timeoutMs: 20_000,
    })
    closing.unshift(() => operator.close())
    return operator
  }
  const small = { cpus: 0.1, mem: 32 }

  async function run(
    user: string,
    principal: string,
    tasks: readonly TaskRequest[],
    messages: string[] = [],
  ) {
    const queue = [...tasks]
    const told = new Heard<Status>()
    const scheduler = await runScheduler({
      name: principal,
      principal,
      connection: given(user),
      env: {},
      log,
      wants: () => queue.length > 0,
      onOffers: (offers) => {
        for (const offer of offers)
          for (let next = queue[0]; next && offer.add(next); next = queue[0]) queue.shift()
      },
      onStatus: (status) => told.add(status),
      onMessage: (payload) => void messages.push(new TextDecoder().decode(payload)),
    })
    closing.unshift(scheduler.stop)
    const end = (taskId: string) => told.first((status) => status.taskId === taskId && isOver(status))
    return { scheduler, end }
  }

  test('a framework runs a task to its end; operator and watcher ask, and see each step', async () => {
    const watcher = await operatorAs('watcher')
    const steps = new Heard<Step>()
    watcher.watch((step) => steps.add(step))
    await watcher.bus.flush()
    // The watch reaches each of them before what they then do.
    const { end } = await run('framework-batch', 'batch', [{ id: 't', ...small, command: 'echo hello' }])
    const status = await end('t')
    expect(status).toMatchObject({ state: 'finished' })
    for (const role of ['master', 'slave', 'executor', 'scheduler'])
      await steps.first((step) => step.role === role)

    const operator = await operatorAs('operator')
    const { frameworks } = await operator.ask('frameworks.list', {})
    const frameworkId = frameworks[0]?.frameworkId as FrameworkId
    const slaveId = status.slaveId as SlaveId
    const { bytes } = await operator.readLog({ frameworkId, taskId: status.taskId, slaveId }, 'stdout', 0)
    expect(new TextDecoder().decode(bytes)).toBe('hello\n')
    expect((await watcher.ask('slaves.list', {})).slaves).toHaveLength(1)
    const reserve = { cpuMilli: 100, memMb: 0, diskMb: 0, gpus: 0 }
    // It keeps no checkpoint, so it says no; but it is asked, and its answer comes.
    const reserved = operator.ask('slave.reserve', { slave: 'node-1', role: 'db', reserve })
    await expect(reserved).rejects.toThrow('this slave has no folder')
    expect((await watcher.ask('explain.get', { frameworkId })).slaves).toHaveLength(1)
    const killed = watcher.ask('task.kill', { frameworkId, taskId: status.taskId })
    await expect(killed).rejects.toMatchObject({ code: 'denied' })
    for (const { name, state } of [
      { name: 'proffer-master', state: 'leading' },
      { name: 'proffer-slave', state: 'registered' },
    ]) {
      const bytes = await watcher.bus.request(`$SRV.PING.${name}`, new Uint8Array(), 20_000)
      expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({ name, metadata: { state } })
    }
  })

  test('operators have the bus keep a window of the trace, into which watchers look', async () => {
    const [operator, watcher] = [await operatorAs('operator'), await operatorAs('watcher')]
    for (const seconds of [60, 600]) await operator.keptTrace({ keepMs: seconds * 1000, keepBytes: 1e6 })
    const steps = new Heard<Step>()
    watcher.watch((step) => steps.add(step))
    await steps.first((step) => step.role === 'master')
    const kept: Step[] = []
    await watcher.playTrace((step) => kept.push(step))
    expect(kept.map(({ role }) => role)).toContain('master')
  })

  test('an operator is a framework too, where he runs something', async () => {
    const { end } = await run('operator', 'operator', [{ id: 't', ...small, command: ['true'] }])
    expect(await end('t')).toMatchObject({ state: 'finished' })
  })

  test('a custom executor speaks for itself, out of a context that its machine keeps for it', async () => {
    const context = join(folder, 'executor.json')
    const { password, inboxPrefix } = given('executor')
    writeFileSync(context, JSON.stringify({ user: 'executor', password, inbox_prefix: inboxPrefix }))
    const command = `NATS_CONTEXT=${context} exec ${process.execPath} ${compiled('integration/echoExecutor')}`
    const executor = { name: 'echo', ...small, command }
    const task = { id: 'a', ...small, executor, payload: new TextEncoder().encode('hello') }
    const said: string[] = []
    const { scheduler, end } = await run('framework-wordcount', 'wordcount', [task], said)
    expect(new TextDecoder().decode((await end('a')).payload)).toBe('HELLO')
    expect(said).toEqual(['began a'])
    await scheduler.teardown()
  })

  test('and nothing that any of them needed was denied', () => {
    expect(warned.filter((sentence) => sentence.includes('permissions'))).toEqual([])
  })
})

const slaveId = '7-S1' as SlaveId
const frameworkId = '7-F1' as FrameworkId
const executorId = '7-F1/mapper' as ExecutorId
const scheduler = (principal: string): Address => ({ role: 'scheduler', principal, frameworkId })
const addresses: Readonly<Record<Role | 'all', readonly Address[]>> = {
  master: [{ role: 'master' }],
  scheduler: [scheduler('batch'), scheduler('wordcount')],
  slave: [{ role: 'slave', slaveId }],
  executor: [{ role: 'executor', slaveId, executorId }],
  all: [{ role: 'all' }],
  operator: [],
}

/** Who may speak as whom. */
const speakers: readonly (readonly [user: string, Speaker])[] = [
  ['master', { role: 'master', id: '' }],
  ['slave-node-1', { role: 'slave', id: 'node-1' }],
  ['slave-node-2', { role: 'slave', id: 'node-2' }],
  ['framework-batch', { role: 'scheduler', id: 'batch' }],
  ['framework-wordcount', { role: 'scheduler', id: 'wordcount' }],
  ['executor', { role: 'executor', id: executorId }],
  ['operator', { role: 'operator', id: 'operator' }],
  ['watcher', { role: 'operator', id: 'watcher' }],
]
const reads = /\.(get|list|explain)$/
const maySay = (user: string, type: MessageType) =>
  user !== 'watcher' || reads.test(type) || type === 'watch.renew'

/** Each subject that a speaker has in the table of messages. */
const subjectsOf = (speaker: Speaker, may: (type: MessageType) => boolean = () => true): string[] =>
  messageTypes.filter(may).flatMap((type) =>
    messages[type].routes
      .filter(([from]) => from === speaker.role)
      .flatMap(([, to]) => addresses[to].filter((address) => isOwnKind(speaker, address)))
      .map((address) => subject('main', type, speaker, address)),
  )

/** Schedulers speak among themselves within one principal only. */
const isOwnKind = (speaker: Speaker, address: Address): boolean =>
  speaker.role !== 'scheduler' || address.role !== 'scheduler' || address.principal === speaker.id

const stores = [
  '$KV.proffer-main-leader.leader',
  '$JS.API.STREAM.INFO.KV_proffer-main-leader',
  '$KV.proffer-main-registry.reign',
  '$JS.API.INFO',
  '$JS.API.STREAM.DELETE.PROFFER_main_trace',
]
/** What the bus keeps of the trace is read by those who may watch, and bounded by those who may change things. */
const keeping = ['CREATE', 'UPDATE'].map((operation) => `$JS.API.STREAM.${operation}.PROFFER_main_trace`)
const lookingBack = ['INFO', 'MSG.GET'].map((operation) => `$JS.API.STREAM.${operation}.PROFFER_main_trace`)

/** Operators look for services; masters and slaves are some. */
const services: Partial<Record<Role, readonly string[]>> = {
  master: microSubjects('proffer-master', 'a1'),
  slave: microSubjects('proffer-slave', 'a2'),
}
const allServices = Object.values(services).flat()

describe.each(speakers)('%s', (user, speaker) => {
  const looks = speaker.role === 'operator'
  const own = new Set([
    ...subjectsOf(speaker, (type) => maySay(user, type)),
    ...(looks ? [...allServices, ...lookingBack] : []),
    ...(user === 'operator' ? keeping : []),
  ])
  const said = [
    ...speakers.flatMap(([, other]) => subjectsOf(other)),
    ...allServices,
    ...keeping,
    ...lookingBack,
  ]
  const foreign = new Set(
    [...said, ...(user === 'master' ? [] : stores)].filter(
      // Masters may say to a framework whatever they like: a ping of its schedulers is the least of it.
      (other) => !own.has(other) && !(user === 'master' && other.endsWith('.leader.ping')),
    ),
  )

  test('may say what the table of messages has it say, and nothing that others say', async () => {
    const { bus, news } = await busAs(user)
    const say = (subject: string) => bus.publish(subject, new Uint8Array())
    expect(await deniedOf(own, say, news)).toEqual(new Set())
    expect(await deniedOf(foreign, say, news)).toEqual(foreign)
    await bus.drain()
  })

  test('may hear what is for it, and nobody else', async () => {
    const { bus, news } = await busAs(user)
    const hear = (subject: string) => bus.subscribe(subject, () => {})
    const { own, foreign } = hearing(user, speaker)
    expect(await deniedOf(own, hear, news)).toEqual(new Set())
    expect(await deniedOf(foreign, hear, news)).toEqual(foreign)
    await bus.drain()
  })
})

let ends = 0
/** Which of these the server refuses. Refusals come in order: those of all of them before that of a last one. */
async function deniedOf(
  subjects: ReadonlySet<string>,
  attempt: (subject: string) => void,
  news: Heard<LinkNews>,
): Promise<Set<string>> {
  const before = news.all.length
  const last = `nobody.may.${++ends}`
  for (const subject of [...subjects, last]) attempt(subject)
  await news.first((item) => item.link === 'denied' && item.subject === last)
  const denied = news.all.slice(before).flatMap((item) => (item.link === 'denied' ? [item.subject] : []))
  return new Set(denied.filter((subject) => subject !== last))
}

function hearing(user: string, { role, id }: Speaker): { own: Set<string>; foreign: Set<string> } {
  const isOwn = (address: Address) =>
    address.role === role ? address.role !== 'scheduler' || address.principal === id : address.role === 'all'
  const watches = role === 'operator'
  const listens = (address: Address) =>
    watches ? user === 'operator' && address.role === 'all' : isOwn(address)
  const places = Object.values(addresses).flat()
  const all = (which: (address: Address) => boolean) =>
    places.filter(which).flatMap((address) => subscriptions('main', address))
  const inbox = `${inboxes[user]}.some.*`
  const inboxesOfOthers = Object.values(inboxes).map((other) => `${other}.some.*`)
  const watched = watches ? [traceSubjects('main')] : []
  const own = new Set([...all(listens), inbox, ...watched, ...(services[role] ?? [])])
  const everything = ['>', '_INBOX.>', '$KV.>', '$JS.>', '$SRV.>', 'proffer.>', 'proffer.main.>']
  const foreign = [
    ...all((address) => !listens(address)),
    ...[...inboxesOfOthers, ...everything, traceSubjects('main'), ...allServices],
  ]
  return { own, foreign: new Set(foreign.filter((each) => !own.has(each))) }
}

test('a bucket is closed to a framework', async () => {
  const { bus } = await busAs('framework-batch')
  expect((await rejection(bus.bucket('proffer-main-leader', { replicas: 1 }))).code).toBe('denied')
  expect((await rejection(bus.bucket('proffer-main-store', { replicas: 1 }))).code).toBe('denied')
  await bus.drain()
})

test('somebody without a password is nobody', async () => {
  for (const user of passwords.keys())
    expect((await rejection(testBus(connectionTo(nats.url, { user, password: 'guess' })))).code).toBe(
      'denied',
    )
  expect((await rejection(testBus(nats.url))).code).toBe('denied')
})
