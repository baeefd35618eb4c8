/**
 * Sharing, whatever happens: random sequences of events on a leader without anything around it. After each the books must
 * be exact; each run of the allocation must keep guarantees and limits, must leave nothing to be offered, and must do what
 * explaining had said it would.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { kinds } from '../shared/resources.ts'
import { excess, newTally } from '../shared/tally.ts'
import { recount } from '../statecharts/master/allocator/allocate.ts'
import { rehearse } from '../statecharts/master/allocator/rehearsal.ts'
import type { Offer } from '../statecharts/master/ledger.ts'
import { everyRole, isOver, owedTo, owedToOthers, pathOf } from '../statecharts/master/roles.ts'
import { amount, Leader } from './leader/leader.ts'
import { Randomly, type Variant } from './leader/randomly.ts'
import { checkShares } from './leader/shareChecks.ts'

const commands = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000)), { minLength: 5, maxLength: 60 })
const variants: Variant[] = [
  { spread: 'whole', shortTaskPart: 0, revokeFor: 'guarantee' },
  { spread: 'split', shortTaskPart: 0, revokeFor: 'share' },
  { spread: 'whole', shortTaskPart: 0.5, revokeFor: 'nobody' },
]

test.each(variants)('books, guarantees, limits and explanations are exact: %o', (variant) => {
  fc.assert(
    fc.property(commands, (sequence) => {
      const random = new Randomly(variant)
      const { leader } = random
      for (const command of sequence) {
        random.do(command)
        checkShares(leader.master)
        run(leader)
        checkShares(leader.master)
        leader.pass(command[0] % 3)
      }
    }),
    { numRuns: Number(process.env.RUNS ?? 150) },
  )
})

/** One allocation, with what was said of it before. */
function run(leader: Leader): void {
  const { master } = leader
  const said = explained(leader)
  const before = new Set(master.offers.keys())
  const owed = new Map([...everyRole(master.root)].map((role) => [role, owedTo(role)]))
  nextRun(leader)
  const made = [...master.offers.values()].filter(({ offerId }) => !before.has(offerId))
  asExplained(said, made)
  recount(master)
  for (const offer of made) withinRights(leader, offer, owed.get(offer.claim.role))
  // What one run has changed may call for another.
  leader.pass(0.01)
  const [more] = rehearse(master, leader.at)
  if (more)
    throw new Error(`slave ${more[0].name} would be offered, was it looked at: ${more[1][0]?.claim.name}`)
  for (const slave of master.slaves.values()) {
    const { cpuMilli, memMb, diskMb } = slave.free ?? slave.total
    if (Math.min(cpuMilli, memMb, diskMb) < 0)
      throw new Error(
        `slave ${slave.name} is over-committed: ${JSON.stringify([slave.total, slave.booked, slave.offered, slave.holdings, slave.ownReserved])}`,
      )
  }
}

/** `framework role slave` of everything that explaining says would be offered, and why not for the rest. */
function explained(leader: Leader): Map<string, string | undefined> {
  const said = new Map<string, string | undefined>()
  for (const { frameworkId } of leader.master.frameworks.values()) {
    const { slaves } = leader.demand('explain.get', 'operator', 'op', { frameworkId })
    for (const { slaveId, role, obstacle } of slaves) said.set(`${frameworkId} ${role} ${slaveId}`, obstacle)
  }
  return said
}

/** One run, if one is due; the next is no earlier than a window later. */
function nextRun(leader: Leader): void {
  const { allocatedAt } = leader.master
  for (let i = 0; i < 4 && leader.master.allocatedAt === allocatedAt; i++) leader.pass(0.0005)
}

function asExplained(said: Map<string, string | undefined>, made: readonly Offer[]): void {
  const offered = new Set(
    made.map(({ claim, slave }) => `${claim.framework.frameworkId} ${claim.as} ${slave.slaveId}`),
  )
  for (const [key, obstacle] of said) {
    if (obstacle === undefined && !offered.has(key))
      throw new Error(`${key} was said to be offered, and was not`)
    if (obstacle !== undefined && offered.has(key))
      throw new Error(`${key} was offered in spite of ${obstacle}`)
  }
}

/** Within the limits of its role, and beyond what it was owed itself not at the cost of what others are. */
function withinRights({ master }: Leader, { claim, kind, slave, resources }: Offer, owed = newTally()): void {
  for (const role of pathOf(claim.role))
    if (isOver(role)) throw new Error(`role ${role.path} is over its limit by an offer to ${claim.name}`)
  if (kind === 'revocable' || slave.reserved?.has(claim.role.path)) return
  const short = excess(owedToOthers(claim.role), master.available)
  const taken = kinds.find((each) => short[each] > 0 && resources[each] > owed[each])
  if (taken) throw new Error(`${claim.name} was offered ${taken} of ${slave.name} that others are owed`)
}

test('what is free goes to whom it is owed, also when it is less than all are owed together', () => {
  const leader = new Leader()
  for (const slave of ['S0', 'S1']) leader.addSlave(slave, amount(4, 400))
  const guarantee = { cpuMilli: 4000 }
  leader.demand('sharing.set', 'operator', 'op', {
    roles: [
      { role: 'A', guarantee },
      { role: 'B', guarantee },
    ],
  })
  leader.demand('slave.remove', 'operator', 'op', { slave: 'S1' })
  leader.addFramework('A')
  leader.addFramework('B')
  leader.pass(1)
  expect(leader.standing.map(({ name, slave }) => `${name} ${slave}`)).toEqual(['A S0'])
})

test('what is guaranteed to others is held back from the second offer of a run, too', () => {
  const leader = new Leader()
  leader.addSlave('S0', amount(2, 512))
  const guarantee = { cpuMilli: 1000, memMb: 256 }
  leader.demand('sharing.set', 'operator', 'op', { roles: [{ role: 'eng', guarantee }] })
  leader.addFramework('F0')
  leader.pass(1)
  expect(leader.standing.map(({ resources }) => resources)).toEqual([amount(1, 256)])
})
