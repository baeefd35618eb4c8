/** Offers: made, accepted, declined, rescinded. */
import type { OfferId } from '../../shared/ids.ts'
import type { Offer as OfferSaid } from '../../shared/messages.ts'
import { fits, inWords, subtract, sum } from '../../shared/resources.ts'
import { split } from '../../shared/split.ts'
import { type Effect, grant, type Heard, note, say, type Woken, wake } from '../decision.ts'
import { pushTo } from '../groups.ts'
import { allocate } from './allocator/allocate.ts'
import { isWhole } from './allocator/judge.ts'
import { leaveOffer } from './books.ts'
import { callerOf, deny } from './callers.ts'
import { noteEased, noteFreed, offersSoon } from './freed.ts'
import { changedBy, changeHoldings, flawOfOwnChange, unusedVolumes } from './holdings.ts'
import { endKept, keptUntil } from './kept.ts'
import { type Framework, type Master, type Offer, type OfferEnd, toFramework } from './ledger.ts'
import { moveOffer, tellOffer } from './moves.ts'
import { backedOffSeconds, lapse, refuseSlave, type Unwanted } from './refusals.ts'
import { flawOfTasks, launchTasks, neededFor, stamped } from './tasks.ts'

/** The allocation: what is free goes to whom the policy serves next, and each framework hears of its offers at once. */
export function makeOffers(master: Master, heard: Woken<'offers'>): Effect[] {
  master.offersDue = false
  master.allocatedAt = heard.at
  // What is free waits for somebody who wants it.
  if (master.wanting.isEmpty) return []
  const slaves = takeSome(master.freed, master.settings.slavesPerRun)
  const flawBefore = master.policyFlaw
  const made = new Map<Framework, OfferSaid[]>()
  for (const offer of allocate(master, slaves, heard.at)) {
    const { framework } = offer.claim
    framework.offeredAt = heard.at
    tellOffer(master, offer)
    if (isWhole(master, offer.claim, offer.resources)) master.waiting.delete(offer.claim)
    pushTo(made, framework, described(master, offer))
  }
  const said = [...made].flatMap(([framework, offers]) =>
    split(offers).map((some) =>
      say('offer.make', toFramework(framework), { epoch: master.epoch, offers: some }),
    ),
  )
  const flaw = master.policyFlaw
  return [
    ...said,
    ...(flaw !== undefined && flaw !== flawBefore ? [note('error', flaw)] : []),
    ...expiryWake(master, nextExpiry(master)),
    ...noteEased(master, heard.at),
    ...offersSoon(master, heard.at),
  ]
}

/** The first of them, which leave the set. */
function takeSome<Item>(set: Set<Item>, most: number): Item[] {
  const some: Item[] = []
  for (const item of set) {
    if (some.length >= most) break
    set.delete(item)
    some.push(item)
  }
  return some
}

/** A framework takes offers of one slave: launch its tasks; what they leave is declined, and offered again at once. */
export function acceptOffers(master: Master, heard: Heard<'offer.accept'>): Effect[] {
  const framework = callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  const { offerIds, refuseSeconds } = heard.body
  if (new Set(offerIds).size < offerIds.length) return deny(master, heard, 'offer-twice')
  const offers = offerIds.flatMap((offerId) => standing(master, framework, offerId))
  const [first] = offers
  if (!first || offers.length < offerIds.length) return deny(master, heard, 'offer-gone')
  const { slave, claim, kind } = first
  if (offers.some((offer) => offer.slave !== slave)) return deny(master, heard, 'offers-of-several-slaves')
  if (offers.some((offer) => offer.claim !== claim || offer.kind !== kind))
    return deny(master, heard, 'offers-of-several-kinds')

  const change = changedBy(claim.role.path, heard.body)
  if (change && kind !== 'regular')
    return deny(master, heard, 'bad-reservation', `nothing lasting is reserved on what is ${kind}`)
  const tasks = heard.body.tasks.map((task) => stamped(master, first, task))
  const flaw = flawOfTasks(master, first, tasks, change)
  if (flaw) return deny(master, heard, flaw.code, flaw.detail)
  const offered = sum(offers.map(({ resources }) => resources))
  const needed = neededFor(first, tasks)
  if (!fits(needed, offered))
    return deny(master, heard, 'over-offer', `asked for ${inWords(needed)}, offered were ${inWords(offered)}`)
  const flawed = change && flawOfOwnChange(master, first, change, offered, needed)
  if (flawed) return deny(master, heard, flawed.code, flawed.detail)

  for (const offer of offers) withdraw(master, offer, 'accept', heard.at)
  if (tasks.length > 0) claim.declinedInRow = 0
  const changed = change ? changeHoldings(master, slave, change, { type: heard.type }) : []
  const launched = launchTasks(master, first, tasks, heard.at)
  return [
    ...grant(heard, { slaveId: slave.slaveId }),
    ...changed,
    ...launched,
    ...refuse(master, { claim, slave, resources: subtract(offered, needed) }, refuseSeconds, heard.at),
    ...noteFreed(master, slave, heard.at),
  ]
}

