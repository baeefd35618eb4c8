/** Why nothing is placed: what no slave can do, and else what the leader says. */
import { type AttributeRules, ruleInWords, unmetRule } from '../../../shared/attributes.ts'
import { counted } from '../../../shared/counted.ts'
import type { FrameworkId } from '../../../shared/ids.ts'
import { type ExplainRow, obstacleMeanings, type SlaveRow } from '../../../shared/messages.ts'
import { countPorts, fits, type Resources } from '../../../shared/resources.ts'
import { all, type Operator } from '../client.ts'
import { amounts } from '../words.ts'
import type { JobPlan } from './plan.ts'

export interface Waiting {
  /** The same for as long as the same stands in the way, whatever its figures are by now. */
  readonly cause: string
  readonly sentence: string
}

/** What cannot be asked is said, too. */
export async function whyWaiting(
  operator: Operator,
  plan: JobPlan,
  frameworkId: FrameworkId | undefined,
): Promise<Waiting> {
  try {
    const never = whyNever(await all(operator.slaves()), plan)
    if (never !== undefined || frameworkId === undefined) return same(never ?? 'nobody leads')
    return await whyNotNow(operator, plan, frameworkId)
  } catch (error) {
    return same((error as Error).message)
  }
}

const same = (sentence: string): Waiting => ({ cause: sentence, sentence })

/** What no slave that is there can ever do; undefined when one could. */
function whyNever(slaves: readonly SlaveRow[], plan: JobPlan): string | undefined {
  const { request } = plan
  const active = slaves.filter(({ state }) => state === 'active')
  if (active.length === 0) return 'no slave is there: start one with `proffer slave`'
  const isolated = active.filter(({ isolation }) => !request.image || isolation === 'docker')
  if (isolated.length === 0)
    return 'no slave runs containers: start one with `proffer slave --isolation docker`'
  const matching = isolated.filter((slave) => unmetRule(slave.attributes, plan.attributes) === undefined)
  if (matching.length === 0)
    return `there is no slave of which it is true that ${rulesInWords(plan.attributes)}`
  if (matching.some(({ total }) => holds(total, plan))) return undefined
  return `${askedInWords(plan)}; no slave is that large, the largest has ${largestOf(matching)}`
}

/** What the leader itself says: of the slave that is the nearest to being offered, and how many are like it. */
async function whyNotNow(operator: Operator, plan: JobPlan, frameworkId: FrameworkId): Promise<Waiting> {
  const { asked: resources, attributes } = plan
  const { counts, slaves } = await operator.ask('explain.get', { frameworkId, resources, attributes })
  const [nearest] = slaves.sort((a, b) => nearness(b) - nearness(a))
  if (!nearest) return same('no slave is as it must be')
  const { obstacle = 'none', slaveName, message } = nearest
  const others = Object.entries(counts).map(([code, count]) => `${count} ${code}`)
  const said = `of ${slaveName}: ${message} (slaves: ${others.join(', ')}; \`proffer explain ${frameworkId}\` says more)`
  return { cause: obstacle, sentence: `${askedInWords(plan)}; ${said}` }
}

/** Obstacles stand in the order in which they are looked for: the later, the nearer. */
const nearness = ({ obstacle }: ExplainRow): number =>
  obstacle === undefined ? Number.POSITIVE_INFINITY : obstacles.indexOf(obstacle)
const obstacles = Object.keys(obstacleMeanings)

const askedInWords = ({ asked, request: { ports = 0 } }: JobPlan): string =>
  `asked: ${amounts(asked)}${ports > 0 ? `, ${counted(ports, 'port')}` : ''}`
const rulesInWords = (rules: AttributeRules): string =>
  Object.entries(rules)
    .map(([name, rule]) => ruleInWords(name, rule))
    .join(', ')

const holds = (whole: Resources, { asked, request: { ports = 0 } }: JobPlan): boolean =>
  fits(asked, whole) && countPorts(whole.ports) >= ports

/** The one with the most CPUs, and with the most memory among those. */
function largestOf(slaves: readonly SlaveRow[]): string {
  const [largest] = [...slaves].sort(
    ({ total: a }, { total: b }) => b.cpuMilli - a.cpuMilli || b.memMb - a.memMb,
  )
  return largest ? `${amounts(largest.total)} (${largest.name})` : 'nothing'
}
