/**
 * What dominant resource fairness promises (Ghodsi et al., NSDI 2011, sections 3 and 6.1), of the policy that the master
 * runs: any few users, with demands that are as good as divisible. A task takes a thousandth of what its user needs
 * most of. Nothing is given that is smaller than a task, so each promise is kept but for one task of each user, and for
 * what whole numbers round, a thousandth of a task.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fill, fillExactly, type Parts, type User, worthOf } from './paper/filling.ts'

const tasks = 1000
const oneTask = 1.001 / tasks

/** None of it, or from a tenth to all of what the user needs most of. */
const part = fc.oneof(fc.constant(0), fc.integer({ min: 10, max: 100 }))
const demand = fc
  .tuple(part, part, part)
  .filter((parts) => parts.some((each) => each > 0))
  .map((parts): Parts => parts)
const user = fc.record({ demand, weight: fc.integer({ min: 1, max: 5 }) })
const users = fc.array(user, { minLength: 1, maxLength: 5 })

/** The same seed each time: nobody else's change fails by chance. */
const holds = <Values extends [unknown, ...unknown[]]>(property: fc.IPropertyWithHooks<Values>) =>
  fc.assert(property, { seed: 2011, numRuns: 120 })

test('sharing incentive: nobody would do more with a part of the cluster of its own, as large as its weight', () => {
  holds(
    fc.property(users, (users) => {
      const weights = users.reduce((sum, { weight }) => sum + weight, 0)
      for (const [i, { demand, weight }] of users.entries())
        expect(worthAt(users, i, demand)).toBeGreaterThanOrEqual(weight / weights - oneTask * users.length)
    }),
  )
})

test('Pareto efficiency: of something that it needs, nothing is left for anybody', () => {
  holds(
    fc.property(users, (users) => {
      const given = fill(users, tasks)
      const free = [0, 1, 2].map((kind) => 1 - given.reduce((sum, parts) => sum + (parts[kind] ?? 0), 0))
      expect(Math.min(...free)).toBeGreaterThanOrEqual(0)
      for (const { demand } of users) {
        const ofNeeded = free.filter((_, kind) => (demand[kind] ?? 0) > 0)
        expect(Math.min(...ofNeeded)).toBeLessThan(oneTask)
      }
    }),
  )
})

test('envy-freeness: nobody would do more with what another has, by their weights', () => {
  holds(
    fc.property(users, (users) => {
      const given = fill(users, tasks)
      for (const [i, mine] of users.entries())
        for (const [j, theirs] of users.entries()) {
          const fair = mine.weight / theirs.weight
          const withTheirs = worthOf(given[j] ?? [], mine.demand) * fair
          const withMine = worthOf(given[i] ?? [], mine.demand)
          expect(withTheirs - withMine).toBeLessThanOrEqual(2 * oneTask * Math.max(1, fair))
        }
    }),
  )
})

test('strategy-proofness: nobody does more by saying that it needs something else', () => {
  holds(
    fc.property(users, fc.nat(), demand, fc.integer({ min: 0, max: 9 }), (users, who, other, mildness) => {
      const i = who % users.length
      const { demand = [], weight = 1 } = users[i] ?? {}
      // From quite another demand to nearly the true one.
      const lie = demand.map((each, kind) => (each * mildness + (other[kind] ?? 0) * (10 - mildness)) / 10)
      const liars = users.with(i, { demand: lie, weight })
      expect(worthAt(liars, i, demand)).toBeLessThanOrEqual(
        worthAt(users, i, demand) + oneTask * users.length,
      )
    }),
  )
})

test('weights: users that need the same get by their weights', () => {
  holds(
    fc.property(
      demand,
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 5 }),
      (demand, weights) => {
        const users = weights.map((weight): User => ({ demand, weight }))
        const all = weights.reduce((sum, weight) => sum + weight, 0)
        for (const [i, weight] of weights.entries())
          expect(Math.abs(worthAt(users, i, demand) - weight / all)).toBeLessThanOrEqual(
            oneTask * users.length,
          )
      },
    ),
  )
})

test('each gets what it would if demands were divisible without end', () => {
  holds(
    fc.property(users, (users) => {
      const given = fill(users, tasks)
      const exact = fillExactly(users)
      for (const [i, { demand }] of users.entries()) {
        const difference = worthOf(given[i] ?? [], demand) - worthOf(exact[i] ?? [], demand)
        expect(Math.abs(difference)).toBeLessThanOrEqual(oneTask * users.length)
      }
    }),
  )
})

/** What a user can do, whose true demand is this, with what these users get. */
const worthAt = (users: readonly User[], i: number, demand: Parts): number =>
  worthOf(fill(users, tasks)[i] ?? [], demand)
