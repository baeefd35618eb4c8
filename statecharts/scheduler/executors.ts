/** What a framework hears of slaves and executors, and says to its executors. */
import { executorIdOf, type SlaveId } from '../../shared/ids.ts'
import { ask, type Effect, type Heard, say, tell } from '../decision.ts'
import { idOf, nextRef, type Scheduler, timeoutMs, toLeader } from './ledger.ts'
import { askAboutSlave } from './tasks.ts'

export const hearSlaveLost = (
  scheduler: Scheduler,
  { body: { slaveId, slaveName, gone = false } }: Heard<'slave.lost'>,
): Effect[] => [
  tell({ news: 'slave.lost', slaveId, slaveName }),
  ...(gone ? askAboutSlave(scheduler, slaveId) : []),
]
/** An operator wants a slave empty: the author may give back what he has there, before it is taken. */
export const hearDraining = (
  _scheduler: Scheduler,
  { body: { slaveId, slaveName, withinSeconds, taskIds } }: Heard<'slave.draining'>,
): Effect[] => [tell({ news: 'draining', slaveId, slaveName, withinSeconds, taskIds })]
/** Others are owed what the framework has beyond its share: the author may choose what to give back, before it is chosen for him. */
export const hearRevocation = (
  _scheduler: Scheduler,
  { body: { epoch: _epoch, ...notice } }: Heard<'revocation.notice'>,
): Effect[] => [tell({ news: 'revocation', ...notice })]
export const hearExecutorLost = (
  _scheduler: Scheduler,
  { body: { slaveId, name, message } }: Heard<'executor.lost'>,
): Effect[] => [tell({ news: 'executor.lost', slaveId, name, message })]

/** An executor's words. */
export const hearMessage = (
  _scheduler: Scheduler,
  { body: { slaveId, executor, payload } }: Heard<'framework.message'>,
): Effect[] => [tell({ news: 'message', slaveId, executor, payload })]

/** The author's words to an executor; best effort. */
export const sendMessage = (
  scheduler: Scheduler,
  {
    slaveId,
    executor,
    payload,
  }: { readonly slaveId: SlaveId; readonly executor: string; readonly payload: Uint8Array },
): Effect[] => {
  const executorId = executorIdOf(idOf(scheduler), executor)
  return [say('framework.message', { role: 'executor', slaveId, executorId }, { slaveId, executor, payload })]
}

export const shutDownExecutor = (
  scheduler: Scheduler,
  heard: { readonly slaveId: SlaveId; readonly name: string },
): Effect[] => {
  const { slaveId, name } = heard
  return [
    ask(
      'executor.shutdown',
      toLeader,
      { frameworkId: idOf(scheduler), slaveId, name },
      nextRef(scheduler),
      timeoutMs(scheduler),
    ),
  ]
}
