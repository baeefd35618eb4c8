/** Why not? What stands between a framework and each slave, said by the very code that decides. */

import { unmetRule } from '../../shared/attributes.ts'
import { taskKey } from '../../shared/ids.ts'
import type { ExplainRow } from '../../shared/messages.ts'
import { add, fits, inWords, type Resources } from '../../shared/resources.ts'
import { type Effect, grant, type Heard } from '../decision.ts'
import { type Listener, leastOf, offerable } from './allocator/judge.ts'
import { shareOf } from './allocator/order.ts'
import { rehearse } from './allocator/rehearsal.ts'
import { callerOf, deny } from './callers.ts'
import { subscribedClaims } from './filters.ts'
import {
  type Claim,
  type Framework,
  freeOf,
  type Master,
  type Offer,
  type Slave,
  slaveNamed,
  type Task,
} from './ledger.ts'
import { obstacleInWords, type Stopped } from './obstacles.ts'
import { taskRow } from './operator.ts'
import { isLater, sortedPage } from './pages.ts'
import { resolved } from './roles.ts'
import { flawOfPolicyOf } from './sharing.ts'

/** What stands between a framework and each slave, were the next offers made now. Nothing is changed by asking. */
export function explain(master: Master, heard: Heard<'explain.get'>): Effect[] {
  const framework = askedFor(master, heard)
  if (Array.isArray(framework)) return framework
  const claims = claimsAsked(master, framework, heard.body.role)
  if (!claims) return deny(master, heard, 'role-unknown', `role ${heard.body.role}`)
  const slaves = slavesAsked(master, heard.body)
  if (!slaves) return deny(master, heard, 'slave-unknown', `slave ${heard.body.slave}`)

  const planned = rehearse(master, heard.at)
  const answers = slaves.flatMap((slave) =>
    claims.map((claim) => explainOne(master, claim, slave, planned.get(slave) ?? [], heard)),
  )
  const counts: Record<string, number> = {}
  for (const { obstacle = 'none' } of answers) counts[obstacle] = (counts[obstacle] ?? 0) + 1
  const keyOf = ({ slaveId, role }: ExplainRow) => `${slaveId} ${role}`
  const { rows, next } = sortedPage(answers, keyOf, (row) => row, heard.body, isLater)
  return grant(heard, { counts, slaves: rows, ...flawOfPolicyOf(master), ...next })
}

/** Where a task is, and why; for operators also of frameworks that are done. */
export function explainTask(master: Master, heard: Heard<'task.explain'>): Effect[] {
  const { frameworkId, taskId } = heard.body
  const task = master.tasks.get(taskKey(frameworkId, taskId))
  const isPast = heard.from.role === 'operator' && task && !master.frameworks.has(frameworkId)
  const framework = isPast ? task.framework : askedFor(master, heard)
  if (Array.isArray(framework)) return framework
  if (!task) return deny(master, heard, 'task-unknown', `task ${taskId} of ${frameworkId}`)
  return grant(heard, { task: taskRow(task), why: whyThere(master, task, heard.at) })
}

/** A framework asks for itself, an operator for anybody. */
function askedFor(master: Master, heard: Heard<'explain.get'> | Heard<'task.explain'>): Framework | Effect[] {
  if (heard.from.role !== 'operator') return callerOf(master, heard)
  const { frameworkId } = heard.body
  return (
    master.frameworks.get(frameworkId) ?? deny(master, heard, 'framework-unknown', `framework ${frameworkId}`)
  )
}

function claimsAsked(master: Master, framework: Framework, role: string | undefined): Claim[] | undefined {
  if (role === undefined) return subscribedClaims(framework)
  const claim = framework.claims.get(resolved(master, role))
  return claim?.subscribed ? [claim] : undefined
}

function slavesAsked(
  master: Master,
  { slave, attributes }: Heard<'explain.get'>['body'],
): Slave[] | undefined {
  const named = slave === undefined ? undefined : slaveNamed(master, slave)
  if (slave !== undefined) return named && [named]
  const all = [...master.slaves.values()]
  return attributes ? all.filter((each) => unmetRule(each.attributes, attributes) === undefined) : all
}

