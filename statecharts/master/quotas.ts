/** Whether guarantees and limits make sense together, with the arithmetic for whoever has set them. */
import type { RefusalCode } from '../../shared/errors.ts'
import { fits, inWords, kinds } from '../../shared/resources.ts'
import { asAmount, parentOf, type Quota, quotaInWords, type RoleSettings } from '../../shared/roles.ts'
import { count, excess, newTally, scalarOf, type Tally } from '../../shared/tally.ts'

export interface Flaw {
  readonly code: RefusalCode
  readonly detail: string
}
type Settings = Readonly<Record<string, RoleSettings>>

/**
 * What is wrong; undefined when nothing is. Guarantees that exceed the cluster already, because it has shrunk or by force,
 * may stay as they are and be lowered, and not be raised.
 */
export function flawOfQuotas(
  roles: Settings,
  before: Settings,
  total: Tally,
  force: boolean,
): Flaw | undefined {
  const owed = owedByRole(roles)
  for (const [path, { guarantee, limit }] of Object.entries(roles)) {
    const below = owed.below.get(path) ?? newTally()
    const flaw =
      (guarantee && limit && flawed(`role ${path} is`, asAmount(guarantee), limit, 'its limit is')) ??
      (guarantee && flawed(`the roles below ${path} are`, below, guarantee, 'it itself')) ??
      (limit && flawed(`the roles below ${path} are`, below, limit, 'its limit is'))
    if (flaw) return flaw
  }
  const beyondCluster = excess(owed.all, total)
  const raised = excess(owed.all, owedByRole(before).all)
  const isRaised = kinds.some((kind) => beyondCluster[kind] > 0 && raised[kind] > 0)
  if (force) return undefined
  const unknown = strangeScalar(roles, before, total)
  if (unknown !== undefined)
    return {
      code: 'bad-sharing',
      detail: `no slave has any ${unknown}: is another resource meant, such as cpus, mem, disk or gpus?`,
    }
  if (fits(owed.all, total) || !isRaised) return undefined
  const detail = `guarantees would add up to ${inWords(owed.all)}, and the cluster has ${inWords(total)}`
  return { code: 'over-guarantee', detail }
}

function flawed(whose: string, guaranteed: Tally, quota: Quota, what: string): Flaw | undefined {
  const excessive = beyond(guaranteed, quota)
  if (!excessive) return undefined
  const detail = `${whose} guaranteed ${inWords(guaranteed)}, and ${what} ${quotaInWords(quota)}`
  return { code: 'bad-sharing', detail }
}

/** What a quota that is new names by a name of its own, and no slave declares. */
function strangeScalar(roles: Settings, before: Settings, total: Tally): string | undefined {
  const namesIn = (settings: RoleSettings = {}) =>
    [settings.guarantee, settings.limit, settings.minOffer].flatMap((quota) =>
      Object.keys(quota?.scalars ?? {}),
    )
  for (const [path, settings] of Object.entries(roles)) {
    const known = new Set(namesIn(Object.hasOwn(before, path) ? before[path] : undefined))
    const strange = namesIn(settings).find((name) => !known.has(name) && scalarOf(total, name) === 0)
    if (strange !== undefined) return strange
  }
  return undefined
}

/** Whether an amount is more than a quota, of what the quota names. */
function beyond(amount: Tally, quota: Quota): boolean {
  if (kinds.some((kind) => quota[kind] !== undefined && amount[kind] > quota[kind])) return true
  return Object.entries(quota.scalars ?? {}).some(([name, most]) => (amount.scalars?.[name] ?? 0) > most)
}

/** What is guaranteed to all roles below each role together, and to all: to each its own, or what is below it if that is more. */
function owedByRole(roles: Settings): { below: Map<string, Tally>; all: Tally } {
  const below = new Map<string, Tally>()
  const all = newTally()
  const paths = new Set<string>()
  for (const path of Object.keys(roles))
    for (let each: string | undefined = path; each !== undefined; each = parentOf(each)) paths.add(each)
  const deepestFirst = [...paths].sort((a, b) => b.split('/').length - a.split('/').length)
  for (const path of deepestFirst) {
    const guarantee = (Object.hasOwn(roles, path) && roles[path]?.guarantee) || {}
    const children = below.get(path) ?? newTally()
    const owed = excess(asAmount(guarantee), children)
    count(owed, children, 1)
    const above = parentOf(path)
    const sum = above === undefined ? all : (below.get(above) ?? newTally())
    count(sum, owed, 1)
    if (above !== undefined) below.set(above, sum)
  }
  return { below, all }
}