/** A framework does not want these. Those that have gone meanwhile are left out of account, unless all have. */
export function declineOffers(master: Master, heard: Heard<'offer.decline'>): Effect[] {
  const framework = callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  const { offerIds, refuseSeconds, reason = 'unsaid' } = heard.body
  const offers = offerIds.flatMap((offerId) => standing(master, framework, offerId))
  if (offers.length === 0) return deny(master, heard, 'offer-gone')
  const effects: Effect[] = []
  let longest: number | undefined
  for (const offer of offers) {
    const { slave, claim } = offer
    withdraw(master, offer, 'decline', heard.at)
    claim.declinedInRow++
    const backedOff = backedOffSeconds(master, claim)
    if (backedOff !== undefined) longest = Math.max(longest ?? 0, backedOff)
    const seconds = Math.max(refuseSeconds, backedOff ?? 0)
    effects.push(...refuse(master, offer, seconds, heard.at))
    effects.push(...noteFreed(master, slave, heard.at))
  }
  countDeclines(framework, reason, offers.length)
  return [...grant(heard, longest === undefined ? {} : { backedOff: longest }), ...effects]
}

/** Takes offers back and tells whoever holds them. */
export function rescindOffers(master: Master, offers: Iterable<Offer>, reason: string, at: number): Effect[] {
  const rescinded = new Map<Framework, OfferId[]>()
  const effects: Effect[] = []
  for (const offer of [...offers]) {
    withdraw(master, offer, 'rescind', at)
    pushTo(rescinded, offer.claim.framework, offer.offerId)
    effects.push(...noteFreed(master, offer.slave, at))
  }
  for (const [framework, offerIds] of rescinded) {
    effects.push(say('offer.rescind', toFramework(framework), { epoch: master.epoch, offerIds, reason }))
  }
  return [...effects, ...noteEased(master, at)]
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
    if (lapse(master, refused)) effects.push(...noteFreed(master, refused.slave, heard.at))
  }
  for (const slave of endKept(master, heard.at)) effects.push(...noteFreed(master, slave, heard.at))
  return [...effects, ...expiryWake(master, nextExpiry(master))]
}

/** The offer of this id, if it stands and is the framework's. */
function standing(master: Master, framework: Framework, offerId: OfferId): Offer[] {
  const offer = master.offers.get(offerId)
  return offer?.claim.framework === framework ? [offer] : []
}

/** An offer leaves the books; `fact` says how. */
function withdraw(master: Master, offer: Offer, fact: OfferEnd, at: number): void {
  moveOffer(master, offer, fact)
  leaveOffer(master, offer, at)
}

function described({ settings }: Master, offer: Offer): OfferSaid {
  const { offerId, slave, claim, resources, kind } = offer
  const volumes = unusedVolumes(slave, claim)
  return {
    offerId,
    slaveId: slave.slaveId,
    slaveName: slave.name,
    role: claim.as,
    resources,
    ...(kind === 'revocable' && { revocable: true }),
    ...(kind === 'short' && { maxSeconds: settings.shortTaskSeconds }),
    ...(volumes.length > 0 && kind === 'regular' && { volumes }),
    attributes: slave.attributes,
    isolation: slave.isolation,
    executors: [...slave.executors.values()]
      .filter((executor) => executor.claim.framework === claim.framework)
      .map((executor) => executor.name),
    standsSeconds: settings.offerSeconds,
  }
}

function refuse(master: Master, unwanted: Unwanted, refuseSeconds: number, at: number): Effect[] {
  const until = refuseSlave(master, unwanted, refuseSeconds, at)
  return until === undefined ? [] : expiryWake(master, until)
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
    ...[...master.keptSlaves].map(keptUntil),
  )
}

/** Reasons are the author's words; only so many different ones are counted, the rest together. */
const maxDeclineReasons = 100
function countDeclines(framework: Framework, reason: string, declined: number): void {
  const counted =
    framework.declines.has(reason) || framework.declines.size < maxDeclineReasons ? reason : 'other'
  framework.declines.set(counted, (framework.declines.get(counted) ?? 0) + declined)
}
