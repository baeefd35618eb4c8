/** The policy is asked, and its answers are looked at: one that makes no sense is refused, and the default goes on. */
import type { Master } from '../ledger.ts'
import type { Claimant, Policy, World } from './allocator.ts'
import { policies } from './allocator.ts'
import { drf } from './drf.ts'

export function measured(master: Master, claimant: Claimant): number {
  const { policy, total } = master
  try {
    const share: unknown = policy.measure(claimant, total)
    if (typeof share === 'number' && share >= 0) return share
    rejectPolicy(master, `it measured ${claimant.id} as ${String(share)}, which is no share`)
  } catch (error) {
    rejectPolicy(master, `it failed to measure ${claimant.id}: ${String(error)}`)
  }
  return drf.measure(claimant, total)
}

/** How two of them are put in order, where the policy is one of ours that says so. */
export function comparison({ policy }: Master): Policy['compare'] {
  return policies[policy.name] === policy ? policy.compare : undefined
}

/** The siblings in the order in which they are served. They are measured. */
export function ordered<Sibling extends Claimant>(master: Master, siblings: Sibling[]): Sibling[] {
  const world: World = { total: master.total, draw: () => draw(master) }
  // Our own answer with the very siblings; a stranger gets a copy, and his answer is looked at.
  if (policies[master.policy.name] === master.policy) {
    master.policy.order(siblings, world)
    return siblings
  }
  try {
    const answer: readonly Claimant[] = master.policy.order([...siblings], world)
    const flaw = flawInOrder(siblings, answer)
    if (flaw === undefined) return answer as Sibling[]
    rejectPolicy(master, flaw)
  } catch (error) {
    rejectPolicy(master, `it failed to put ${siblings.length} siblings in order: ${String(error)}`)
  }
  drf.order(siblings, world)
  return siblings
}

function flawInOrder(siblings: readonly Claimant[], answer: unknown): string | undefined {
  if (!Array.isArray(answer)) return 'its order is no list'
  const left = new Set<unknown>(siblings)
  const stranger = answer.find((each) => !left.delete(each))
  if (stranger !== undefined) return 'its order names somebody twice, or who is not there'
  return left.size > 0 ? `its order leaves out ${left.size} of ${siblings.length}` : undefined
}

/** From now on the default serves, until an operator sets a policy again. */
function rejectPolicy(master: Master, flaw: string): void {
  if (master.policy === drf) return
  master.policyFlaw = `policy ${master.policy.name} was refused: ${flaw}; drf serves instead`
  master.policy = drf
  master.measure++
}

/** 0 <= x < 1, out of the seed alone: mulberry32. */
function draw(master: Master): number {
  master.dice = (master.dice + 0x6d2b79f5) | 0
  let mixed = Math.imul(master.dice ^ (master.dice >>> 15), master.dice | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}
