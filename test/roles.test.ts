/** What operators set of roles, and what of it makes no sense: that is refused with a sentence, and changes nothing. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Body } from '../shared/messages.ts'
import { drf } from '../statecharts/master/allocator/drf.ts'
import { amount, Leader } from './leader/leader.ts'

let leader: Leader
beforeEach(() => {
  leader = new Leader()
})

type Wish = Body<'sharing.set'>['roles'][number]
const ask = (...roles: Wish[]) => leader.ask('sharing.set', 'operator', 'op', { roles })
const set = (...roles: Wish[]) => leader.demand('sharing.set', 'operator', 'op', { roles })
const cpus = (cpus: number) => ({ cpuMilli: cpus * 1000 })
const offered = () => leader.standing.map(({ name, slave }) => `${name} ${slave}`)

/** Takes all that is offered, a CPU at a time, as often as that; who has how many. */
function shareOut(offers: number): Record<string, number> {
  for (let i = 0; i < offers; i++) {
    leader.pass(1)
    const [offer] = leader.standing
    if (offer) leader.launch(offer, amount(1, 10))
  }
  const held = [...leader.master.frameworks.values()].map(({ name, tasks }) => [name, tasks.size])
  return Object.fromEntries(held)
}

test('who unsets roles hears for which of them anything was set, also as an old name of another', () => {
  leader.addFramework('ads')
  set({ role: 'eng', weight: 2 }, { role: 'ops', limit: cpus(3) })
  set({ role: 'ads', moveTo: 'eng/ads' })
  const roles = ['eng', 'ops', 'ads', 'nobody'].map((role) => ({ role, unset: true }))
  expect(set(...roles)).toEqual({ ok: true, unset: ['eng', 'ops', 'ads'] })
  expect(set(...roles)).toEqual({ ok: true })
})

