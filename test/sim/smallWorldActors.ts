/**
 * The processes of a small world: the real charts with their ledgers, and around them the least of a world. What is on
 * its way lies in a bag, in no order; a wake may come at any moment from the one it was asked for; a process that was
 * killed is started again. Everything is plain data, so that a world can be copied.
 */
import { type AnyMachineSnapshot, transition } from 'xstate'
import { assert } from '../../shared/assert.ts'
import { parseSubject, type Speaker, subject, subscriptions } from '../../shared/subjects.ts'
import type { Status } from '../../shared/tasks.ts'
import type { Effect, LeaseEffect, News } from '../../statecharts/decision.ts'
import { type RoleChartName, roleCharts } from '../../statecharts/index.ts'
import type { LeaseAnswered } from '../../statecharts/lease.ts'

export interface Event {
  readonly type: string
  readonly at: number
}
type Save = Extract<Effect, { do: 'save' | 'compact' }>

export interface Process {
  readonly name: string
  readonly role: RoleChartName
  readonly speaker: Speaker
  readonly ledger: object
  /** Of the chart, by name. */
  state: string
  lives: boolean
  /** The subjects that it hears, by where it listens. */
  readonly listens: Map<string, readonly string[]>
  readonly wakes: Map<string, number>
  /** What it asked and has no answer to, and when it gives that up. */
  readonly asks: Map<string, { readonly type: string; readonly ref: string; readonly until: number }>
  asked: number
  /** Behind each write that is not safe yet, what waits for it. */
  readonly gate: Effect[]
  readonly waiting: Event[]
  busy: boolean
}

/** Something on its way to a process. */
export type Message = { readonly to: string; readonly from: string } & (
  | {
      readonly way: 'said' | 'asked'
      readonly subject: string
      readonly body: object
      readonly question?: string
    }
  | { readonly way: 'answered'; readonly question: string; readonly answer: object }
  | { readonly way: 'lease'; readonly effect: LeaseEffect }
  | { readonly way: 'event'; readonly event: object }
)

export interface Run {
  readonly runId: string
  readonly key: string
  readonly resources: object
  readonly labels: Readonly<Record<string, string>>
  ended: boolean
  stopped: boolean
}

export interface Value {
  readonly nonce: string
  readonly floor: number
  readonly revision: number
  readonly writtenAt: number
}

export interface World {
  now: number
  readonly processes: Map<string, Process>
  readonly bag: Message[]
  readonly lease: { revision: number; value: Value | undefined }
  readonly registry: Map<string, { readonly entry: object; readonly writtenAt: number }>
  readonly runs: Map<string, Run>
  /** How often each task was begun. */
  readonly begun: Map<string, number>
  safe: readonly object[]
  /** What the author holds, has yet to launch, and has yet to kill. */
  readonly offers: { readonly offerId: string; readonly slaveId: string }[]
  readonly told: { readonly framework: string; readonly status: Status; readonly life: number }[]
  /** Whether the store of the leases takes its time. */
  readonly slowStore: boolean
}

const cluster = 'small'

export const newProcess = (name: string, role: RoleChartName, id: string, ledger: object): Process => ({
  name,
  role,
  speaker: { role, id },
  ledger,
  state:
    role === 'scheduler' || role === 'executor' ? 'starting' : role === 'master' ? 'standby' : 'registering',
  lives: true,
  // What the leader says to all the command executor hears by its slave.
  listens: new Map(role === 'executor' ? [] : [['all', subscriptions(cluster, { role: 'all' })]]),
  wakes: new Map(),
  asks: new Map(),
  asked: 0,
  gate: [],
  waiting: [],
  busy: false,
})

export function processOf(world: World, name: string): Process {
  const process = world.processes.get(name)
  assert(process, `there is no process ${name}`)
  return process
}

/** One step of a chart, and all that it asks for; what it is told meanwhile waits for it. */
export function hear(world: World, process: Process, event: Event): void {
  if (!process.lives || process.state === 'stopped') return
  process.waiting.push(event)
  if (process.busy) return
  process.busy = true
  for (let next = process.waiting.shift(); next; next = process.waiting.shift()) {
    for (const effect of step(process, next)) carryOut(world, process, effect)
  }
  process.busy = false
}

function step(process: Process, event: Event): readonly Effect[] {
  const chart = roleCharts[process.role]
  const context = { ledger: process.ledger, outbox: [] as Effect[] }
  const [next, actions] = transition(chart, chart.resolveState({ value: process.state, context }), event) as [
    AnyMachineSnapshot,
    readonly {
      readonly info: object
      readonly params: object
      readonly exec?: (info: object, params: object) => void
    }[],
  ]
  if (next.status === 'error') throw next.error
  for (const { exec, info, params } of actions) exec?.(info, params)
  process.state = next.value as string
  return context.outbox
}

