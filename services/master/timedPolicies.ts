/**
 * Policies from outside are timed. Nothing can interrupt one that runs, for it runs within the leader; but one that takes
 * too long fails when it returns, and is refused like any other that fails. One that never returns ends with the lease of
 * its leader, which it keeps from being renewed.
 */
import type { Policies, Policy } from '../../statecharts/master/allocator/allocator.ts'

/** ms, of a clock that only goes on. */
type Clock = () => number

/** The same policies; each fails when its calls have taken more than `mostMs` within a second. */
export const timedPolicies = (policies: Policies, mostMs: number, now: Clock): Policies =>
  Object.fromEntries(Object.entries(policies).map(([name, policy]) => [name, timed(policy, mostMs, now)]))

function timed(policy: Policy, mostMs: number, now: Clock): Policy {
  let secondBegan = Number.NEGATIVE_INFINITY
  let spentMs = 0
  const watch = <Answer>(call: () => Answer): Answer => {
    const began = now()
    if (began - secondBegan >= 1000) {
      secondBegan = began
      spentMs = 0
    }
    const answer = call()
    spentMs += now() - began
    if (spentMs <= mostMs) return answer
    const took = Math.round(spentMs)
    // It begins anew when an operator chooses it again.
    spentMs = 0
    throw new TooSlow(`it took ${took} ms within a second, and may take ${mostMs} (policySlowMs)`)
  }
  return {
    name: policy.name,
    measure: (claimant, total) => watch(() => policy.measure(claimant, total)),
    order: (siblings, world) => watch(() => policy.order(siblings, world)),
  }
}

class TooSlow extends Error {
  override readonly name = 'too slow'
}
