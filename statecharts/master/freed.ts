/** What calls for an allocation: something became free, or somebody may have what he could not. */
import { isSome } from '../../shared/tally.ts'
import { type Effect, wake } from '../decision.ts'
import { isWorthOffering } from './allocator/judge.ts'
import { countWanting } from './claims.ts'
import { type Claim, freeOf, isOpen, type Master, type Slave } from './ledger.ts'
import { namedBy, type RegistryKept } from './registry.ts'
import { isFull, pathOf } from './roles.ts'

/** Something of this slave is free: look at it soon, together with what else is freed meanwhile. */
export function noteFreed(master: Master, slave: Slave, at: number): Effect[] {
  master.uncounted.add(slave)
  // What is freed anywhere may give somebody room elsewhere, by what others are owed.
  if (isSome(master.root.needBelow)) master.eased = true
  const eased = noteEased(master, at)
  if (isOpen(slave) && isWorthOffering(master, freeOf(slave))) {
    master.idle.delete(slave)
    master.squeezed.delete(slave)
    master.freed.add(slave)
  }
  return [...eased, ...offersSoon(master, at)]
}

/** Somebody who had no room, by a limit for instance, may have some. */
export function noteEased(master: Master, at: number): Effect[] {
  if (!master.eased) return []
  master.eased = false
  lookAgain(master, master.squeezed)
  return offersSoon(master, at)
}

/**
 * Somebody wants offers who did not, or may have what he might not: look at everything that is free. Where all of these
 * hold what their limits allow there is nothing to see: what they give back eases their limits.
 */
export function noteWanted(master: Master, claims: Iterable<Claim>, at: number): Effect[] {
  if ([...claims].some((claim) => mayHaveMore(master, claim))) {
    lookAgain(master, master.idle)
    lookAgain(master, master.squeezed)
  }
  return offersSoon(master, at)
}

/** The safety net: every slave, whatever was believed of it. */
export function lookAtAll(master: Master, at: number): Effect[] {
  for (const slave of master.slaves.values()) {
    master.uncounted.add(slave)
    if (isOpen(slave) && isWorthOffering(master, freeOf(slave))) master.freed.add(slave)
  }
  return offersSoon(master, at)
}

/** An entry stands in the registry: what it names may be offered, or be offered of. */
export function noteKept(master: Master, heard: RegistryKept): Effect[] {
  if (heard.epoch !== master.epoch) return []
  const named = namedBy(heard.key)
  if (!named) return []
  const slave = 'slaveId' in named ? master.slaves.get(named.slaveId) : undefined
  const framework = 'slaveId' in named ? undefined : master.frameworks.get(named.frameworkId)
  const isNews = !(slave ?? framework)?.kept
  if (slave) slave.kept = true
  if (slave && isNews) return noteFreed(master, slave, heard.at)
  if (!framework) return []
  framework.kept = true
  countWanting(master, framework)
  return framework.state === 'active' && isNews ? noteWanted(master, framework.claims.values(), heard.at) : []
}

const mayHaveMore = ({ settings }: Master, { role }: Claim): boolean =>
  ![...pathOf(role)].some((each) => isFull(each, settings))

function lookAgain(master: Master, slaves: Set<Slave>): void {
  for (const slave of slaves) master.freed.add(slave)
  slaves.clear()
}

/** After this burst of events when it was quiet before; else when the window since the last allocation is over. */
export function offersSoon(master: Master, at: number): Effect[] {
  if (master.offersDue || master.freed.size === 0) return []
  master.offersDue = true
  return [wake('offers', Math.max(at, master.allocatedAt + master.settings.offerDelayMs))]
}
