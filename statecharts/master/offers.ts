/** Offers: made, accepted, declined, rescinded; and the frameworks' refusals, which keep slaves from them for a while. */
import { mint, type OfferId } from '../../shared/ids.ts'
import type { Offer as OfferSaid } from '../../shared/messages.ts'
import { add, fits, isNone, type Resources, subtract, sum } from '../../shared/resources.ts'
import { split } from '../../shared/split.ts'
import { type Effect, grant, type Heard, say, type Woken, wake } from '../decision.ts'
import { pushTo } from '../groups.ts'
import { offerTable, step } from '../lives.ts'
import { callerOf, deny } from './callers.ts'
import { isWorthOffering, noteFreed } from './freed.ts'
import {
  type Framework,
  freeOf,
  isOpen,
  type Master,
  type Offer,
  type Refused,
  type Slave,
  toFramework,
} from './ledger.ts'
import { Line } from './line.ts'
import { flawOfTasks, launchTasks, neededFor } from './tasks.ts'

/** The allocation: each freed slave, whole, to the framework that the policy serves next and that would have it. */
export function makeOffers(master: Master, heard: Woken<'offers'>): Effect[] {
  master.offersDue = false
  master.allocatedAt = heard.at
  const line = new Line(wanting(master), (a, b) => master.policy.before(a, b, master.total))
  const made = new Map<Framework, OfferSaid[]>()
  for (const slave of master.freed) {
    const free = freeOf(slave)
    // It may have fallen silent, or begun to register again, since it was freed.
    if (!isOpen(slave) || !isWorthOffering(master, free)) continue
    const serve = (framework: Framework) => {
      pushTo(made, framework, described(master, makeOffer(master, slave, framework, free, heard.at)))
      framework.share = master.policy.measure(framework, master.total)
    }
    line.serveFirst((framework) => wouldHave(framework, slave, free, heard.at), serve)
  }
  master.freed.clear()
  const said = [...made].flatMap(([framework, offers]) =>
    split(offers).map((some) =>
      say('offer.make', toFramework(framework), { epoch: master.epoch, offers: some }),
    ),
  )
  return made.size > 0
    ? [...said, ...expiryWake(master, heard.at + master.settings.offerSeconds * 1000)]
    : said
}

/** A framework takes offers of one slave: launch its tasks; what they leave is declined, and offered again at once. */
export function acceptOffers(master: Master, heard: Heard<'offer.accept'>): Effect[] {
  const framework = callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  const { offerIds, tasks, refuseSeconds } = heard.body
  if (new Set(offerIds).size < offerIds.length) return deny(master, heard, 'offer-twice')
  const offers = offerIds
    .map((offerId) => master.offers.get(offerId))
    .filter((offer) => offer?.framework === framework)
  const [first] = offers
  if (!first || offers.length < offerIds.length) return deny(master, heard, 'offer-gone')
  const { slave } = first
  if (offers.some((offer) => offer?.slave !== slave)) return deny(master, heard, 'offers-of-several-slaves')

  const flaw = flawOfTasks(master, framework, slave, tasks)
  if (flaw) return deny(master, heard, flaw.code, flaw.detail)
  const offered = sum(offers.map((offer) => offer?.resources ?? first.resources))
  const needed = neededFor(framework, slave, tasks)
  if (!fits(needed, offered))
    return deny(master, heard, 'over-offer', `asked for ${inWords(needed)}, offered were ${inWords(offered)}`)

  for (const offer of offers) if (offer) withdraw(master, offer, 'accept')
  const launched = launchTasks(master, framework, slave, tasks, heard.at)
  return [
    ...grant(heard, { slaveId: slave.slaveId }),
    ...launched,
    ...refuseSlave(master, framework, slave, subtract(offered, needed), refuseSeconds, heard.at),
    ...noteFreed(master, slave, heard.at),
  ]
}

