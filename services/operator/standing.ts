/** How everything in the cluster stands, as its leader says when he is asked: where a trace begins. */
import { taskKey } from '../../shared/ids.ts'
import type { Known, Standing } from '../../shared/trace.ts'
import type { Operator } from './client.ts'

/** Rejects with Refused, or with BusError. */
export async function askStanding(operator: Operator): Promise<Standing> {
  const { leader: name, epoch } = await operator.ask('cluster.get', {})
  const known: Known[] = []
  for await (const { slaveId: id, state: after, name, total: resources } of operator.slaves())
    known.push({ life: 'slave', id, after, of: { name, resources } })
  for await (const { frameworkId: id, state: after, name, roles } of operator.frameworks())
    known.push({ life: 'framework', id, after, of: { name, roles: roles.map(({ role }) => role) } })
  for await (const {
    taskId,
    state: after,
    name,
    frameworkId,
    slaveId,
    role,
    resources,
    revocable,
  } of operator.tasks()) {
    const of = {
      frameworkId,
      slaveId,
      role,
      resources,
      ...(name !== undefined && { name }),
      ...(revocable && { revocable }),
    }
    known.push({ life: 'task', id: taskKey(frameworkId, taskId), after, of })
  }
  for await (const { offerId: id, frameworkId, slaveId, role, resources, revocable } of operator.offers()) {
    const of = { frameworkId, slaveId, role, resources, ...(revocable && { revocable }) }
    known.push({ life: 'offer', id, after: 'pending', of })
  }
  return { known, leader: { name, epoch } }
}
