/** Frameworks: they subscribe, are heard from, fall silent, come back, and are done. */
import { counted } from '../../shared/counted.ts'
import { type FrameworkId, mint } from '../../shared/ids.ts'
import { flawOfRole } from '../../shared/roles.ts'
import { newTally } from '../../shared/tally.ts'
import { type Effect, grant, type Heard, note, say } from '../decision.ts'
import { Roll } from '../roll.ts'
import { forgetCompleted, moveTask } from './books.ts'
import { callerOf, deny } from './callers.ts'
import { countWanting, forgetIfEmpty, takeRoles } from './claims.ts'
import { isSuppressed, subscribedClaims } from './filters.ts'
import { noteWanted } from './freed.ts'
import { type Framework, type Master, type Slave, type Task, toFramework, toSlave } from './ledger.ts'
import { moveFramework, tellFramework } from './moves.ts'
import { rescindOffers } from './offers.ts'
import {
  entryOf,
  type FrameworkEntry,
  isSameEntry,
  keepCompleted,
  keepFramework,
  type Late,
} from './registry.ts'

/** A framework comes, or comes back; a newer instance of it supersedes an older one. */
export function subscribeFramework(master: Master, heard: Heard<'framework.subscribe'>): Effect[] {
  const { failoverSeconds, name, roles, takes = [] } = heard.body
  const flaw = roles.map(({ role }) => flawOfRole(role)).find((each) => each !== undefined)
  if (flaw) return deny(master, heard, 'bad-role', flaw)
  const framework = heard.body.frameworkId
    ? returning(master, heard, heard.body.frameworkId)
    : admitted(master, heard)
  if (Array.isArray(framework)) return framework
  const superseded = framework.instance !== heard.body.instance ? supersede(master, framework) : []
  const entry = entryOf(framework)
  framework.instance = heard.body.instance
  Object.assign(framework, { failoverSeconds, name, takes: new Set(takes) })
  moveFramework(master, framework, 'subscribe')
  takeRoles(master, framework, roles)
  tellFramework(master, framework)
  const changed = !framework.kept || !isSameEntry(entry, entryOf(framework))
  framework.heardAt = heard.at
  framework.completedAt = undefined
  return [
    ...superseded,
    ...(framework.keptAway || changed ? [keepFramework(master, framework)] : []),
    ...rescindOffers(master, framework.offers, 'subscribed-again', heard.at),
    ...grant(heard, {
      frameworkId: framework.frameworkId,
      epoch: master.epoch,
      beatSeconds: master.settings.frameworkBeatSeconds,
    }),
  ]
}

/** It is there and listens. The first time, it joins those who want offers. */
export function noteFrameworkBeat(master: Master, heard: Heard<'framework.beat'>): Effect[] {
  const framework = callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  // Taken in from what its slaves run: no instance of it has subscribed with us yet.
  if (framework.instance === '')
    return deny(master, heard, 'framework-unknown', 'it has not subscribed with this leader')
  if (framework.instance !== heard.body.instance) return deny(master, heard, 'framework-superseded')
  if (framework.state === 'disconnected' || framework.state === 'failingOver')
    return deny(master, heard, 'framework-unknown', 'it was not heard for too long')
  const first = framework.state === 'subscribing'
  framework.heardAt = heard.at
  moveFramework(master, framework, isSuppressed(framework) ? 'suppress' : 'beat')
  countWanting(master, framework)
  const { epoch } = master
  const names = subscribedClaims(framework).flatMap(({ suppressedAs }) => [...suppressedAs])
  const suppressed = names.flatMap(([name, isSuppressed]) => (isSuppressed ? [name] : []))
  return [
    ...grant(heard, { epoch, digest: framework.digest, suppressed }),
    ...(first ? askForUpdates(master, framework) : []),
    ...(first && framework.state === 'active' ? noteWanted(master, framework.claims.values(), heard.at) : []),
  ]
}

/** It listens again: slaves that wait for an acknowledgement need not wait for their next turn. */
const askForUpdates = (master: Master, { frameworkId }: Framework): Effect[] =>
  [...master.unacked].map((slave) =>
    say('framework.returned', toSlave(slave), { epoch: master.epoch, frameworkId }),
  )