/** `planned`: what the next run would offer of this slave. */
function explainOne(
  master: Master,
  claim: Claim,
  slave: Slave,
  planned: readonly Offer[],
  { at, body }: Heard<'explain.get'>,
): ExplainRow {
  const row = { slaveId: slave.slaveId, slaveName: slave.name, role: claim.as }
  const own = planned.find((offer) => offer.claim === claim && enough(body.resources, offer.resources))
  if (own) return { ...row, message: `about to be offered ${inWords(own.resources)}` }
  const first = firstObstacle(master, claim, slave, at, body.resources)
  // When the refusal is over it would be too small all the same.
  const tooSmall = first?.code === 'filtered' && tooSmallFor(claim, slave, [], body.resources)
  const stopped =
    (tooSmall || first) ?? tooSmallFor(claim, slave, planned, body.resources) ?? behind(master, planned)
  return { ...row, obstacle: stopped.code, message: obstacleInWords(master, claim, slave, stopped, at) }
}

const enough = (shape: Resources | undefined, amount: Resources): boolean => !shape || fits(shape, amount)

/** What the judge says stands in the way of an ordinary offer. */
function firstObstacle(
  master: Master,
  claim: Claim,
  slave: Slave,
  at: number,
  shape: Resources | undefined,
): Stopped | undefined {
  let stopped: Stopped | undefined
  const listener: Listener = {
    stop: (code, about) => {
      stopped = { code, about }
      return undefined
    },
  }
  offerable(master, { claim, slave, kind: 'regular' }, at, listener)
  if (stopped?.code !== 'too-small' || stopped.about) return stopped
  const least = shape ?? leastOf(claim)
  return least ? { code: 'too-small', about: { least, amount: freeOf(slave) } } : stopped
}

/** It may have some of it, but not as much as is asked for: another holds it, or too little is there at all. */
function tooSmallFor(
  claim: Claim,
  slave: Slave,
  planned: readonly Offer[],
  shape: Resources | undefined,
): Stopped | undefined {
  if (!shape) return undefined
  const free = freeOf(slave)
  const own = planned.find((offer) => offer.claim === claim)
  if (fits(shape, own?.resources ?? free)) return undefined
  const isOffered = !fits(shape, free) && fits(shape, add(free, slave.offered))
  return isOffered
    ? { code: 'offered' }
    : { code: 'too-small', about: { least: shape, amount: own?.resources ?? free } }
}

function behind(master: Master, planned: readonly Offer[]): Stopped {
  const first = planned[0]?.claim
  return { code: 'behind', about: first && { claim: first, share: shareOf(master, first) } }
}

function whyThere(master: Master, task: Task, at: number): string[] {
  const { claim, slave, launchedAt, share, spec, state } = task
  const seconds = Math.round((at - launchedAt) / 1000)
  const since = Math.round((at - task.since) / 1000)
  const launched = Number.isNaN(share)
    ? `It was running on slave ${slave.name} when this leader took office, ${seconds} s ago.`
    : `It was launched on slave ${slave.name} ${seconds} s ago, from an offer to role ${claim.as}, whose framework then had ${(100 * share).toFixed(1)} % of the cluster.`
  const why = [launched, `It has been ${state} for ${since} s.`]
  if (spec.revocable) why.push('It runs on what others are owed, and is the first to go.')
  if (spec.maxSeconds !== undefined) why.push(`It may run for ${spec.maxSeconds} s.`)
  for (const revocation of master.revocations) {
    if (!revocation.tasks.includes(task)) continue
    const left = Math.max(0, Math.round((revocation.by - at) / 1000))
    why.push(
      `It is killed in ${left} s unless as much is given back: role ${revocation.forWhom.as} is owed it.`,
    )
  }
  if (slave.drain) why.push('Its slave is to be empty.')
  return why
}
