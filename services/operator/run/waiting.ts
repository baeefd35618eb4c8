/** Why nothing is placed, as far as the leader's books can tell. */
import type { SlaveRow } from '../../../shared/messages.ts'
import { countPorts, fits, type Resources, subtract } from '../../../shared/resources.ts'
import { all, type Operator } from '../client.ts'
import { amounts } from '../words.ts'
import type { JobPlan } from './plan.ts'

/** One sentence; what cannot be asked is said, too. */
export async function whyWaiting(operator: Operator, plan: JobPlan): Promise<string> {
  try {
    return reason(await all(operator.slaves()), plan)
  } catch (error) {
    return (error as Error).message
  }
}

export function reason(slaves: readonly SlaveRow[], plan: JobPlan): string {
  const { asked, request } = plan
  const ports = request.ports ?? 0
  const active = slaves.filter(({ state }) => state === 'active')
  if (active.length === 0) return 'no slave is there: start one with `proffer slave`'
  const isolated = active.filter(({ isolation }) => !request.image || isolation === 'docker')
  if (isolated.length === 0)
    return 'no slave runs containers: start one with `proffer slave --isolation docker`'
  const matching = isolated.filter((slave) => hasAttributes(slave, plan.attributes))
  if (matching.length === 0) return `no slave has the attributes ${attributesInWords(plan.attributes)}`
  const want = `asked: ${amounts(asked)}${ports > 0 ? `, ${ports} ports` : ''}`
  const largest = matching.filter(({ total }) => holds(total, asked, ports))
  if (largest.length === 0)
    return `${want}; no slave is that large, the largest has ${largestOf(matching, totalOf)}`
  if (largest.some((slave) => holds(freeOf(slave), asked, ports)))
    return `${want}; that is free, and others may be served first`
  return `${want}; at the moment the most that is free is ${largestOf(matching, freeOf)}`
}

const hasAttributes = ({ attributes }: SlaveRow, wanted: JobPlan['attributes']): boolean =>
  Object.entries(wanted).every(([name, value]) => attributes[name] === value)
const attributesInWords = (attributes: JobPlan['attributes']): string =>
  Object.entries(attributes)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')

const holds = (whole: Resources, asked: Resources, ports: number): boolean =>
  fits(asked, whole) && countPorts(whole.ports) >= ports
const totalOf = ({ total }: SlaveRow): Resources => total
const freeOf = ({ total, booked, offered }: SlaveRow): Resources => subtract(subtract(total, booked), offered)

/** The one with the most CPUs, and with the most memory among those. */
function largestOf(slaves: readonly SlaveRow[], measure: (slave: SlaveRow) => Resources): string {
  const [largest] = slaves
    .map((slave) => ({ name: slave.name, has: measure(slave) }))
    .sort((a, b) => b.has.cpuMilli - a.has.cpuMilli || b.has.memMb - a.has.memMb)
  return largest ? `${amounts(largest.has)} (${largest.name})` : 'nothing'
}
