/** What may happen next in a small world, and how it comes to rest when nothing goes wrong any more. */
import type { Task } from '../../shared/tasks.ts'
import { pushTo } from '../../statecharts/groups.ts'
import type { Explorable, Step } from './explorer.ts'
import {
  deliver,
  type Event,
  endRun,
  hear,
  hearAnswer,
  type Message,
  type Process,
  processOf,
  saved,
} from './smallWorldActors.ts'
import { copied, digestOf, written } from './smallWorldCopy.ts'
import {
  check,
  crash,
  missing,
  newWorld,
  type Scenario,
  type SmallWorld,
  startFramework,
  startSlave,
  takes,
} from './smallWorlds.ts'

type Next = Step<SmallWorld>

export const explorable = (scenario: Scenario): Explorable<SmallWorld> => ({
  start: () => begun(scenario),
  copy: copied,
  digest: ({ bag, now, scenario: _scenario, told: _told, ...rest }) =>
    digestOf([rest, onTheWay(bag, now, scenario.inOrder)], now),
  steps: stepsOf,
  check,
  isQuiet,
  settle,
})

/** What is on its way, the same in whatever order it was sent; but between the same two the order may matter. */
function onTheWay(bag: readonly Message[], now: number, inOrder: boolean): string[] {
  const sent = new Map<string, string[]>()
  for (const message of bag) pushTo(sent, `${message.from} ${message.to}`, written(message, now))
  return [...sent].map(([pair, messages]) => `${pair} ${inOrder ? messages : messages.sort()}`).sort()
}

/** The walk begins when everybody is there; or, where that is the point, with everybody about to come. */
function begun(scenario: Scenario): SmallWorld {
  const world = newWorld(scenario)
  if (!scenario.isPeopled) return world
  calm(world, () => missing(world)?.startsWith('0 masters') === false && world.bag.length === 0)
  startSlave(world)
  startFramework(world)
  if (scenario.settledIn) calm(world, () => world.offers.length > 0 && world.bag.length === 0)
  return world
}

function stepsOf(world: SmallWorld): Next[] {
  return [
    ...arrivals(world),
    ...wakes(world),
    ...timeouts(world),
    ...authors(world),
    ...runs(world),
    ...disks(world),
    ...crashes(world),
  ]
}

/** Of messages that are the same only one need arrive first; of those that come in order only the first can. */
function arrivals(world: SmallWorld): Next[] {
  const seen = new Set<string>()
  return world.bag.flatMap((message, i) => {
    const name = world.scenario.inOrder ? `${message.from} ${message.to}` : written(message, world.now)
    if (seen.has(name)) return []
    seen.add(name)
    return arrivalsOf(world, message, i)
  })
}

function arrivalsOf({ left }: SmallWorld, message: Message, i: number): Next[] {
  const words = inWords(message)
  const steps: Next[] = [{ name: words, happen: (world) => arrive(world, i) }]
  const isCarried = message.way === 'said' || message.way === 'asked' || message.way === 'answered'
  if (left.losses > 0 && isCarried && message.from !== 'bus')
    steps.push({ name: `LOST ${words}`, happen: (world) => lose(world, i) })
  if (left.losses > 0 && message.way === 'lease')
    steps.push(
      { name: `LOST ${words}`, happen: (world) => leaveUnknown(world, i, false) },
      { name: `LOST the answer of ${words}`, happen: (world) => leaveUnknown(world, i, true) },
    )
  if (left.doubles > 0 && (message.way === 'said' || message.way === 'asked'))
    steps.push({ name: `TWICE ${words}`, happen: (world) => double(world, i) })
  return steps
}

function inWords(message: Message): string {
  const { way, from, to } = message
  if (way === 'lease') return `${from} attempts ${message.effect.op}`
  if (way === 'event') return `${to} hears ${(message.event as { type: string }).type} of ${from}`
  if (way === 'answered') return `${from} answers ${to} ${message.question} ${JSON.stringify(message.answer)}`
  return `${from} to ${to}: ${message.subject.split('.').slice(-2).join('.')} ${JSON.stringify(message.body)}`
}

