/** A slave's process: it offers what the machine has, and runs what it is told to. */
import type { Attributes } from '../../shared/attributes.ts'
import { warmUp } from '../../shared/codec.ts'
import { executorSettings, readSettings, type SlaveSettings } from '../../shared/config.ts'
import type { Reservation } from '../../shared/messages.ts'
import type { Resources } from '../../shared/resources.ts'
import type { Event } from '../runtime/actor.ts'
import type { ConnectionSettings } from '../runtime/bus/connection.ts'
import { SlaveHost } from '../runtime/host.ts'
import { Member, type MemberOptions, newIncarnation, type Running } from '../runtime/member.ts'
import { Questions } from '../runtime/micro/questions.ts'
import type { Isolation } from '../runtime/ports.ts'
import type { OpenedHoldings } from './holdings.ts'
import { exportSlave, slaveMeter, timedDisk } from './metrics.ts'
import { type Recovered, refuseTooSmall } from './recovered.ts'
import { slaveService } from './service.ts'

export interface SlaveOptions extends Omit<MemberOptions, 'title' | 'who'> {
  readonly name: string
  readonly settings: SlaveSettings
  readonly resources: Resources
  /** What of it is for one role alone. */
  readonly reserved?: readonly Reservation[]
  readonly attributes: Attributes
  readonly isolation: Isolation
  /** Whether what it runs is killed when it stops; else it runs on. */
  readonly killOnStop: boolean
  /** What is left of its earlier process, and where it keeps what it must know; without it, it forgets all when it ends. */
  readonly recovered?: Recovered
  /** What it holds for roles, and where it keeps that; without it, nothing can be reserved on it, and no volumes made. */
  readonly held?: OpenedHoldings
  /** A credentials file for custom executors; without one they get the servers' addresses alone. */
  readonly executorCreds?: string
}

/**
 * Starts a slave. Rejects with BusError when the bus cannot be had, with CheckpointError when it is to offer less than
 * what it runs; with ListenError.
 */
export async function startSlave(options: SlaveOptions): Promise<Running> {
  const {
    name,
    settings,
    resources,
    reserved = [],
    attributes,
    isolation,
    cluster,
    connection,
    recovered,
    held,
  } = options
  const who = { role: 'slave', id: name } as const
  const member = await Member.join({ ...options, title: `proffer slave ${name}`, who })
  const { exporter } = member
  const questions = new Questions()
  const { post, bind } = member.post({ role: 'slave', id: name }, questions)
  const host = new SlaveHost({
    identity: {
      name,
      incarnation: newIncarnation(),
      resources,
      reserved,
      attributes,
      isolation: isolation.name,
      executorEnv: executorEnv(cluster, connection, options.executorCreds),
      ...(recovered?.formerId && { formerId: recovered.formerId }),
    },
    settings,
    executorSettings: readSettings(executorSettings),
    isolation,
    post: (hear) => {
      bind({ hear })
      return post
    },
    ports: {
      ...member.ports(name),
      ...(recovered && { disk: exporter ? timedDisk(exporter.metrics, recovered.disk) : recovered.disk }),
      ...(held && { holdings: held.port }),
      ...(exporter && { meter: slaveMeter(exporter.metrics) }),
    },
    records: recovered?.records ?? [],
    ...(held && { holdings: held.holdings }),
  })
  if (exporter) exportSlave(exporter, host.ledger, () => host.slave.present, member.bus)
  refuseTooSmall(host.ledger, resources)
  if (recovered) await isolation.retain(host.runIds)
  member.serve(slaveService({ cluster, ledger: host.ledger, present: () => host.slave.present, questions }))
  member.onReconnected(() => host.slave.hear({ type: 'reconnected', at: host.slave.now() }))
  warmUp()
  host.start()

  const ended = member.ended.finally(async () => {
    host.halt()
    await isolation.close({ kill: options.killOnStop })
    await held?.close()
    await recovered?.disk.close()
    await member.leave()
  })
  ended.catch(() => {})
  const stop = async () => {
    host.slave.hear({ type: 'stop', at: host.slave.now(), kill: options.killOnStop } as Event)
    await ended.catch(() => {})
  }
  return { name, ended, stop }
}

/** How a custom executor finds the bus. A slave's own secrets are not for whatever it runs. */
function executorEnv(
  cluster: string,
  connection: ConnectionSettings,
  creds: string | undefined,
): Record<string, string> {
  const scheme = connection.tls ? 'tls' : 'nats'
  const env: Record<string, string> = {
    PROFFER_CLUSTER: cluster,
    NATS_URL: connection.servers.map((server) => `${scheme}://${server}`).join(','),
  }
  if (creds) env.NATS_CREDS = creds
  return env
}