/** A framework does not want these. Those that have gone meanwhile are left out of account, unless all have. */
export function declineOffers(master: Master, heard: Heard<'offer.decline'>): Effect[] {
  const framework = callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  const { offerIds, refuseSeconds, reason = 'unsaid' } = heard.body
  const effects: Effect[] = []
  let declined = 0
  for (const offerId of offerIds) {
    const offer = master.offers.get(offerId)
    if (offer?.framework !== framework) continue
    declined++
    withdraw(master, offer, 'decline')
    effects.push(...refuseSlave(master, framework, offer.slave, offer.resources, refuseSeconds, heard.at))
    effects.push(...noteFreed(master, offer.slave, heard.at))
  }
  if (declined === 0) return deny(master, heard, 'offer-gone')
  countDeclines(framework, reason, declined)
  return [...grant(heard, {}), ...effects]
}

/** Takes offers back and tells whoever holds them. */
export function rescindOffers(master: Master, offers: Iterable<Offer>, reason: string, at: number): Effect[] {
  const rescinded = new Map<Framework, OfferId[]>()
  const effects: Effect[] = []
  for (const offer of [...offers]) {
    withdraw(master, offer, 'rescind')
    pushTo(rescinded, offer.framework, offer.offerId)
    effects.push(...noteFreed(master, offer.slave, at))
  }
  for (const [framework, offerIds] of rescinded) {
    effects.push(say('offer.rescind', toFramework(framework), { epoch: master.epoch, offerIds, reason }))
  }
  return effects
}

/** The time of an offer, or of a refusal, is over. */
export function expireOffers(master: Master, heard: Woken<'expiries'>): Effect[] {
  master.expiryWakeAt = Number.POSITIVE_INFINITY
  const expired: Offer[] = []
  for (const offer of master.offers.values()) {
    if (offer.standsUntil > heard.at) break
    expired.push(offer)
  }
  const effects = rescindOffers(master, expired, 'expired', heard.at)
  for (let refused = master.refusals.popDue(heard.at); refused; refused = master.refusals.popDue(heard.at)) {
    effects.push(...lapse(master, refused, heard.at))
  }
  return [...effects, ...expiryWake(master, nextExpiry(master))]
}

/** A framework has asked for offers again: what it refused is forgotten early. */
export function forgetRefusals(framework: Framework): void {
  for (const refused of framework.refusals.values()) refused.state = step(offerTable, refused.state, 'lapse')
  framework.refusals.clear()
}

/** An offer leaves the books; `fact` says how. */
function withdraw(master: Master, offer: Offer, fact: 'accept' | 'decline' | 'rescind'): void {
  const { slave, framework, resources } = offer
  offer.state = step(offerTable, offer.state, fact)
  master.offers.delete(offer.offerId)
  slave.offers.delete(offer)
  framework.offers.delete(offer)
  slave.offered = subtract(slave.offered, resources)
  framework.offered = subtract(framework.offered, resources)
  framework.share = Number.NaN
  master.offered = subtract(master.offered, resources)
}

function makeOffer(
  master: Master,
  slave: Slave,
  framework: Framework,
  resources: Resources,
  at: number,
): Offer {
  const offer: Offer = {
    offerId: mint<OfferId>(master.epoch, 'O', ++master.counts.offers),
    slave,
    framework,
    resources,
    standsUntil: at + master.settings.offerSeconds * 1000,
    state: 'pending',
  }
  master.offers.set(offer.offerId, offer)
  slave.offers.add(offer)
  framework.offers.add(offer)
  slave.offered = add(slave.offered, resources)
  framework.offered = add(framework.offered, resources)
  framework.share = Number.NaN
  master.offered = add(master.offered, resources)
  return offer
}