const taken = (world: SmallWorld, i: number): Message => world.bag.splice(i, 1)[0] as Message
const arrive = (world: SmallWorld, i: number): void => deliver(world, taken(world, i))
function lose(world: SmallWorld, i: number): void {
  world.left.losses--
  taken(world, i)
}
function double(world: SmallWorld, i: number): void {
  world.left.doubles--
  const message = world.bag[i]
  if (message) world.bag.push(message)
}

/** Nobody is told what became of an attempt; it was carried out, or was not. */
function leaveUnknown(world: SmallWorld, i: number, done: boolean): void {
  world.left.losses--
  const message = taken(world, i)
  if (message.way !== 'lease') return
  const { op, sentAt, floor } = message.effect
  if (done) {
    deliver(world, message)
    world.bag.pop()
  }
  const event = { type: 'lease.answered', op, sentAt, floor, result: { outcome: 'unknown' } }
  world.bag.push({ way: 'event', to: message.from, from: 'store', event })
}

/** One that is due costs nothing; for another, time jumps. */
function wakes(world: SmallWorld): Next[] {
  return [...world.processes.values()].flatMap((process) =>
    [...process.wakes].flatMap(([name, at]): Next[] =>
      isPossible(world, name, at)
        ? [{ name: `${process.name} wakes: ${name}`, happen: (copy) => wakeUp(copy, process.name, name, at) }]
        : [],
    ),
  )
}
function timeouts(world: SmallWorld): Next[] {
  return [...world.processes.values()].flatMap((process) =>
    [...process.asks].flatMap(([question, { type, until }]): Next[] =>
      isPossible(world, type, until)
        ? [
            {
              name: `${process.name} gives up ${type}`,
              happen: (copy) => giveUp(copy, process.name, question, until),
            },
          ]
        : [],
    ),
  )
}
/** What is to be done after a burst of events is no matter of time; offers that nobody waits for may come later. */
const isOfBurst = ({ toLaunch }: SmallWorld, name: string): boolean =>
  name === 'speak' || name === 'ack' || (name === 'offers' && toLaunch.length > 0)
const isPossible = (world: SmallWorld, name: string, at: number): boolean =>
  (isOfBurst(world, name) || world.scenario.clocks.includes(name)) &&
  (at <= world.now || world.left.waits > 0)

function jump(world: SmallWorld, at: number): void {
  if (at <= world.now) return
  world.left.waits--
  world.now = Math.ceil(at)
}
function wakeUp(world: SmallWorld, who: string, name: string, at: number): void {
  jump(world, at)
  const process = processOf(world, who)
  process.wakes.delete(name)
  hear(world, process, { type: `wake.${name}`, at: world.now })
}
function giveUp(world: SmallWorld, who: string, question: string, at: number): void {
  jump(world, at)
  const answer = { ok: false, code: 'timeout', message: 'no answer in time' }
  hearAnswer(world, processOf(world, who), question, answer)
}

/** The author takes an offer for what is left to do, and kills what does not end. */
function authors(world: SmallWorld): Next[] {
  const takes = world.toLaunch.length === 0 ? [] : world.offers.slice(0, 1)
  return [
    ...takes.map(({ offerId }) => ({ name: `the author takes ${offerId}`, happen: accept })),
    ...world.toKill
      .filter((taskId) => world.launched.has(taskId))
      .map((taskId) => ({
        name: `the author kills ${taskId}`,
        happen: (copy: SmallWorld) => kill(copy, taskId),
      })),
  ]
}
function accept(world: SmallWorld): void {
  const [offer] = world.offers.splice(0, 1)
  const tasks = world.toLaunch.splice(0, world.scenario.together).map((taskId): Task => {
    world.launched.add(taskId)
    return { taskId: taskId as Task['taskId'], resources: takes, command: { argv: ['task'] } }
  })
  const event = { type: 'author.accept', at: world.now, offerIds: [offer?.offerId], tasks, refuseSeconds: 0 }
  hear(world, processOf(world, 'F0'), event as Event)
}
function kill(world: SmallWorld, taskId: string): void {
  world.toKill.splice(world.toKill.indexOf(taskId), 1)
  hear(world, processOf(world, 'F0'), {
    type: 'author.kill',
    at: world.now,
    taskId,
    graceSeconds: 0,
  } as Event)
}