/** It is done for good: nothing of it may run on. Its record goes when its slaves have said so. */
export function tearDownFramework(master: Master, heard: Heard<'framework.teardown'>): Effect[] {
  const framework =
    heard.from.role === 'operator' ? master.frameworks.get(heard.body.frameworkId) : callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  if (!framework) return deny(master, heard, 'framework-unknown', `framework ${heard.body.frameworkId}`)
  return [...grant(heard, {}), ...completeFramework(master, framework, 'it was torn down', heard.at)]
}

/** Looks for frameworks that have fallen silent, and for those that stayed away too long. */
export function checkFrameworks(master: Master, at: number): Effect[] {
  const effects: Effect[] = []
  for (const framework of [...master.frameworks.values()]) {
    if ((at - framework.heardAt) / 1000 >= master.settings.frameworkTimeoutSeconds)
      effects.push(...loseFramework(master, framework, at))
    if (framework.completedAt !== undefined && at >= framework.completedAt) {
      effects.push(
        ...completeFramework(master, framework, 'it stayed away longer than its failover time', at),
      )
    }
  }
  return effects
}

/** What is known of a framework from what a slave runs for it. */
export interface Adopted {
  readonly frameworkId: FrameworkId
  readonly principal: string
  readonly frameworkName: string
}

/** A framework that a new leader knows only from what slaves run for it: it is given its time to come back. */
export function adoptFramework(master: Master, of: Adopted, at: number): Framework {
  const { adoptedFailoverSeconds } = master.settings
  const framework = newFramework(master, of.frameworkId, of.frameworkName, of.principal)
  moveFramework(master, framework, 'recall')
  framework.failoverSeconds = adoptedFailoverSeconds
  framework.heardAt = at
  framework.completedAt = at + adoptedFailoverSeconds * 1000
  return framework
}

/** A framework that was admitted before this leader's time. If it was away then, its time goes on from there. */
export function recallFramework(
  master: Master,
  frameworkId: FrameworkId,
  { name, principal, failoverSeconds, away = false, completed = false, late }: FrameworkEntry & Late,
  agoMs: number,
  at: number,
): Effect[] {
  if (completed) {
    master.completedFrameworks.add(frameworkId)
    return []
  }
  const framework = newFramework(master, frameworkId, name, principal)
  moveFramework(master, framework, 'recall')
  Object.assign(framework, { kept: true, keptAway: away, failoverSeconds })
  framework.heardAt = at
  framework.completedAt = at + Math.max(0, failoverSeconds * 1000 - (away ? agoMs : 0))
  return late ? [keepFramework(master, framework)] : []
}

function returning(
  master: Master,
  heard: Heard<'framework.subscribe'>,
  frameworkId: FrameworkId,
): Framework | Effect[] {
  if (master.completedFrameworks.has(frameworkId)) return deny(master, heard, 'framework-completed')
  const known = master.frameworks.get(frameworkId)
  if (known) return known.principal === heard.from.id ? known : deny(master, heard, 'framework-foreign')
  if (!/^\d{1,16}-F\d{1,16}$/.test(frameworkId))
    return deny(master, heard, 'framework-unknown', 'no leader ever gave such an id')
  return roomFor(master, heard) ?? newFramework(master, frameworkId, heard.body.name, heard.from.id)
}

/** A framework without an id is new, unless its answer was lost and it asks again, or it goes on as its namesake. */
function admitted(master: Master, heard: Heard<'framework.subscribe'>): Framework | Effect[] {
  const { instance, name, resume = false } = heard.body
  const own = [...(master.frameworksOf.get(heard.from.id) ?? [])].filter(({ state }) => state !== 'completed')
  const asked = own.find((framework) => framework.instance === instance)
  const namesakes = resume ? own.filter((framework) => framework.name === name) : []
  if (asked) return asked
  // The registry was lost, and its tasks may be yet to come with their slaves.
  if (resume && master.lease.floor > 0 && heard.at < master.settledAt && !namesakes[0])
    return deny(master, heard, 'unheard', 'the leader waits for slaves that may run tasks of it')
  if (namesakes.length > 1) return deny(master, heard, 'framework-ambiguous', `framework ${name}`)
  if (namesakes[0]) return namesakes[0]
  const frameworkId = mint<FrameworkId>(master.epoch, 'F', ++master.counts.frameworks)
  return roomFor(master, heard) ?? newFramework(master, frameworkId, heard.body.name, heard.from.id)
}

