/** What calls for an allocation: something became free, or somebody wants what he did not. */
import { type Effect, wake } from '../decision.ts'
import type { Master, Slave } from './ledger.ts'

/** Something of this slave is free: look at it soon, together with what else is freed meanwhile. */
export function noteFreed(master: Master, slave: Slave, at: number): Effect[] {
  if (slave.state !== 'active') return []
  master.freed.add(slave)
  return offersSoon(master, at)
}

/** Somebody wants offers who did not: look at every slave. */
export function noteWanted(master: Master, at: number): Effect[] {
  for (const slave of master.slaves.values()) if (slave.state === 'active') master.freed.add(slave)
  return master.freed.size > 0 ? offersSoon(master, at) : []
}

function offersSoon(master: Master, at: number): Effect[] {
  if (master.offersDue) return []
  master.offersDue = true
  return [wake('offers', at + master.settings.offerDelayMs)]
}