/** What runs ends when it will; what is stopped, soon. */
function runs(world: SmallWorld): Next[] {
  return [...world.runs.values()].flatMap(({ runId, ended, stopped, key }): Next[] => {
    const isEndless = world.scenario.tasks[Number(key.split(' t')[1]) - 1] === 'forever'
    if (ended || (isEndless && !stopped)) return []
    return [{ name: `${key} ends`, happen: (copy) => endOf(copy, runId) }]
  })
}
function endOf(world: SmallWorld, runId: string): void {
  const run = world.runs.get(runId)
  if (run) endRun(world, run)
}

function disks(world: SmallWorld): Next[] {
  const gate = world.processes.get('S0')?.gate ?? []
  return gate.length > 0
    ? [{ name: 'the disk is done', happen: (copy) => saved(copy, processOf(copy, 'S0')) }]
    : []
}

function crashes({ left, scenario, processes }: SmallWorld): Next[] {
  if (left.crashes === 0) return []
  return scenario.mortal.flatMap((name) => {
    const gate = processes.get(name)?.gate ?? []
    const writes = gate.filter(({ do: how }) => how === 'save' || how === 'compact').length
    return Array.from({ length: writes + 1 }, (_, keeps) => ({
      name: `${name} is killed, ${keeps} writes are kept`,
      happen: (world: SmallWorld) => {
        world.left.crashes--
        crash(world, name, keeps)
      },
    }))
  })
}

/** Whether nothing happens any more but by the author, by mischance, or in time. */
const isQuiet = (world: SmallWorld): boolean =>
  world.bag.length + disks(world).length + runs(world).length === 0 &&
  ![...world.processes.values()].some((process) =>
    [...process.wakes].some(([name, at]) => at <= world.now && isPossible(world, name, at)),
  )

/** So many steps it may take until all has come right. */
const patience = 2000

/** From here on nothing goes wrong: everything must come right. */
function settle(world: SmallWorld): void {
  for (const taskId of [...world.toKill]) if (world.launched.has(taskId)) kill(world, taskId)
  if (!calm(world, () => missing(world) === undefined))
    throw new Error(`it does not end well: ${missing(world)}`)
}

/** All arrives in order, and time passes when nothing else is left to happen. */
function calm(world: SmallWorld, isDone: () => boolean): boolean {
  world.left.waits = Number.POSITIVE_INFINITY
  for (let i = 0; i < patience; i++) {
    const step = nextInCalm(world)
    if (!step && isDone()) break
    const [due] = step ? [step] : soonest(world)
    if (!due) return false
    due.happen(world)
    check(world)
    if (i % 8 === 0 && isDone()) break
  }
  world.left.waits = world.scenario.mischances.waits
  return isDone()
}

function nextInCalm(world: SmallWorld): Next | undefined {
  if (world.bag.length > 0) return { name: 'the oldest arrives', happen: (copy) => arrive(copy, 0) }
  const [step] = [...disks(world), ...runs(world)]
  return step ?? dueNow(world)
}

function dueNow(world: SmallWorld): Next | undefined {
  for (const process of world.processes.values()) {
    for (const [name, at] of process.wakes)
      if (at <= world.now) return { name, happen: (copy) => wakeUp(copy, process.name, name, at) }
  }
  return undefined
}

/** Whatever comes next by the clock. */
function soonest(world: SmallWorld): Next[] {
  const moments = [...world.processes.values()].flatMap((process) => momentsOf(process))
  return moments.sort((a, b) => a.at - b.at).slice(0, 1)
}
const momentsOf = (process: Process): (Next & { at: number })[] => [
  ...[...process.wakes].map(([name, at]) => ({
    name,
    at,
    happen: (copy: SmallWorld) => wakeUp(copy, process.name, name, at),
  })),
  ...[...process.asks].map(([question, { until }]) => ({
    name: question,
    at: until,
    happen: (copy: SmallWorld) => giveUp(copy, process.name, question, until),
  })),
]
