/**
 * What the author wishes to be offered, in each of his roles. A word of it that is lost would stall him for ever: each
 * is acknowledged, and repeated. Of suppressing and reviving the leader says with each beat what he believes; what
 * he does not say anything of stays unheard until he has answered it.
 */
import type { Filters, RoleWish } from '../../shared/messages.ts'
import { type Answered, ask, type Effect, isUnanswered, tell } from '../decision.ts'
import { pushTo } from '../groups.ts'
import { idOf, nextRef, type Scheduler, timeoutMs, toLeader, type Unheard } from './ledger.ts'

/** What goes with a subscription. */
export const wishesOf = (scheduler: Scheduler): RoleWish[] =>
  [...scheduler.wishes].map(([role, { wanted, filters }]) => ({ role, suppressed: !wanted, filters }))

interface Wanted {
  /** The roles in which there is work; in the others there is none. */
  readonly wanted: readonly string[]
}

/** There is work in these roles: wanting nothing suppresses. New work is not to wait for what was refused before it. */
export function wish(scheduler: Scheduler, heard: Wanted): Effect[] {
  const { begun, ended } = changes(scheduler, heard.wanted)
  noteWish(scheduler, heard)
  return [
    ...askWish(scheduler, 'offers.revive', begun),
    ...askUnheard(scheduler),
    ...askWish(scheduler, 'offers.suppress', ended),
  ]
}

/** Before a leader is there, the wish goes with the subscription. */
export function noteWish(scheduler: Scheduler, { wanted }: Wanted): Effect[] {
  const { begun } = changes(scheduler, wanted)
  for (const [role, wish] of scheduler.wishes) wish.wanted = wanted.includes(role)
  noteUnheard(scheduler, begun, undefined)
  return []
}

/** What the leader believes, compared with what is so: the word on it was lost. */
export function repeatWishes(scheduler: Scheduler, suppressed: readonly string[]): Effect[] {
  const lost = [...scheduler.wishes].filter(([role, { wanted }]) => suppressed.includes(role) === wanted)
  const rolesOf = (wanted: boolean) => lost.flatMap(([role, wish]) => (wish.wanted === wanted ? [role] : []))
  return [
    ...askWish(scheduler, 'offers.revive', rolesOf(true)),
    ...askWish(scheduler, 'offers.suppress', rolesOf(false)),
    ...askUnheard(scheduler),
  ]
}

interface Filtered {
  readonly roles: readonly string[]
  readonly filters: Filters
}

/** Only such slaves from now on. */
export function setFilters(scheduler: Scheduler, heard: Filtered): Effect[] {
  noteFilters(scheduler, heard)
  return askUnheard(scheduler)
}
/** They go with the next subscription, and are said behind it: it may be on its way already. */
export function noteFilters(scheduler: Scheduler, { roles, filters }: Filtered): Effect[] {
  for (const role of roles) {
    const wish = scheduler.wishes.get(role)
    if (wish) wish.filters = filters
  }
  noteUnheard(scheduler, roles, filters)
  return []
}

interface Cleared {
  readonly roles: readonly string[]
}

/** What was refused is wanted after all. */
export function clearRefusals(scheduler: Scheduler, heard: Cleared): Effect[] {
  noteCleared(scheduler, heard)
  return askUnheard(scheduler)
}
export function noteCleared(scheduler: Scheduler, { roles }: Cleared): Effect[] {
  noteUnheard(scheduler, roles, undefined)
  return []
}

/** What nobody has answered waits for the next beat that somebody does: only then is anybody there to hear it. */
export function hearAnswer(
  scheduler: Scheduler,
  { ref, answer }: Answered<'filters.set' | 'refusals.clear'>,
): Effect[] {
  const lost = isUnanswered(answer) || (!answer.ok && answer.code === 'framework-unknown')
  for (const [key, unheard] of scheduler.unheard) {
    if (unheard.ref !== ref) continue
    if (lost) unheard.ref = undefined
    else scheduler.unheard.delete(key)
  }
  return lost || answer.ok ? [] : [tell({ news: 'refused', code: answer.code, message: answer.message })]
}

function changes(scheduler: Scheduler, wanted: readonly string[]) {
  const begun: string[] = []
  const ended: string[] = []
  for (const [role, wish] of scheduler.wishes) {
    if (wanted.includes(role) !== wish.wanted) (wish.wanted ? ended : begun).push(role)
  }
  return { begun, ended }
}

const askWish = (
  scheduler: Scheduler,
  type: 'offers.revive' | 'offers.suppress',
  roles: readonly string[],
): Effect[] =>
  roles.length > 0
    ? [
        ask(
          type,
          toLeader,
          { frameworkId: idOf(scheduler), roles: [...roles] },
          nextRef(scheduler),
          timeoutMs(scheduler),
        ),
      ]
    : []

/** `filters` undefined: refusals are to be forgotten. */
function noteUnheard(scheduler: Scheduler, roles: readonly string[], filters: Filters | undefined): void {
  const what = filters ? 'filters' : 'refusals'
  for (const role of roles) scheduler.unheard.set(`${what} ${role}`, { role, filters, ref: undefined })
}

/** Says what is not on its way already; the same of several roles at once. */
function askUnheard(scheduler: Scheduler): Effect[] {
  const waiting = new Map<Filters | undefined, Unheard[]>()
  for (const unheard of scheduler.unheard.values())
    if (unheard.ref === undefined) pushTo(waiting, unheard.filters, unheard)
  return [...waiting].map(([filters, unheard]) => {
    const ref = nextRef(scheduler)
    for (const each of unheard) each.ref = ref
    const body = { frameworkId: idOf(scheduler), roles: unheard.map(({ role }) => role) }
    return filters
      ? ask('filters.set', toLeader, { ...body, filters }, ref, timeoutMs(scheduler))
      : ask('refusals.clear', toLeader, body, ref, timeoutMs(scheduler))
  })
}
