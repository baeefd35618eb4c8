/** An operator who changes his mind about who gets what, and who at last gives everybody everything back. */
import { amount } from '../leader/leader.ts'
import { operatorAsk } from './operator.ts'
import type { World } from './workload.ts'

const policies = ['drf', 'priority', 'lottery', 'unsound']

/** Weights, guarantees and limits of any role that there is, or the policy. */
export function changeSharing({ chance, cluster }: World): void {
  if (chance.happens(200)) {
    operatorAsk(cluster, 'sharing.set', { roles: [], policy: chance.pick(policies) })
    return
  }
  const quota = () => ({ cpuMilli: 500 * chance.between(0, 8), memMb: 64 * chance.between(0, 8) })
  const wishes = [
    () => ({ weight: chance.between(1, 4) }),
    () => ({ guarantee: quota() }),
    () => ({ guarantee: quota() }),
    () => ({ limit: quota() }),
    () => ({ minOffer: { cpuMilli: 250 * chance.between(1, 4) } }),
    () => ({ unset: true }),
  ]
  const roles = [{ role: someRole({ chance, cluster }), ...chance.pick(wishes)() }]
  operatorAsk(cluster, 'sharing.set', { roles, force: chance.happens(500) })
}

/** Some of a slave is reserved for a role, or that is undone. */
export function changeReservation({ chance, cluster }: World): void {
  if (cluster.slaves.size === 0) return
  const slave = chance.pick([...cluster.slaves.keys()])
  const some = { ...amount(0, 64 * chance.between(1, 4)), cpuMilli: 500 * chance.between(1, 2) }
  const change = chance.happens(700) ? { reserve: some } : { unreserve: some }
  operatorAsk(cluster, 'slave.reserve', { slave, role: someRole({ chance, cluster }), ...change })
}

/** A role of a framework, or one above it. */
function someRole({ chance, cluster }: Pick<World, 'chance' | 'cluster'>): string {
  const framework = chance.pick([...cluster.frameworks.values()])
  const role = chance.pick([...framework.ledger.wishes.keys()])
  return chance.happens(300) ? (role.split('/')[0] ?? role) : role
}

/** Nothing that was set keeps anybody from his work any more; asked again until the leader has heard it. */
export function clearSharing({ cluster }: World): void {
  const { leader } = cluster
  if (!leader) return
  const { sharing, slaves } = leader.ledger
  const roles = Object.keys(sharing.roles).map((role) => ({ role, unset: true }))
  if (roles.length > 0 || (sharing.policy ?? 'drf') !== 'drf')
    operatorAsk(cluster, 'sharing.set', { roles, policy: 'drf' })
  for (const { name, holdings } of slaves.values()) {
    const [reserved] = holdings.reserved
    if (reserved)
      operatorAsk(cluster, 'slave.reserve', {
        slave: name,
        role: reserved.role,
        unreserve: reserved.resources,
      })
  }
}
