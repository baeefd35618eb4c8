/**
 * Revocation in random clusters, with several who are owed something at once: nobody falls below what is guaranteed to
 * him, and whatever is killed for somebody makes an offer to him.
 */
import fc from 'fast-check'
import { test } from 'vitest'
import { asAmount } from '../shared/roles.ts'
import { count, excess, isSome, newTally } from '../shared/tally.ts'
import { amount, Leader } from './leader/leader.ts'

const settings = { revokeAfterSeconds: 5, revokeGraceSeconds: 3, offerSeconds: 86_400 }
const guarantee = (cpus: number) => ({ cpuMilli: cpus * 1000 })
let leader: Leader

/** Hogs with guarantees of their own fill a cluster; then others come to whom much is guaranteed. */
const clusters = fc.record({
  slaves: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }),
  hogs: fc.array(fc.nat(8), { minLength: 1, maxLength: 3 }),
  owed: fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(3)), { minLength: 1, maxLength: 4 }),
  sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 8 }),
})

test('in random clusters nobody falls below his guarantee by it, and what is killed makes an offer to those who are owed', () => {
  fc.assert(
    fc.property(clusters, ({ slaves, hogs, owed, sizes }) => {
      // Beyond the cluster, and beyond a guarantee, whoever is served first may leave too little for another's least.
      const all = [...hogs, ...owed.map(([cpus, least]) => Math.max(cpus, least))]
      fc.pre(sumOf(all) <= sumOf(slaves))
      leader = new Leader({ ...settings, minOfferMemMb: 1 })
      slaves.forEach((cpus, i) => {
        leader.addSlave(`S${i}`, amount(cpus, cpus * 100))
      })
      hogs.forEach((_, i) => {
        leader.addFramework(`hog${i}`)
      })
      fillWith(sizes)
      const roles = [
        ...hogs.map((cpus, i) => ({ role: `hog${i}`, guarantee: guarantee(cpus) })),
        ...owed.map(([cpus], i) => ({ role: `eng${i}`, guarantee: guarantee(cpus) })),
      ]
      leader.demand('sharing.set', 'operator', 'op', { roles })
      owed.forEach(([, least], i) => {
        const filters = least > 0 ? { atLeast: amount(least) } : {}
        leader.addFramework(`eng${i}`, [{ role: `eng${i}`, suppressed: false, filters }])
      })
      for (let i = 0; i < 40; i++) {
        leader.pass(1)
        revokedRightly()
        for (const offer of leader.standing) leader.launch(offer, offer.resources)
      }
    }),
    { numRuns: Number(process.env.RUNS ?? 150) },
  )
})

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0)

/** What is offered now is taken as tasks of these sizes, one after the other, as far as they fit. */
function fillWith(sizes: readonly number[]): void {
  for (let i = 0; ; i++) {
    leader.pass(0.1)
    const [offer] = leader.standing
    if (!offer) return
    const cpus = Math.min(sizes[i % sizes.length] ?? 1, offer.resources.cpuMilli / 1000)
    leader.launch(offer, amount(cpus, cpus * 100))
  }
}

/** Looks at the tasks that are being killed now, and lets them end. */
function revokedRightly(): void {
  const { master } = leader
  const killed = [...master.slaves.values()].flatMap(({ tasks }) =>
    [...tasks.values()].filter(({ state }) => state === 'killing'),
  )
  const keptFor = new Map([...master.slaves.values()].map((slave) => [slave, [...slave.earmarks.keys()]]))
  leader.endStopped()
  for (const { claim } of killed) {
    const { guarantee: least = {} } = claim.role.settings
    const held = newTally()
    for (const { spec } of claim.framework.tasks.values()) count(held, spec.resources, 1)
    const short = excess(asAmount(least), held)
    if (isSome(short))
      throw new Error(`${claim.name} is left less than its guarantee: ${JSON.stringify(short)}`)
  }
  leader.pass(0.1)
  for (const { slave, taskId } of killed) {
    const served = [...slave.offers].find(({ claim }) => keptFor.get(slave)?.includes(claim.role))
    if (!served) throw new Error(`task ${taskId} of ${slave.name} was killed for nobody`)
  }
}
