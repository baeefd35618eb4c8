/** What a framework lets the leader offer, role by role: filters, suppress and revive. */
import { type Effect, grant, type Heard } from '../decision.ts'
import { callerOf, deny } from './callers.ts'
import { countWanting, suppress, wantsNone } from './claims.ts'
import { noteWanted } from './freed.ts'
import type { Claim, Framework, Master } from './ledger.ts'
import { moveFramework } from './moves.ts'
import { rescindOffers } from './offers.ts'
import { forgetRefusals } from './refusals.ts'
import { resolved } from './roles.ts'

type Wish = 'filters.set' | 'offers.revive' | 'offers.suppress' | 'refusals.clear'

/** Only such slaves from now on. Offers that stand are not touched: the framework holds them and may decline. */
export const setFilters = (master: Master, heard: Heard<'filters.set'>): Effect[] =>
  forEachRole(master, heard, (_framework, claims) => {
    for (const claim of claims) Object.assign(claim, { filters: heard.body.filters, declinedInRow: 0 })
    return noteWanted(master, claims, heard.at)
  })

/** It wants offers. What it refused it refuses yet. */
export const reviveOffers = (master: Master, heard: Heard<'offers.revive'>): Effect[] =>
  forEachRole(master, heard, (framework, claims) => {
    for (const claim of claims) suppress(claim, heard.body.roles, false)
    moveFramework(master, framework, 'revive')
    countWanting(master, framework)
    return noteWanted(master, claims, heard.at)
  })

/** What it refused is forgotten. */
export const clearRefusals = (master: Master, heard: Heard<'refusals.clear'>): Effect[] =>
  forEachRole(master, heard, (_framework, claims) => {
    for (const claim of claims) forgetRefusals(master, claim)
    return noteWanted(master, claims, heard.at)
  })

/** It wants none until it revives; those that it holds go to others. */
export const suppressOffers = (master: Master, heard: Heard<'offers.suppress'>): Effect[] =>
  forEachRole(master, heard, (framework, claims) => {
    for (const claim of claims) suppress(claim, heard.body.roles, true)
    if (isSuppressed(framework)) moveFramework(master, framework, 'suppress')
    countWanting(master, framework)
    const held = [...framework.offers].filter(({ claim }) => claims.includes(claim) && wantsNone(claim))
    return rescindOffers(master, held, 'suppressed', heard.at)
  })

/** Whether it wants offers in none of its roles. */
export const isSuppressed = (framework: Framework): boolean => subscribedClaims(framework).every(wantsNone)
export const subscribedClaims = ({ claims }: Framework): Claim[] =>
  [...claims.values()].filter(({ subscribed }) => subscribed)

/** Done in all of its roles that are meant, or in none. */
function forEachRole<T extends Wish>(
  master: Master,
  heard: Heard<T>,
  act: (framework: Framework, claims: readonly Claim[]) => Effect[],
): Effect[] {
  const framework = callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  const { roles } = heard.body
  const claims = roles
    ? roles.map((role) => framework.claims.get(resolved(master, role)))
    : subscribedClaims(framework)
  const known = claims.filter((claim) => claim?.subscribed) as Claim[]
  if (known.length < claims.length) return deny(master, heard, 'role-unknown', `roles ${roles?.join(', ')}`)
  return [...grant<Wish>(heard, {}), ...act(framework, known)]
}