function roomFor(master: Master, heard: Heard<'framework.subscribe'>): Effect[] | undefined {
  const { maxFrameworks } = master.settings
  return master.frameworks.size < maxFrameworks
    ? undefined
    : deny(master, heard, 'too-many-frameworks', `there is room for ${counted(maxFrameworks, 'framework')}`)
}

function newFramework(master: Master, frameworkId: FrameworkId, name: string, principal: string): Framework {
  const framework: Framework = {
    frameworkId,
    name,
    principal,
    claims: new Map(),
    takes: new Set(),
    kept: false,
    keptAway: false,
    state: 'subscribing',
    instance: '',
    failoverSeconds: 0,
    heardAt: 0,
    offers: new Set(),
    tasks: new Roll(),
    booked: newTally(),
    offered: newTally(),
    declines: new Map(),
    offeredMs: 0,
    offersSince: 0,
    offeredAt: undefined,
    digest: 0,
    completedAt: undefined,
  }
  master.frameworks.set(frameworkId, framework)
  tellFramework(master, framework, '')
  const others = master.frameworksOf.get(principal)
  if (others) others.add(framework)
  else master.frameworksOf.set(principal, new Set([framework]))
  return framework
}

/** The older instance of a framework hears that it must stop. */
function supersede(master: Master, framework: Framework): Effect[] {
  if (framework.instance === '') return []
  const message = 'a newer instance of this framework has subscribed'
  return [
    say('framework.refused', toFramework(framework), {
      epoch: master.epoch,
      code: 'framework-superseded',
      message,
      instance: framework.instance,
    }),
  ]
}

function loseFramework(master: Master, framework: Framework, at: number): Effect[] {
  if (!moveFramework(master, framework, 'miss')) return []
  countWanting(master, framework)
  framework.completedAt = at + framework.failoverSeconds * 1000
  return [
    note(
      'warn',
      `framework ${framework.name} (${framework.frameworkId}) is away; its tasks run on for ${framework.failoverSeconds} s`,
      framework,
    ),
    keepFramework(master, framework),
    ...rescindOffers(master, framework.offers, 'framework-away', at),
  ]
}

function completeFramework(master: Master, framework: Framework, why: string, at: number): Effect[] {
  if (framework.state === 'completed') return []
  moveFramework(master, framework, 'complete')
  framework.completedAt = undefined
  countWanting(master, framework)
  const kept = keepCompleted(master, framework)
  const rescinded = rescindOffers(master, framework.offers, 'framework-gone', at)
  const slaves = [...slavesWith(master, framework)]
  // A kill in progress shows in the digest, so a shutdown that is lost will be said again.
  for (const task of framework.tasks.values()) killInBooks(master, task, at)
  const { frameworkId } = framework
  const told = say('framework.refused', toFramework(framework), {
    epoch: master.epoch,
    code: 'framework-completed',
    message: why,
  })
  const stops = slaves.map((slave) =>
    say('framework.shutdown', toSlave(slave), { epoch: master.epoch, frameworkId }),
  )
  for (const taker of Object.values(master.takers)) taker.delete(framework)
  for (const claim of [...framework.claims.values()]) forgetIfEmpty(master, claim)
  forgetCompleted(master, framework)
  return [...kept, ...rescinded, told, ...stops]
}

function killInBooks(master: Master, task: Task, at: number): void {
  if (task.state !== 'killing') moveTask(master, task, 'killing', at)
}

/** Where anything of it may be: tasks, executors, or updates that wait for it to acknowledge them. */
function slavesWith(master: Master, framework: Framework): Set<Slave> {
  const slaves = new Set(master.unacked)
  for (const { slave } of framework.tasks.values()) slaves.add(slave)
  for (const slave of master.slaves.values()) {
    if (slave.executors.size === 0) continue
    for (const { claim } of slave.executors.values()) if (claim.framework === framework) slaves.add(slave)
  }
  return slaves
}