function carryOut(world: World, process: Process, effect: Effect): void {
  if (process.gate.length > 0 || isSave(effect)) process.gate.push(effect)
  else perform(world, process, effect)
}
const isSave = (effect: Effect): effect is Save => effect.do === 'save' || effect.do === 'compact'

/** The disk has taken the first of what was written: what waited for that goes on. */
export function saved(world: World, process: Process): void {
  const write = process.gate.shift()
  assert(write && isSave(write), 'something is being written')
  keep(world, write)
  if (write.do === 'compact') hear(world, process, { type: 'disk.rewritten', at: world.now })
  for (let next = process.gate[0]; next && !isSave(next); next = process.gate[0]) {
    process.gate.shift()
    perform(world, process, next)
  }
}

export function keep(world: World, { do: how, records }: Save): void {
  const copies = structuredClone(records)
  world.safe = how === 'compact' ? copies : [...world.safe, ...copies]
}

function perform(world: World, process: Process, effect: Effect): void {
  switch (effect.do) {
    case 'say':
      say(world, process, effect)
      break
    case 'ask':
      ask(world, process, effect)
      break
    case 'reply':
      reply(world, process, effect)
      break
    case 'wake':
      process.wakes.set(effect.name, effect.at)
      break
    case 'listen':
      process.listens.set(JSON.stringify(effect.address), subscriptions(cluster, effect.address))
      break
    case 'unlisten':
      process.listens.delete(JSON.stringify(effect.address))
      break
    case 'tell':
      tell(world, process, effect.news)
      break
    default:
      performElsewhere(world, process, effect)
  }
}

/** What is asked of a store, or of what runs things. */
function performElsewhere(world: World, process: Process, effect: Effect): void {
  switch (effect.do) {
    case 'lease':
      store(world, { way: 'lease', to: 'store', from: process.name, effect })
      break
    case 'load':
      load(world, process, effect.epoch)
      break
    case 'keep':
      keepEntry(world, process, effect)
      break
    case 'run':
    case 'adopt':
      run(world, process, effect.run)
      break
    case 'stop':
      stop(world, effect.runId)
  }
}

function reply(
  world: World,
  process: Process,
  { to: where, answer }: Extract<Effect, { do: 'reply' }>,
): void {
  const [to = '', question = ''] = where.split('/')
  if (processOf(world, to).asks.has(question))
    world.bag.push({ way: 'answered', to, from: process.name, question, answer: structuredClone(answer) })
}

function stop({ runs }: World, runId: string): void {
  const stopped = runs.get(runId)
  if (stopped && !stopped.ended) stopped.stopped = true
}

/** The command executor and its slave are one process: they speak to each other at once. */
function say(world: World, process: Process, { type, to, body }: Extract<Effect, { do: 'say' }>): void {
  if (process.role === 'executor' || (process.role === 'slave' && to.role === 'executor')) {
    const other = processOf(world, process.role === 'executor' ? 'S0' : 'X0')
    const from = { role: process.role, id: process.role === 'executor' ? 'command' : '' }
    hear(world, other, { type, at: world.now, from, body: structuredClone(body) } as object as Event)
    return
  }
  const written = subject(cluster, type, process.speaker, to)
  for (const hearer of hearers(world, written))
    world.bag.push({
      way: 'said',
      to: hearer.name,
      from: process.name,
      subject: written,
      body: structuredClone(body),
    })
}

function ask(world: World, process: Process, effect: Extract<Effect, { do: 'ask' }>): void {
  const { type, to, body, ref, timeoutMs } = effect
  const question = `q${++process.asked}`
  process.asks.set(question, { type, ref, until: world.now + timeoutMs })
  const written = subject(cluster, type, process.speaker, to)
  const asked = hearers(world, written)
  for (const { name } of asked)
    world.bag.push({
      way: 'asked',
      to: name,
      from: process.name,
      subject: written,
      body: structuredClone(body),
      question,
    })
  const answer = { ok: false, code: 'no-responders', message: 'nobody listens there' }
  if (asked.length === 0) world.bag.push({ way: 'answered', to: process.name, from: 'bus', question, answer })
}

function hearers(world: World, written: string): Process[] {
  const hears = (pattern: string) => matches(pattern.split('.'), written.split('.'))
  return [...world.processes.values()].filter(
    ({ lives, listens }) => lives && [...listens.values()].some((patterns) => patterns.some(hears)),
  )
}

function matches(pattern: readonly string[], tokens: readonly string[]): boolean {
  for (const [i, token] of pattern.entries()) {
    if (token === '>') return tokens.length > i
    if (token !== '*' && token !== tokens[i]) return false
  }
  return pattern.length === tokens.length
}

