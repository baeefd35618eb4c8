/** The lives of what the leader knows: a fact moves each in the ledger, and whoever watches is told. */
import { taskKey } from '../../shared/ids.ts'
import { none } from '../../shared/resources.ts'
import type { TaskState } from '../../shared/tasks.ts'
import { factOf, frameworkTable, offerTable, slaveTable, step } from '../lives.ts'
import type { Framework, Master, Offer, OfferEnd, Refused, Slave, Task } from './ledger.ts'

/** A slave comes into the state that a fact leads to; what it adds to all that may be offered is another then. */
export function moveSlave(master: Master, slave: Slave, fact: string): void {
  const before = slave.state
  const state = step(slaveTable, before, fact)
  if (state === before) return
  slave.state = state
  master.uncounted.add(slave)
  master.draining[slave.state === 'draining' ? 'add' : 'delete'](slave)
  if (master.moves.watched) master.moves.note('slave', slave.slaveId, fact, before, state)
}

/** Whether that has changed anything. */
export function moveFramework(master: Master, framework: Framework, fact: string): boolean {
  const before = framework.state
  framework.state = step(frameworkTable, before, fact)
  if (framework.state === before) return false
  if (master.moves.watched)
    master.moves.note('framework', framework.frameworkId, fact, before, framework.state)
  return true
}

export function moveOffer(master: Master, offer: Offer, fact: OfferEnd): void {
  const before = offer.state
  offer.state = step(offerTable, before, fact)
  master.offersEnded[fact]++
  if (master.moves.watched) master.moves.note('offer', offer.offerId, fact, before, offer.state)
}

/** What was declined is kept from its framework for a while: the last part of the offer's life. */
export function moveRefused(master: Master, refused: Refused, fact: 'filter' | 'lapse'): void {
  const before = refused.state
  refused.state = step(offerTable, before, fact)
  const { offerId } = refused
  if (master.moves.watched && offerId !== undefined)
    master.moves.note('offer', offerId, fact, before, refused.state)
}

/** A task is in another state already: its books have more to do with that than its life. */
export function tellMove({ moves }: Master, task: Task, before: TaskState): void {
  if (moves.watched) moves.note('task', keyOf(task), factOf[task.state], before, task.state)
}

export function tellTask({ moves }: Master, task: Task): void {
  if (!moves.watched) return
  const { framework, slave, claim, spec } = task
  moves.note('task', keyOf(task), 'enter', '', task.state, {
    ...(spec.name !== undefined && { name: spec.name }),
    frameworkId: framework.frameworkId,
    slaveId: slave.slaveId,
    role: claim.as,
    resources: spec.resources,
    ...(spec.revocable && { revocable: true }),
  })
}

export function tellOffer({ moves }: Master, offer: Offer): void {
  if (!moves.watched) return
  const { offerId, claim, slave, resources, kind, state } = offer
  moves.note('offer', offerId, 'make', '', state, {
    frameworkId: claim.framework.frameworkId,
    slaveId: slave.slaveId,
    role: claim.as,
    resources,
    ...(kind === 'revocable' && { revocable: true }),
  })
}

/** Told when it comes into the ledger, and whenever it has said what it is. */
export function tellSlave({ moves }: Master, slave: Slave, before: string = slave.state): void {
  const { slaveId, name, total, state } = slave
  // Of one that is known from the registry alone it is not known what it has.
  const has = total === none ? {} : { resources: total }
  if (moves.watched) moves.note('slave', slaveId, 'describe', before, state, { name, ...has })
}

export function tellFramework(
  { moves }: Master,
  framework: Framework,
  before: string = framework.state,
): void {
  const { frameworkId, name, state } = framework
  const roles = [...framework.claims.values()].map(({ as }) => as)
  if (moves.watched) moves.note('framework', frameworkId, 'describe', before, state, { name, roles })
}

const keyOf = ({ framework, taskId }: Task): string => taskKey(framework.frameworkId, taskId)