describe('refused, and nothing is changed', () => {
  beforeEach(() => {
    leader.addSlave('S0', amount(4, 400, 100))
    leader.addFramework('ads', ['eng/ads'])
    leader.addFramework('ops')
    set({ role: 'eng', weight: 2, guarantee: cpus(2), limit: cpus(3) })
    set({ role: 'ops', moveTo: 'eng/ops' })
  })

  test.each<[string, Wish, string, RegExp]>([
    ['no weight', { role: 'a', weight: 0 }, 'bad-sharing', /weight of role a is 0; it must lie between/],
    ['a weight below none', { role: 'a', weight: -1 }, 'bad-sharing', /weight of role a is -1/],
    ['an absurd weight', { role: 'a', weight: 1e9 }, 'bad-sharing', /weight of role a is 1000000000/],
    [
      'a weight that is no number',
      { role: 'a', weight: Number.NaN },
      'bad-sharing',
      /weight of role a is NaN/,
    ],
    ['a role without a name', { role: '' }, 'bad-role', /role/],
    ['an empty part', { role: 'eng//ads' }, 'bad-role', /eng\/\/ads/],
    ['a slash at the end', { role: 'eng/' }, 'bad-role', /eng\//],
    ['a part of dots', { role: 'eng/..' }, 'bad-role', /eng\/\.\./],
    ['a space', { role: 'my role' }, 'bad-role', /my role/],
    [
      'a limit below the guarantee',
      { role: 'eng', limit: cpus(1) },
      'bad-sharing',
      /guaranteed 2 cpus.* limit is/,
    ],
    [
      'more below than the role itself',
      { role: 'eng/ads', guarantee: cpus(3) },
      'bad-sharing',
      /roles below eng/,
    ],
    ['more than the cluster has', { role: 'x', guarantee: cpus(9) }, 'over-guarantee', /add up to 11 cpus/],
    [
      'what no slave has',
      { role: 'x', limit: { scalars: { fpga: 1 } } },
      'bad-sharing',
      /no slave has any fpga/,
    ],
    ['a move below itself', { role: 'eng', moveTo: 'eng/old' }, 'role-cycle', /eng to eng\/old/],
    ['a move round and round', { role: 'eng', moveTo: 'ops/eng' }, 'role-cycle', /eng to ops\/eng/],
    ['a move of nothing', { role: 'nobody', moveTo: 'eng/x' }, 'bad-sharing', /no role nobody/],
    ['a move to no role', { role: 'eng/ads', moveTo: 'a b' }, 'bad-role', /a b/],
  ])('%s', (_what, wish, code, message) => {
    const before = structuredClone(leader.master.sharing)
    expect(ask(wish)).toMatchObject({ ok: false, code, message: expect.stringMatching(message) })
    expect(leader.master.sharing).toEqual(before)
  })

  test('an unknown policy', () => {
    const answer = leader.ask('sharing.set', 'operator', 'op', { roles: [], policy: 'luck' })
    expect(answer).toMatchObject({ ok: false, code: 'policy-unknown' })
    expect(leader.master.policy.name).toBe('drf')
  })

  test.each<[string, Partial<Body<'slave.reserve'>>, string]>([
    ['nothing', {}, 'bad-reservation'],
    ['more than there is', { reserve: amount(5) }, 'bad-reservation'],
    ['more undone than is reserved', { unreserve: amount(1) }, 'bad-reservation'],
    ['for no role', { role: 'a b', reserve: amount(1) }, 'bad-role'],
    ['of no slave', { slave: 'S9', reserve: amount(1) }, 'slave-unknown'],
    ['a volume that is not there', { destroyVolumes: ['db'] }, 'volume-unknown'],
  ])('a reservation: %s', (_what, wish, code) => {
    const before = structuredClone(leader.master.slavesByName.get('S0')?.holdings)
    const answer = leader.ask('slave.reserve', 'operator', 'op', { slave: 'S0', role: 'eng', ...wish })
    expect(answer).toMatchObject({ ok: false, code })
    expect(leader.master.slavesByName.get('S0')?.holdings).toEqual(before)
  })
})

test('one wish that makes no sense, and none of the others counts', () => {
  leader.addSlave('S0', amount(4, 400))
  expect(ask({ role: 'a', weight: 3 }, { role: 'b', weight: 0 })).toMatchObject({ ok: false })
  expect(leader.master.sharing.roles).toEqual({})
})

test('a slave tells how much of what is reserved its roles do not hold', () => {
  const reserved = [
    { role: 'eng', resources: amount(2, 100) },
    { role: 'ops', resources: amount(1, 50) },
  ]
  leader.addSlave('S0', amount(4, 400), { reserved })
  leader.addSlave('S1', amount(4, 400))
  const free = () => {
    // Who reads waits for a turn.
    leader.pass(1)
    const { slaves } = leader.demand('slaves.list', 'operator', 'op', {})
    return slaves.map(({ reservedFree }) => reservedFree)
  }
  expect(free()).toEqual([amount(3, 150), undefined])
  leader.addFramework('ads', ['eng'])
  leader.pass(1)
  const offer = leader.standing.find(({ slave }) => slave === 'S0')
  expect(free()).toEqual([amount(1, 50), undefined])
  if (offer) leader.launch(offer, amount(0.5, 100))
  leader.pass(1)
  for (const left of leader.standing) leader.decline(left, 1000)
  expect(free()).toEqual([amount(2.5, 50), undefined])
})

test('weights in a tree: among siblings first, and among those below each', () => {
  leader.addSlave('S0', amount(24, 2400))
  set({ role: 'eng', weight: 2 }, { role: 'eng/ads', weight: 3 })
  leader.addFramework('ads', ['eng/ads'])
  leader.addFramework('web', ['eng/web'])
  leader.addFramework('ops')
  expect(shareOut(24)).toEqual({ ads: 12, web: 4, ops: 8 })
})

test('a policy that throws is refused when it does: drf serves, and the role list says why', () => {
  const lost = { ...drf, name: 'lost', order: () => [].reduce((a) => a) }
  leader = new Leader({}, {}, { lost })
  leader.addSlave('S0', amount(1, 100))
  leader.demand('sharing.set', 'operator', 'op', { roles: [], policy: 'lost' })
  const frameworkId = leader.addFramework('F0')
  leader.pass(1)
  expect(offered()).toEqual(['F0 S0'])
  const { policy, policyFlaw } = leader.demand('roles.list', 'operator', 'op', {})
  expect(policy).toBe('drf')
  expect(policyFlaw).toMatch(/^policy lost was refused: it failed to put .*; drf serves instead$/)
  expect(leader.demand('explain.get', 'operator', 'op', { frameworkId }).policyFlaw).toBe(policyFlaw)
})

test('roles are moved whatever they are called', () => {
  set({ role: 'code', weight: 2 }, { role: 'detail', weight: 2 })
  set({ role: 'code', moveTo: 'eng/code' }, { role: 'detail', moveTo: 'eng/detail' })
  set({ role: 'detail', weight: 3 })
  const { roles } = leader.demand('roles.list', 'operator', 'op', {})
  expect(roles.filter(({ movedTo }) => movedTo).map(({ role }) => role)).toEqual(['code', 'detail'])
  expect(roles.find(({ role }) => role === 'eng/detail')?.weight).toBe(3)
})

test('a framework in two roles, of which one was moved into the other, wants offers while it does by one of the names', () => {
  leader.addSlave('S0', amount(2, 200))
  set({ role: 'old', weight: 2 })
  set({ role: 'old', moveTo: 'new' })
  const frameworkId = leader.addFramework('F0', ['old', 'new'])
  leader.pass(1)
  const beat = () =>
    leader.demand('framework.beat', 'scheduler', 'F0', { frameworkId, instance: 'F0' }).suppressed
  leader.demand('offers.suppress', 'scheduler', 'F0', { frameworkId, roles: ['old'] })
  expect([beat(), offered()]).toEqual([['old'], ['F0 S0']])
  leader.demand('offers.suppress', 'scheduler', 'F0', { frameworkId, roles: ['new'] })
  expect([beat(), offered()]).toEqual([['old', 'new'], []])
  leader.demand('offers.revive', 'scheduler', 'F0', { frameworkId, roles: ['new'] })
  leader.pass(1)
  expect([beat(), offered()]).toEqual([['old'], ['F0 S0']])
})

test('who comes and goes while nobody is made offers leaves nothing behind in the lines', () => {
  set({ role: 'eng', weight: 2 })
  for (let i = 0; i < 10; i++)
    for (const role of ['eng', `own-${i}`]) {
      const name = `f${i}-${role}`
      const frameworkId = leader.addFramework(name, [role])
      leader.demand('framework.teardown', 'scheduler', name, { frameworkId })
    }
  const { root } = leader.master
  const eng = root.children.get('eng')
  expect([...root.children.keys()]).toEqual(['eng'])
  expect(root.changed.size).toBeLessThanOrEqual(1)
  expect(eng?.own.changed.size).toBe(0)
})

test('a part that comes back is split no further', () => {
  leader = new Leader({ offerSeconds: 5 }, { spread: 'split' })
  leader.addSlave('S0', amount(4, 400))
  for (const name of ['a', 'b', 'c', 'd']) leader.addFramework(name)
  const sizes = () => [...leader.standing].map(({ resources }) => resources.cpuMilli)
  leader.pass(1)
  expect(sizes()).toEqual([1000, 1000, 1000, 1000])
  const [first] = leader.standing
  if (first) leader.decline(first, 0)
  leader.pass(1)
  expect(sizes()).toEqual([1000, 1000, 1000, 1000])
})

test('what everybody refuses a part of is split among fewer', () => {
  leader = new Leader({ offerSeconds: 5 }, { spread: 'split' })
  leader.addSlave('S0', amount(4, 400))
  for (const name of ['a', 'b', 'c', 'd']) leader.addFramework(name)
  const sizes = new Set<number>()
  for (let i = 0; i < 20; i++) {
    leader.pass(1)
    for (const offer of leader.standing) {
      sizes.add(offer.resources.cpuMilli)
      leader.decline(offer, 1000)
    }
  }
  expect(Math.max(...sizes)).toBe(4000)
})
