/** A leader to whom anything may happen that may happen to one: each command is a number of which something is made. */
import type { FrameworkId } from '../../shared/ids.ts'
import type { Body, Taken } from '../../shared/messages.ts'
import type { Quota } from '../../shared/roles.ts'
import type { Policy } from '../../statecharts/master/allocator/allocator.ts'
import { amount, Leader } from './leader.ts'

const roles = ['eng', 'eng/ads', 'eng/ads/batch', 'eng/web', 'ops', 'x']
const zones = ['a', 'b']
/** A policy that fails now and then must do no harm. */
export const unsound: Policy = {
  name: 'unsound',
  measure: (claimant) => (claimant.allocations % 3 === 2 ? Number.NaN : 0),
  order: (siblings) => siblings.slice(1),
}

export interface Variant {
  readonly spread: 'whole' | 'split'
  readonly shortTaskPart: number
  readonly revokeFor: 'guarantee' | 'share' | 'nobody'
}

export class Randomly {
  readonly leader: Leader
  private slaves = 0
  private volumes = 0

  constructor({ spread, shortTaskPart, revokeFor }: Variant) {
    const settings = {
      shortTaskPart,
      revokeAfterSeconds: 2,
      revokeGraceSeconds: 1,
      maxFrameworkOffers: 5,
      holdSeconds: 10,
    }
    this.leader = new Leader(settings, { spread, revokeFor }, { unsound })
    this.addSlave(7)
    this.addFramework(3)
  }

  do([what, a, b]: readonly [number, number, number]): void {
    const { leader } = this
    const offer = pick([...leader.standing], a)
    const framework = pick([...leader.master.frameworks.values()], a)
    const slave = pick([...leader.master.slaves.values()], a)
    const frameworkId = framework?.frameworkId as FrameworkId
    const role = pick(roles, b) as string
    const commands: (() => void)[] = [
      () => this.slaves < 8 && this.addSlave(a),
      () => leader.master.frameworks.size < 7 && this.addFramework(a),
      () => offer && this.take(offer, b),
      () => offer && this.take(offer, b),
      () => offer && this.take(offer, b),
      () => offer && leader.decline(offer, b % 12),
      () => offer && leader.decline(offer, b % 12),
      () => framework && leader.end(framework.name, pick([...framework.tasks.keys()], b) ?? ''),
      () => framework && leader.end(framework.name, pick([...framework.tasks.keys()], b) ?? ''),
      () => leader.endStopped(),
      () => framework && leader.ask('offers.suppress', 'scheduler', framework.name, { frameworkId }),
      () => framework && leader.ask('offers.revive', 'scheduler', framework.name, { frameworkId }),
      () => framework && leader.ask('refusals.clear', 'scheduler', framework.name, { frameworkId }),
      () =>
        framework &&
        leader.ask('filters.set', 'scheduler', framework.name, { frameworkId, filters: filters(b) }),
      () => this.share(a, b),
      () => this.share(a, b),
      () => slave && this.reserve(slave.name, role, a, b),
      () => slave && leader.ask('slave.drain', 'operator', 'op', { slave: slave.name, withinSeconds: b % 5 }),
      () => slave && leader.ask('slave.reactivate', 'operator', 'op', { slave: slave.name }),
      () => slave && b % 4 === 0 && leader.ask('slave.remove', 'operator', 'op', { slave: slave.name }),
      () =>
        framework &&
        b % 4 === 0 &&
        leader.ask('framework.teardown', 'scheduler', framework.name, { frameworkId }),
      () =>
        leader.ask('sharing.set', 'operator', 'op', { roles: [{ role, moveTo: pick(roles, a) as string }] }),
      () =>
        leader.ask('sharing.set', 'operator', 'op', {
          roles: [],
          policy: pick(['drf', 'priority', 'lottery', 'unsound'], a) as string,
        }),
    ]
    commands[what % commands.length]?.()
  }

  private addSlave(a: number): void {
    const name = `S${this.slaves++}`
    const reserved = a % 5 === 0 ? [{ role: pick(roles, a) as string, resources: amount(1, 200) }] : []
    const attributes = { zone: pick(zones, a) as string }
    this.leader.addSlave(name, amount(1 + (a % 8), 256 * (1 + (a % 5)), 1000), { reserved, attributes })
  }

  private addFramework(a: number): void {
    const name = `F${this.leader.master.counts.frameworks}`
    const kinds: Taken[][] = [[], ['revocable'], ['short'], ['short', 'revocable']]
    const own = new Set([pick(roles, a) as string, pick(roles, a >> 3) as string])
    this.leader.addFramework(name, [...own], { takes: pick(kinds, a >> 5) ?? [] })
  }

  private take(offer: Leader['standing'][number], b: number): void {
    const part = 1 + (b % 3)
    const { cpuMilli, memMb } = offer.resources
    const resources = { ...amount(0), cpuMilli: Math.floor(cpuMilli / part), memMb: Math.floor(memMb / part) }
    if (resources.cpuMilli > 0) this.leader.launch(offer, resources, b % 7 === 0 ? { maxSeconds: 30 } : {})
  }

  private share(a: number, b: number): void {
    const quota = (n: number): Quota =>
      n % 5 === 0 ? {} : { cpuMilli: (n % 9) * 1000, memMb: (n % 4) * 512 }
    const set: Body<'sharing.set'>['roles'][number] = { role: pick(roles, a) as string }
    if (b % 2 === 0) set.weight = 1 + (b % 4)
    if (b % 3 === 0) set.guarantee = quota(a)
    if (b % 3 === 1) set.limit = quota(b)
    if (b % 7 === 0) set.minOffer = quota(a + b)
    if (b % 11 === 0) set.unset = true
    this.leader.ask('sharing.set', 'operator', 'op', { roles: [set], force: a % 2 === 0 })
  }

  private reserve(slave: string, role: string, a: number, b: number): void {
    const resources = amount(1 + (a % 2), 128, 200)
    const volumeId = `v${this.volumes++ % 5}`
    this.leader.holds = () =>
      b % 5 === 0 ? { ok: false, code: 'holdings-stale', message: 'stale' } : { ok: true }
    const wishes: Partial<Body<'slave.reserve'>>[] = [
      { reserve: resources },
      { unreserve: resources },
      { reserve: resources, createVolumes: [{ volumeId, diskMb: 100 }] },
      { destroyVolumes: [volumeId] },
    ]
    this.leader.ask('slave.reserve', 'operator', 'op', { slave, role, ...pick(wishes, a) })
  }
}

function filters(b: number) {
  if (b % 4 === 0) return {}
  if (b % 4 === 1) return { attributes: { zone: pick(zones, b) as string } }
  return b % 4 === 2 ? { atLeast: amount(2, 256) } : { slaves: ['S0', 'S1'] }
}

const pick = <Item>(items: readonly Item[], n: number): Item | undefined => items[n % items.length]
