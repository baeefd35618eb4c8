/** The NATS server: how far away, how old, how much it carries, and whether somebody leads. */
import { BusError } from '../../runtime/bus/busError.ts'
import { atLeast } from '../../runtime/bus/kvStream.ts'
import type { Bus } from '../../runtime/ports.ts'
import { type Operator, Refused } from '../client.ts'
import { ago } from '../words.ts'
import { type Finding, fail, ok, type Patient, warn } from './finding.ts'

const mib = 1024 * 1024
const flights = 5
/** Beats, leases and launches are made for a local network. */
const slowMs = 100

export async function checkServer(bus: Bus, where: string): Promise<Finding[]> {
  const rtt = await roundTripMs(bus)
  const found = `connected to ${where}, round trip ${rtt.toFixed(1)} ms`
  const far = 'run masters and slaves nearer to the bus, or give them longer timeouts'
  const connection = rtt > slowMs ? warn('connection', found, far) : ok('connection', found)
  return [connection, versionFinding(bus.serverVersion), payloadFinding(bus.maxPayload)]
}

/** Whether somebody leads; a cluster that is only being set up needs nobody yet. */
export async function checkLeader(operator: Operator, { cluster }: Patient): Promise<Finding> {
  try {
    const { leader, epoch, since } = await operator.ask('cluster.get', {})
    return ok('leader', `${leader} leads cluster ${cluster}, for ${ago(since)} (epoch ${epoch})`)
  } catch (error) {
    if (error instanceof Refused && error.code === 'no-leader')
      return warn('leader', `no master leads cluster ${cluster} yet`, 'start one: `proffer master`')
    if (error instanceof BusError && error.code === 'denied')
      return ok('leader', 'only an operator may ask who leads, and this user is none')
    return fail('leader', (error as Error).message, 'look into the log of the master')
  }
}

/** The middle one of several: the first pays for what nobody else does. */
async function roundTripMs(bus: Bus): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < flights; i++) {
    const start = performance.now()
    await bus.flush()
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[Math.floor(flights / 2)] ?? 0
}

/** What is known of versions: which lack something, and which lose something. */
export function versionFinding(version: string): Finding {
  const found = `nats-server ${version}`
  if (!atLeast(version, [2, 9, 0]))
    return fail('server', `${found} lacks what the lease is built on`, 'update it to 2.11 or newer')
  if (atLeast(version, [2, 10, 20]) && !atLeast(version, [2, 10, 23]))
    return warn(
      'server',
      `${found} may lose a whole stream when it is killed`,
      'update it to 2.10.23 or newer',
    )
  const supported = atLeast(version, [2, 11, 0])
  return ok('server', supported ? found : `${found}, which is good for this, and no longer maintained`)
}

function payloadFinding(bytes: number): Finding {
  const found = `a message may have ${(bytes / mib).toFixed(1)} MiB`
  if (bytes >= mib) return ok('payload', found)
  return warn(
    'payload',
    `${found}; offers and reports are made for 1 MiB`,
    'set max_payload: 1MB in nats.conf',
  )
}
