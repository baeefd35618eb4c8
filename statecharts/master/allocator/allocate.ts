/**
 * The allocation: what is free of each slave goes to the claim that the policy serves next and that may have it. First
 * those who hold less than their guarantee; what is left for nobody else, to those who take what is short or revocable.
 */
import type { ObstacleCode } from '../../../shared/messages.ts'
import { countPorts, fits, kinds, pickPorts, type Resources } from '../../../shared/resources.ts'
import { asAmount, type Quota } from '../../../shared/roles.ts'
import { count, excess, isSome, newTally, type Tally } from '../../../shared/tally.ts'
import { enterOffer } from '../books.ts'
import { letGo } from '../kept.ts'
import { type Claim, freeOf, isOpen, type Kind, type Master, type Offer, type Slave } from '../ledger.ts'
import { pathOf, type Role, roomIn } from '../roles.ts'
import { contributionOf, isWorthOffering, type Listener, leastOf, minOfferOf, offerable } from './judge.ts'
import { firstServed } from './order.ts'

/** Looks at these slaves, and makes the offers. */
export function allocate(master: Master, slaves: Iterable<Slave>, at: number): Offer[] {
  const made: Offer[] = []
  for (const slave of slaves) serveSlave(master, slave, at, made)
  return made
}

/** What may be offered in all, counted anew for the slaves that have changed. */
export function recount(master: Master): void {
  for (const slave of master.uncounted) {
    count(master.available, slave.counted, -1)
    const contribution = master.slaves.get(slave.slaveId) === slave ? contributionOf(slave) : undefined
    delete slave.counted.scalars
    Object.assign(slave.counted, contribution ?? newTally())
    count(master.available, slave.counted, 1)
  }
  master.uncounted.clear()
}

interface Look {
  readonly slave: Slave
  readonly at: number
  readonly listener: Listener
  /** What stood in the way last, and whether anything did that may change elsewhere. */
  last: ObstacleCode | undefined
  squeezed: boolean
}

function serveSlave(master: Master, slave: Slave, at: number, made: Offer[]): void {
  if (!isOpen(slave) || !isWorthOffering(master, freeOf(slave))) return
  if (isRefusedByAll(master, slave)) return void master.idle.add(slave)
  const look: Look = {
    slave,
    at,
    last: undefined,
    // Roles that hold all that they may are not even in line.
    squeezed: master.limited,
    listener: {
      stop: (code) => {
        look.last = code
        look.squeezed ||= code === 'framework-full' || code === 'held'
        return undefined
      },
      squeezed: () => {
        look.squeezed = true
      },
    },
  }
  for (const kind of kindsNow(master)) serveKind(master, look, kind, made)
  if (isWorthOffering(master, freeOf(slave))) (look.squeezed ? master.squeezed : master.idle).add(slave)
}

/** Kinds that somebody takes. */
const kindsNow = ({ settings, takers }: Master): Kind[] => [
  'regular',
  ...(settings.shortTaskPart > 0 && takers.short.size > 0 ? (['short'] as const) : []),
  ...(takers.revocable.size > 0 ? (['revocable'] as const) : []),
]

/** Round after round, as long as something is left that somebody may have. */
function serveKind(master: Master, look: Look, kind: Kind, made: Offer[]): void {
  for (let before = -1; before < made.length; ) {
    before = made.length
    serveRound(master, look, kind, made)
  }
}

/** One after the other, each once: all of it, or his part of it. */
function serveRound(master: Master, look: Look, kind: Kind, made: Offer[]): void {
  const { slave, at } = look
  recount(master)
  const served = new Set<Claim>()
  const takers = master.settings.spread === 'split' ? countTakers(master, look, kind) : 1
  while (isWorthOffering(master, freeOf(slave))) {
    let offer: Offer | undefined
    const refusedBy = isRefused(slave) ? slave.refusedBy : undefined
    const serve = (claim: Claim): boolean => {
      if (refusedBy?.has(claim.index) || served.has(claim)) return false
      const amount = offerable(master, { claim, slave, kind }, at, look.listener)
      if (!amount) return kind === 'regular' && keep(master, look, claim)
      const part = partOf(master, amount, takers - served.size, claim)
      // It may have refused that much: of all that is free it would be offered the same part again and again.
      if (part !== amount && isRefusedBy(claim, slave, part)) return false
      served.add(claim)
      offer = enterOffer(master, { claim, slave, kind }, part, at)
      letGo(master, claim, slave, part)
      return true
    }
    if (kind !== 'revocable' && isSome(master.root.needBelow)) firstServed(master, true, serve)
    if (!offer) firstServed(master, false, serve)
    if (!offer) return
    made.push(offer)
    // What was just offered is not there any more to be held back for others.
    recount(master)
  }
}

