/** What a framework lets the leader offer: filters, suppress and revive. */
import { type Effect, grant, type Heard } from '../decision.ts'
import { frameworkTable, step } from '../lives.ts'
import { callerOf } from './callers.ts'
import { noteWanted } from './freed.ts'
import type { Master } from './ledger.ts'
import { forgetRefusals, rescindOffers } from './offers.ts'

/** Only such slaves from now on. Offers that stand are not touched: the framework holds them and may decline. */
export function setFilters(master: Master, heard: Heard<'filters.set'>): Effect[] {
  const framework = callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  framework.filters = heard.body.filters
  return [...grant(heard, {}), ...noteWanted(master, heard.at)]
}

/** It wants offers, of every slave: what it refused is forgotten. */
export function reviveOffers(master: Master, heard: Heard<'offers.revive'>): Effect[] {
  const framework = callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  framework.suppressed = false
  framework.state = step(frameworkTable, framework.state, 'revive')
  forgetRefusals(framework)
  return [...grant(heard, {}), ...noteWanted(master, heard.at)]
}

/** It wants none until it revives; those that it holds go to others. */
export function suppressOffers(master: Master, heard: Heard<'offers.suppress'>): Effect[] {
  const framework = callerOf(master, heard)
  if (Array.isArray(framework)) return framework
  framework.suppressed = true
  framework.state = step(frameworkTable, framework.state, 'suppress')
  return [...grant(heard, {}), ...rescindOffers(master, framework.offers, 'suppressed', heard.at)]
}