const described = (master: Master, { offerId, slave, framework, resources }: Offer): OfferSaid => ({
  offerId,
  slaveId: slave.slaveId,
  slaveName: slave.name,
  role: framework.role,
  resources,
  attributes: slave.attributes,
  isolation: slave.isolation,
  executors: [...slave.executors.values()]
    .filter((executor) => executor.frameworkId === framework.frameworkId)
    .map((executor) => executor.name),
  standsSeconds: master.settings.offerSeconds,
})

/** Who wants offers, with what the policy goes by measured where it has changed. */
function wanting(master: Master): Framework[] {
  const frameworks: Framework[] = []
  for (const framework of master.frameworks.values()) {
    if (framework.state !== 'active' || !framework.kept) continue
    if (Number.isNaN(framework.share)) framework.share = master.policy.measure(framework, master.total)
    frameworks.push(framework)
  }
  return frameworks
}

/** Whether the framework's filters and refusals let this slave pass with so much free. */
function wouldHave(framework: Framework, slave: Slave, free: Resources, at: number): boolean {
  const refused = framework.refusals.get(slave.slaveId)
  if (refused && refused.at > at && fits(free, refused.resources)) return false
  const { slaves, atLeast, attributes } = framework.filters
  if (slaves && !slaves.includes(slave.name)) return false
  if (atLeast && !fits(atLeast, free)) return false
  return !attributes || Object.entries(attributes).every(([name, value]) => slave.attributes[name] === value)
}

/** Remembers that the framework does not want this much of the slave for a while. */
function refuseSlave(
  master: Master,
  framework: Framework,
  slave: Slave,
  resources: Resources,
  refuseSeconds: number,
  at: number,
): Effect[] {
  if (refuseSeconds === 0 || isNone(resources)) return []
  const until = at + Math.min(refuseSeconds, master.settings.maxRefuseSeconds) * 1000
  const refused: Refused = {
    slave,
    framework,
    resources,
    at: until,
    state: step(offerTable, 'declined', 'filter'),
  }
  framework.refusals.set(slave.slaveId, refused)
  master.refusals.push(refused)
  return expiryWake(master, until)
}

function lapse(master: Master, refused: Refused, at: number): Effect[] {
  const { framework, slave } = refused
  refused.state = step(offerTable, refused.state, 'lapse')
  // A later refusal, or a revival, has taken its place.
  if (framework.refusals.get(slave.slaveId) !== refused) return []
  framework.refusals.delete(slave.slaveId)
  return noteFreed(master, slave, at)
}

/** One wake for the earliest of all: asked for anew only when something comes in that is earlier. */
function expiryWake(master: Master, at: number): Effect[] {
  if (at >= master.expiryWakeAt) return []
  master.expiryWakeAt = at
  return [wake('expiries', at)]
}

function nextExpiry(master: Master): number {
  const [oldest] = master.offers.values()
  return Math.min(
    oldest?.standsUntil ?? Number.POSITIVE_INFINITY,
    master.refusals.peek()?.at ?? Number.POSITIVE_INFINITY,
  )
}

/** Reasons are the author's words; only so many different ones are counted, the rest together. */
const maxDeclineReasons = 100
function countDeclines(framework: Framework, reason: string, declined: number): void {
  const counted =
    framework.declines.has(reason) || framework.declines.size < maxDeclineReasons ? reason : 'other'
  framework.declines.set(counted, (framework.declines.get(counted) ?? 0) + declined)
}

const inWords = ({ cpuMilli, memMb, diskMb, gpus, ports, scalars }: Resources) =>
  [
    `${cpuMilli / 1000} cpus`,
    `${memMb} MiB`,
    diskMb && `${diskMb} MiB disk`,
    gpus && `${gpus} gpus`,
    ports?.length && `ports ${ports.slice(0, 3).map(([first, last]) => `${first}-${last}`)}`,
    scalars &&
      Object.entries(scalars)
        .map(([name, quantity]) => `${quantity / 1000} ${name}`)
        .join(', '),
  ]
    .filter(Boolean)
    .join(', ')