const isRefusedBy = ({ refusals }: Claim, slave: Slave, part: Resources): boolean => {
  const refused = refusals.get(slave)
  return refused !== undefined && fits(part, refused.resources)
}

/** Nobody need be asked: whoever wants offers has refused as much of it as is free. */
const isRefusedByAll = ({ wanting }: Master, slave: Slave): boolean =>
  isRefused(slave) && slave.refusedBy.holdsAll(wanting)

/** Whether whoever has refused it need not be asked: each of them has refused as much of it as is free. */
const isRefused = (slave: Slave): boolean =>
  slave.leastRefused !== undefined && isWithin(freeOf(slave), slave.leastRefused)

const isWithin = (free: Tally, least: Tally): boolean =>
  free.cpuMilli <= least.cpuMilli &&
  free.memMb <= least.memMb &&
  free.diskMb <= least.diskMb &&
  free.gpus <= least.gpus &&
  (free.scalars === undefined || !isSome(excess(free, least)))

/**
 * The slave is too small now for one large offer to the claim that is next in line, but would do if all of it were free: it
 * is kept, one for each role, so that crumbs do not go to others for ever. Hindman et al., section 4.6.
 */
function keep(master: Master, look: Look, claim: Claim): boolean {
  const { slave, at } = look
  const role = minOfferOf(claim.role)
  if (!role?.settings.minOffer || look.last !== 'too-small') return false
  if (!wouldDo(claim, slave, asAmount(role.settings.minOffer))) return false
  const other = [...master.keptSlaves].find((kept) => kept !== slave && isKeptFor(kept, role, at))
  if (other) return false
  if (!isKeptFor(slave, role, at)) slave.keptFor = { role, until: at + master.settings.holdSeconds * 1000 }
  master.keptSlaves.add(slave)
  look.squeezed = true
  return true
}
const isKeptFor = ({ keptFor }: Slave, role: Role, at: number): boolean =>
  keptFor?.role === role && keptFor.until > at
/** It is only for what others hold of it that the slave is too small. */
function wouldDo({ role }: Claim, slave: Slave, least: Tally): boolean {
  if (isWithin(least, freeOf(slave)) || !isWithin(least, slave.total)) return false
  return [...pathOf(role)].every(
    (each) =>
      !each.settings.limit || isWithinRoom(least, roomIn(each, each.settings.limit), each.settings.limit),
  )
}
const isWithinRoom = (least: Tally, room: Tally, limit: Quota): boolean =>
  kinds.every((kind) => limit[kind] === undefined || least[kind] <= room[kind])

/** Among how many it is split: all who would have it; fewer, when each has refused so small a part, or little is free. */
function countTakers(master: Master, { slave, at, listener }: Look, kind: Kind): number {
  let takers = 0
  let most = 0
  firstServed(master, false, (claim) => {
    const amount = offerable(master, { claim, slave, kind }, at, listener)
    if (!amount) return false
    takers++
    most = Math.max(most, partsWanted(amount, claim.refusals.get(slave)?.resources))
    return false
  })
  return Math.min(partsOf(slave, takers), most)
}

/**
 * Each may have his part of the slave. What is free may be less than all of it: were that split as often again, what is
 * declined would come back as ever smaller crumbs, of which nobody can use one.
 */
function partsOf(slave: Slave, takers: number): number {
  const free = freeOf(slave)
  const freePart = Math.max(...kinds.map((kind) => free[kind] / (slave.total[kind] || 1)))
  return Math.max(1, Math.floor(takers * freePart))
}

/** In how many parts it may go so that one of them is more than was refused. */
function partsWanted(amount: Resources, refused: Resources | undefined): number {
  if (!refused) return Number.POSITIVE_INFINITY
  return Math.max(1, ...kinds.map((kind) => Math.floor(amount[kind] / (refused[kind] + 1))))
}

/** One of so many parts of it; all of it where a part would be too small for the claim. */
function partOf(master: Master, whole: Resources, parts: number, claim: Claim): Resources {
  if (parts <= 1) return whole
  const share = (quantity: number) => Math.floor(quantity / parts)
  const part: Resources = {
    cpuMilli: share(whole.cpuMilli),
    memMb: share(whole.memMb),
    diskMb: share(whole.diskMb),
    gpus: share(whole.gpus),
  }
  const ports = pickPorts(whole.ports, share(countPorts(whole.ports)))
  if (ports && ports.length > 0) part.ports = ports
  if (whole.scalars)
    part.scalars = Object.fromEntries(Object.entries(whole.scalars).map(([name, q]) => [name, share(q)]))
  const least = leastOf(claim)
  return isWorthOffering(master, part) && (!least || fits(least, part)) ? part : whole
}
