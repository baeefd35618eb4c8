/**
 * Progressive filling with the policy that the master runs (Ghodsi et al., NSDI 2011, section 4.1): whoever is served
 * next gets one more of its tasks, until nobody can have more. Tasks are so small that demands are as good as
 * divisible. As with divisible demands, a resource of which somebody's next task does not find enough is used up, and
 * whoever needs any of it gets no more.
 */
import { newTally, type Tally } from '../../shared/tally.ts'
import type { Claimant } from '../../statecharts/master/allocator/allocator.ts'
import { drf } from '../../statecharts/master/allocator/drf.ts'

/** Parts of CPU, memory and disk, in relation to one another. */
export type Parts = readonly number[]
export interface User {
  readonly demand: Parts
  readonly weight: number
}

const kinds = ['cpuMilli', 'memMb', 'diskMb'] as const
/** Of each resource: so much that a task's part of it is as good as exact. */
const whole = 1e9
const total: Tally = { ...newTally(), cpuMilli: whole, memMb: whole, diskMb: whole }

/** What each user gets of each resource, when its task is one part in `tasks` of what it needs most of. */
export function fill(users: readonly User[], tasks: number): Parts[] {
  const claims = users.map((user, i) => new Claim(user, tasks, `U${i}`))
  const free = kinds.map(() => whole)
  for (let next = firstOf(claims); next; next = firstOf(claims)) {
    const { task } = next
    const lacking = kinds.flatMap((_, kind) => (at(task, kind) > at(free, kind) ? [kind] : []))
    for (const claim of claims) claim.isFull ||= lacking.some((kind) => at(claim.task, kind) > 0)
    if (lacking.length > 0) continue
    for (const kind of kinds.keys()) free[kind] = at(free, kind) - at(task, kind)
    next.give()
  }
  return claims.map((claim) => claim.parts)
}

/** Whom the policy serves next, of those who can have more. */
function firstOf(claims: readonly Claim[]): Claim | undefined {
  const open = claims.filter(({ isFull }) => !isFull)
  const [first] = drf.order(open, { total, draw: () => 0 }) as readonly Claim[]
  return first
}

class Claim implements Claimant {
  readonly name: string
  readonly id: string
  readonly weight: number
  readonly task: Parts
  readonly offered = newTally()
  booked = newTally()
  share = 0
  allocations = 0
  isFull = false

  constructor({ demand, weight }: User, tasks: number, name: string) {
    this.name = name
    this.id = name
    this.weight = weight
    const unit = whole / tasks / Math.max(...demand)
    this.task = demand.map((part) => Math.round(part * unit))
  }

  give(): void {
    const [cpuMilli, memMb, diskMb] = this.held(++this.allocations) as [number, number, number]
    this.booked = { ...newTally(), cpuMilli, memMb, diskMb }
    this.share = drf.measure(this, total)
  }

  get parts(): Parts {
    return this.held(this.allocations).map((part) => part / whole)
  }

  private held(count: number): number[] {
    return this.task.map((part) => part * count)
  }
}

/** How much of its work a user with this demand can do with such parts: 1 is all of what it needs most of. */
export function worthOf(parts: Parts, demand: Parts): number {
  const most = Math.max(...demand)
  return Math.min(...demand.flatMap((part, kind) => (part > 0 ? [(at(parts, kind) * most) / part] : [])))
}

/** The same for demands that are divisible without end, by arithmetic alone: all rise alike until something is used up. */
export function fillExactly(users: readonly User[]): Parts[] {
  const rates = users.map(({ demand, weight }) => demand.map((part) => (part * weight) / Math.max(...demand)))
  const parts = users.map(() => kinds.map(() => 0))
  const free = kinds.map(() => 1)
  let open = [...users.keys()]
  while (open.length > 0) {
    const speed = kinds.map((_, kind) => open.reduce((sum, user) => sum + at(rates[user] ?? [], kind), 0))
    const left = speed.map((rate, kind) => (rate > 0 ? at(free, kind) / rate : Number.POSITIVE_INFINITY))
    const step = Math.min(...left)
    for (const user of open)
      for (const kind of kinds.keys())
        (parts[user] as number[])[kind] = at(parts[user] ?? [], kind) + step * at(rates[user] ?? [], kind)
    for (const kind of kinds.keys()) free[kind] = Math.max(0, at(free, kind) - step * at(speed, kind))
    const usedUp = [...kinds.keys()].filter((kind) => at(left, kind) <= step * (1 + 1e-12))
    open = open.filter((user) => usedUp.every((kind) => at(rates[user] ?? [], kind) === 0))
  }
  return parts
}

const at = (parts: Parts, kind: number): number => parts[kind] ?? 0
