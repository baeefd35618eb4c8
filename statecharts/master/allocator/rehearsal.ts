/** The next run, rehearsed: the allocation itself makes its offers, and all of it is undone. */
import { leaveOffer } from '../books.ts'
import { isOpen, type Master, type Offer, type Slave } from '../ledger.ts'
import { everyRole, pathOf } from '../roles.ts'
import { allocate } from './allocate.ts'

/** What the next run would offer of each slave. Afterwards everything is as it was, random numbers included. */
export function rehearse(master: Master, at: number): ReadonlyMap<Slave, readonly Offer[]> {
  // In the order of the run itself; of the others nobody would have anything.
  const slaves = [...new Set([...master.freed, ...master.slaves.values()])].filter(isOpen)
  const kept = slaves.map(({ keptFor, earmarks }) => ({ keptFor, earmarks: new Map(earmarks) }))
  const keptSlaves = [...master.keptSlaves]
  const idle = [...master.idle]
  const squeezed = [...master.squeezed]
  const { dice, policy, policyFlaw, measure } = master
  const { offers: count } = master.counts

  // A policy that draws lots draws the same ones in the run itself: both begin with the same lines, in no order yet.
  const lines = disorder(master)
  const planned = new Map<Slave, Offer[]>()
  const made = allocate(master, slaves, at)
  for (const offer of made) planned.set(offer.slave, [...(planned.get(offer.slave) ?? []), offer])

  for (const offer of [...made].reverse()) undo(master, offer, at)
  slaves.forEach((slave, i) => {
    Object.assign(slave, kept[i])
  })
  replace(master.keptSlaves, keptSlaves)
  replace(master.idle, idle)
  replace(master.squeezed, squeezed)
  Object.assign(master, { dice, policy, policyFlaw, measure })
  master.counts.offers = count
  for (const { branch, line } of lines) Object.assign(branch, { line, regroup: true })
  return planned
}

function disorder({ root }: Master) {
  const branches = [...everyRole(root)].flatMap((role) => [role, role.own])
  return branches.map((branch) => {
    branch.regroup = true
    return { branch, line: [...branch.line] }
  })
}

function undo(master: Master, offer: Offer, at: number): void {
  leaveOffer(master, offer, at)
  offer.claim.allocations--
  offer.claim.role.own.allocations--
  for (const role of pathOf(offer.claim.role)) role.allocations--
}

function replace<Item>(set: Set<Item>, items: readonly Item[]): void {
  set.clear()
  for (const item of items) set.add(item)
}