/** The author has done with what he is told when he was told it. */
function tell(world: World, process: Process, news: News): void {
  if (news.news === 'offers')
    world.offers.push(...news.offers.map(({ offerId, slaveId }) => ({ offerId, slaveId })))
  if (news.news === 'status') {
    world.told.push({ framework: 'F0', status: news.status, life: 1 })
    if (news.status.seq > 0)
      hear(world, process, { type: 'author.heard', at: world.now, status: news.status } as Event)
  }
  if (news.news !== 'rescinded') return
  const kept = world.offers.filter(({ offerId }) => !news.offerIds.some((gone) => gone === offerId))
  world.offers.splice(0, world.offers.length, ...kept)
}

/** Runs go on when their slave dies; one that was never begun is begun when it is taken over. */
function run(
  world: World,
  process: Process,
  { runId, resources, labels }: Pick<Run, 'runId' | 'resources' | 'labels'>,
): void {
  const key = `${labels['proffer.framework']} ${labels['proffer.task']}`
  const known = world.runs.get(runId)
  if (!known) {
    world.runs.set(runId, { runId, key, resources, labels, ended: false, stopped: false })
    world.begun.set(key, (world.begun.get(key) ?? 0) + 1)
  }
  const event = known?.ended ? ended(known) : { type: 'run.started', runId }
  world.bag.push({ way: 'event', to: process.name, from: 'runs', event })
}
export function endRun(world: World, run: Run): void {
  run.ended = true
  world.bag.push({ way: 'event', to: 'X0', from: 'runs', event: ended(run) })
}
const ended = ({ runId, stopped }: Run) => ({
  type: 'run.ended',
  runId,
  outcome: stopped ? { reason: 'kill-requested', signal: 'SIGKILL', message: 'killed' } : {},
})

function store(world: World, message: Extract<Message, { way: 'lease' }>): void {
  if (world.slowStore) world.bag.push(message)
  else attempt(world, message)
}

/** The store carries out one attempt, and its answer is on its way. */
export function attempt(world: World, { from, effect }: Extract<Message, { way: 'lease' }>): void {
  const { op, sentAt, floor } = effect
  const event = { type: 'lease.answered', op, sentAt, floor, result: resultOf(world, effect) }
  world.bag.push({ way: 'event', to: from, from: 'store', event })
}

function resultOf(
  { lease, now }: World,
  { op, revision, nonce, floor }: LeaseEffect,
): LeaseAnswered['result'] {
  const standing = lease.value && now < lease.value.writtenAt + leaseTtlMs ? lease.value : undefined
  if (op === 'read') return standing ? { outcome: 'held', ...standing } : { outcome: 'vacant' }
  if (op === 'create' ? standing : standing?.revision !== revision) return { outcome: 'conflict' }
  lease.revision++
  lease.value = op === 'remove' ? undefined : { nonce, floor, revision: lease.revision, writtenAt: now }
  return { outcome: 'written', revision: lease.revision }
}
export const leaseTtlMs = 6000

function load(world: World, process: Process, epoch: number): void {
  const fresh = !world.registry.has('reign')
  world.registry.set('reign', { entry: {}, writtenAt: world.now })
  const entries = [...world.registry]
    .filter(([key]) => key.includes('.'))
    .map(([key, { entry, writtenAt }]) => ({ key, entry, agoMs: world.now - writtenAt }))
  world.bag.push({
    way: 'event',
    to: process.name,
    from: 'store',
    event: { type: 'registry.loaded', epoch, fresh, entries },
  })
}

function keepEntry(
  world: World,
  process: Process,
  { epoch, key, entry }: Extract<Effect, { do: 'keep' }>,
): void {
  if (entry) world.registry.set(key, { entry: structuredClone(entry), writtenAt: world.now })
  else world.registry.delete(key)
  world.bag.push({
    way: 'event',
    to: process.name,
    from: 'store',
    event: { type: 'registry.kept', epoch, key },
  })
}

/** A message arrives. */
export function deliver(world: World, message: Message): void {
  if (message.way === 'lease') attempt(world, message)
  else if (message.way === 'event')
    hear(world, processOf(world, message.to), { ...message.event, at: world.now } as Event)
  else if (message.way === 'answered')
    hearAnswer(world, processOf(world, message.to), message.question, message.answer)
  else hearMessage(world, message)
}

function hearMessage(world: World, message: Extract<Message, { way: 'said' | 'asked' }>): void {
  const { to, subject: written, body, from, question } = message
  const process = processOf(world, to)
  const envelope = parseSubject(cluster, process.role, written)
  assert(typeof envelope !== 'string', String(envelope))
  const answerTo = question === undefined ? {} : { reply: `${from}/${question}` }
  hear(world, process, { ...envelope, at: world.now, body, ...answerTo } as object as Event)
}

export function hearAnswer(world: World, process: Process, question: string, answer: object): void {
  const asked = process.asks.get(question)
  if (!asked) return
  process.asks.delete(question)
  hear(world, process, { type: `answer.${asked.type}`, at: world.now, ref: asked.ref, answer } as Event)
}
