/** Obstacles in words, with the figures that tell somebody what to do about them. */
import { ruleInWords } from '../../shared/attributes.ts'
import { counted } from '../../shared/counted.ts'
import { type ObstacleCode, obstacleMeanings } from '../../shared/messages.ts'
import { inWords, kinds } from '../../shared/resources.ts'
import { type Quota, quotaInWords } from '../../shared/roles.ts'
import { count, excess, isSome, newTally, scalarOf, type Tally } from '../../shared/tally.ts'
import { shareOf } from './allocator/order.ts'
import {
  type Claim,
  type Earmark,
  freeOf,
  type Kept,
  type Master,
  type Refused,
  type Slave,
} from './ledger.ts'
import { isLacking, lackOf, pathOf, type Role } from './roles.ts'

/** The first thing that stands in the way, and what it is about. */
export interface Stopped {
  readonly code: ObstacleCode
  readonly about?: unknown
}

export function obstacleInWords(
  master: Master,
  claim: Claim,
  slave: Slave,
  { code, about }: Stopped,
  at: number,
): string {
  const words = details[code]?.({ master, claim, slave, about, at })
  return words ?? obstacleMeanings[code]
}

interface Case {
  readonly master: Master
  readonly claim: Claim
  readonly slave: Slave
  readonly about: unknown
  readonly at: number
}

const details: Partial<Record<ObstacleCode, (given: Case) => string>> = {
  'framework-away': ({ claim: { framework } }) => `framework ${framework.name} is ${framework.state}`,
  'framework-full': ({ master, claim: { framework } }) =>
    `framework ${framework.name} holds ${counted(framework.offers.size, 'offer')}, and may hold ${master.settings.maxFrameworkOffers}`,
  'slave-away': ({ slave: { name, state, kept } }) =>
    kept ? `slave ${name} is ${state}` : `slave ${name} does not stand in the registry yet`,
  'slave-closed': ({ slave: { name, closed = 'what it holds for roles is being changed' } }) =>
    `slave ${name} takes no tasks for now: ${closed}`,
  constrained: ({ claim: { filters }, about }) => {
    const rule = filters.attributes?.[about as string]
    return about === 'slaves' || rule === undefined
      ? 'it is none of the slaves that the framework names'
      : `the framework asks that ${ruleInWords(about as string, rule)}`
  },
  filtered: ({ about, at }) => {
    const { resources, at: until } = about as Refused
    return `it declined ${inWords(resources)} of it, and refuses as much for ${secondsTo(until, at)} more`
  },
  'role-limit': ({ about }) => {
    const { path, settings, consumed, revocable } = about as Role
    const held = newTally()
    for (const amount of [consumed, revocable]) count(held, amount, 1)
    const part = namedOf(held, settings.limit ?? {})
    return `role ${path} holds or is offered ${inWords(part)}, and its limit is ${quotaInWords(settings.limit ?? {})}`
  },
  reserved: ({ slave }) =>
    [...(slave.reserved ?? [])]
      .map(([role, part]) => `${inWords(part.reserved)} are reserved for role ${role}`)
      .join(', '),
  headroom: ({ claim }) => `what is free is held back for ${owedRoles(claim)}`,
  held: ({ about, at }) => {
    const { role, until, amount } = about as Kept & Partial<Earmark>
    if (amount)
      return `${inWords(amount)} of it were taken back for role ${role.path}, which is owed them: kept for it for ${secondsTo(until, at)} at the most`
    return `it is kept for role ${role.path}, until enough of it is free for one large offer, for ${secondsTo(until, at)} at the most`
  },
  offered: ({ slave, at }) =>
    [...slave.offers]
      .map(
        (offer) =>
          `${inWords(offer.resources)} are offered to ${offer.claim.framework.name} for ${secondsTo(offer.standsUntil, at)} more`,
      )
      .join(', ') || obstacleMeanings.offered,
  'too-small': ({ slave, about }) => {
    const free = inWords(freeOf(slave))
    if (!about) return `${free} of it are free`
    const { least, amount } = about as { least: Tally; amount: Tally }
    const missing = inWords(excess(least, amount))
    const mayHave = isSome(excess(freeOf(slave), amount)) ? `, of which it may have ${inWords(amount)}` : ''
    return `${free} of it are free${mayHave}: ${missing} are missing`
  },
  behind: ({ master, claim, about }) => {
    const first = about as { claim: Claim; share: number } | undefined
    if (!first) return 'others are served before'
    return `next in line with share ${shareOf(master, claim).toFixed(3)}, behind framework ${first.claim.framework.name} in role ${first.claim.as} with ${first.share.toFixed(3)}`
  },
}

/** Of an amount what a quota names. */
function namedOf(amount: Tally, quota: Quota): Tally {
  const part = newTally()
  for (const kind of kinds) if (quota[kind] !== undefined) part[kind] = amount[kind]
  const names = Object.keys(quota.scalars ?? {})
  if (names.length > 0) part.scalars = Object.fromEntries(names.map((name) => [name, scalarOf(amount, name)]))
  return part
}

const secondsTo = (until: number, at: number): string => `${Math.max(0, (until - at) / 1000).toFixed(1)} s`

/** Roles that hold less than their guarantee, as far as this claim is not in them. */
function owedRoles({ role }: Claim): string {
  const own = new Set(pathOf(role))
  const owed: string[] = []
  for (let each: Role | undefined = role; each; each = each.parent) {
    for (const other of each.parent?.children.values() ?? []) if (!own.has(other)) collectLacking(other, owed)
  }
  return owed.slice(0, 5).join(', ') + (owed.length > 5 ? ` and ${owed.length - 5} more` : '') || 'others'
}
function collectLacking(role: Role, owed: string[]): void {
  if (isLacking(role)) owed.push(`role ${role.path}, which lacks ${inWords(lackOf(role))}`)
  else for (const child of role.children.values()) collectLacking(child, owed)
}
