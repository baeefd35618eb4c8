/** What calls for an allocation: something became free, or somebody wants what he did not. */
import type { Resources } from '../../shared/resources.ts'
import { type Effect, wake } from '../decision.ts'
import { freeOf, isOpen, type Master, type Slave } from './ledger.ts'
import { namedBy, type RegistryKept } from './registry.ts'

/** Something of this slave is free: look at it soon, together with what else is freed meanwhile. */
export function noteFreed(master: Master, slave: Slave, at: number): Effect[] {
  if (!isOpen(slave) || !isWorthOffering(master, freeOf(slave))) return []
  master.freed.add(slave)
  return offersSoon(master, at)
}

/** Somebody wants offers who did not: look at every slave. */
export function noteWanted(master: Master, at: number): Effect[] {
  for (const slave of master.slaves.values()) if (isOpen(slave)) master.freed.add(slave)
  return master.freed.size > 0 ? offersSoon(master, at) : []
}

/** An entry stands in the registry: what it names may be offered, or be offered of. */
export function noteKept(master: Master, heard: RegistryKept): Effect[] {
  const named = heard.epoch === master.epoch ? namedBy(heard.key) : undefined
  if (!named) return []
  const slave = 'slaveId' in named ? master.slaves.get(named.slaveId) : undefined
  const framework = 'slaveId' in named ? undefined : master.frameworks.get(named.frameworkId)
  const isNews = !(slave ?? framework)?.kept
  if (slave) slave.kept = true
  if (framework) framework.kept = true
  if (slave && isNews) return noteFreed(master, slave, heard.at)
  return framework?.state === 'active' && isNews ? noteWanted(master, heard.at) : []
}

/** Crumbs help nobody. */
export const isWorthOffering = (master: Master, free: Resources): boolean =>
  free.cpuMilli >= master.settings.minOfferCpuMilli || free.memMb >= master.settings.minOfferMemMb

/** After this burst of events when it was quiet before; else when the window since the last allocation is over. */
function offersSoon(master: Master, at: number): Effect[] {
  if (master.offersDue) return []
  master.offersDue = true
  return [wake('offers', Math.max(at, master.allocatedAt + master.settings.offerDelayMs))]
}
