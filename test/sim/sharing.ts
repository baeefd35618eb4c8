/** An operator who changes his mind about who gets what, and who at last gives everybody everything back. */
import type { Master, Slave } from '../../statecharts/master/ledger.ts'
import { resolved } from '../../statecharts/master/roles.ts'
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
    () => ({ moveTo: chance.pick(['eng', 'ops', 'moved', `moved/${chance.between(0, 2)}`]) }),
  ]
  const roles = [{ role: someRole({ chance, cluster }), ...chance.pick(wishes)() }]
  operatorAsk(cluster, 'sharing.set', { roles, force: chance.happens(500) })
}

/** Some of a slave is reserved for a role, or that is undone; or a volume on it is destroyed. */
export function changeReservation({ chance, cluster }: World): void {
  if (cluster.slaves.size === 0) return
  const slave = chance.pick([...cluster.slaves.keys()])
  const { volumes = [] } = cluster.leader?.ledger.slavesByName.get(slave)?.holdings ?? {}
  if (volumes.length > 0 && chance.happens(400)) {
    const { role, volumeId } = chance.pick(volumes)
    operatorAsk(cluster, 'slave.reserve', { slave, role, destroyVolumes: [volumeId] })
    return
  }
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

/** Nothing that was set or ordered keeps anybody from his work any more; asked again until the leader has heard it. */
export function clearOrders({ cluster }: World): void {
  const { leader } = cluster
  if (!leader) return
  const { sharing, slaves } = leader.ledger
  const roles = Object.keys(sharing.roles).map((role) => ({ role, unset: true }))
  if (roles.length > 0 || (sharing.policy ?? 'drf') !== 'drf')
    operatorAsk(cluster, 'sharing.set', { roles, policy: 'drf' })
  for (const slave of slaves.values()) {
    if (slave.drain) operatorAsk(cluster, 'slave.reactivate', { slave: slave.name })
    const change = whatIsHeld(leader.ledger, slave)
    if (change) operatorAsk(cluster, 'slave.reserve', { slave: slave.name, ...change })
  }
}

/** What undoes one of its reservations, with the volumes of that role. */
function whatIsHeld(master: Master, { holdings: { reserved, volumes } }: Slave): object | undefined {
  const [first] = reserved
  if (!first) return undefined
  const { role, resources: unreserve } = first
  const path = resolved(master, role)
  const destroyVolumes = volumes.filter((each) => resolved(master, each.role) === path)
  return { role, unreserve, destroyVolumes: destroyVolumes.map(({ volumeId }) => volumeId) }
}
