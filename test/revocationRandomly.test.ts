/**
 * Revocation in random clusters, with several who are owed something at once: nobody falls below what is guaranteed to
 * him, and whatever is killed for somebody makes an offer to him.
 */
import fc from 'fast-check'
import { test } from 'vitest'
import { asAmount } from '../shared/roles.ts'
import { count, excess, isSome, newTally } from '../shared/tally.ts'
import type { Slave } from '../statecharts/master/ledger.ts'
import type { Role } from '../statecharts/master/roles.ts'
import { amount, Leader } from './leader/leader.ts'

const settings = { revokeAfterSeconds: 5, revokeGraceSeconds: 3, offerSeconds: 86_400 }
const guarantee = (cpus: number) => ({ cpuMilli: cpus * 1000 })
let leader: Leader

interface Given {
  slaves: number[]
  hogs: number[]
  /** How much, and the least that an offer must hold. */
  owed: [cpus: number, least: number][]
  sizes: number[]
}

/** Hogs with guarantees of their own fill a cluster; then others come to whom much is guaranteed. */
const clusters: fc.Arbitrary<Given> = fc.record({
  slaves: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }),
  hogs: fc.array(fc.nat(8), { minLength: 1, maxLength: 3 }),
  owed: fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(3)), { minLength: 1, maxLength: 4 }),
  sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 8 }),
})

/** What was offered to one of several was more than was kept for him; what comes was counted twice; too little for an offer. */
const failedOnce = [
  {
    slaves: [4, 5, 1],
    hogs: [0],
    owed: [
      [1, 0],
      [2, 0],
      [4, 0],
      [3, 0],
    ],
    sizes: [1],
  },
  {
    slaves: [5, 1, 1],
    hogs: [0],
    owed: [
      [2, 0],
      [4, 0],
    ],
    sizes: [1, 3, 1],
  },
  {
    slaves: [1, 4, 3, 1],
    hogs: [0, 2],
    owed: [
      [1, 2],
      [4, 2],
    ],
    sizes: [1, 2, 3],
  },
] satisfies Given[]

test('in random clusters nobody falls below his guarantee by it, and what is killed makes an offer to those who are owed', () => {
  fc.assert(
    fc.property(clusters, ({ slaves, hogs, owed, sizes }) => {
      // Who takes nothing smaller than his least may come to hold more than his guarantee: that must be there, too.
      const all = [...hogs, ...owed.map(([cpus, least]) => Math.ceil(cpus / (least || 1)) * (least || 1))]
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
      const killed: Killed[] = []
      for (let i = 0; i < 90; i++) {
        leader.pass(1)
        killed.push(...revokedRightly())
        leader.pass(0.1)
        for (const each of killed) each.served ||= isServed(each)
        for (const offer of leader.standing) leader.launch(offer, offer.resources)
      }
      for (const { taskId, slave, served } of killed)
        if (!served) throw new Error(`task ${taskId} of ${slave.name} was killed for nobody`)
    }),
    { numRuns: Number(process.env.RUNS ?? 150), examples: failedOnce.map((cluster) => [cluster] as const) },
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

/** What was killed, and for which roles: they must be offered some of that slave, others who are owed it or not. */
interface Killed {
  readonly taskId: string
  readonly slave: Slave
  readonly roles: readonly Role[]
  served: boolean
}
const isServed = ({ slave, roles }: Killed) =>
  [...slave.offers].some(({ claim }) => roles.includes(claim.role))

/** Looks at the tasks that are being killed now, and lets them end. */
function revokedRightly(): Killed[] {
  const tasks = [...leader.master.slaves.values()].flatMap((slave) =>
    [...slave.tasks.values()].filter(({ state }) => state === 'killing'),
  )
  const killed = tasks.map(({ taskId, slave }) => {
    return { taskId, slave, roles: [...slave.earmarks.keys()], served: false }
  })
  leader.endStopped()
  for (const { claim } of tasks) {
    const { guarantee: least = {} } = claim.role.settings
    const held = newTally()
    for (const { spec } of claim.framework.tasks.values()) count(held, spec.resources, 1)
    const short = excess(asAmount(least), held)
    if (isSome(short))
      throw new Error(`${claim.name} is left less than its guarantee: ${JSON.stringify(short)}`)
  }
  return killed
}
