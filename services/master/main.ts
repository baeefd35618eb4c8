/** A master's process: it stands by, or leads, until it is stopped. */

import { setTimeout as delay } from 'node:timers/promises'
import { warmUp } from '../../shared/codec.ts'
import type { MasterSettings } from '../../shared/config.ts'
import type { Policies } from '../../statecharts/master/allocator/allocator.ts'
import { masterChart } from '../../statecharts/master/chart.ts'
import { newMaster } from '../../statecharts/master/ledger.ts'
import { Actor, type Event, type Note } from '../runtime/actor.ts'
import { BusError } from '../runtime/bus/busError.ts'
import { connectBus } from '../runtime/bus/nats.ts'
import { busNoteTo, noteTo } from '../runtime/log.ts'
import { Member, type MemberOptions, newIncarnation, type Running } from '../runtime/member.ts'
import { Questions } from '../runtime/micro/questions.ts'
import { bucketName, leaseIn } from '../runtime/overBus.ts'
import { version } from '../runtime/package.ts'
import type { Bucket, BucketOptions, Bus, Clock } from '../runtime/ports.ts'
import { Registry } from '../runtime/registry.ts'
import { exportMaster } from './metrics.ts'
import { masterService } from './service.ts'
import { timedPolicies } from './timedPolicies.ts'

export interface MasterOptions extends Omit<MemberOptions, 'title' | 'who'> {
  readonly name: string
  readonly settings: MasterSettings
  /** Beside those that are built in. */
  readonly policies?: Policies
  /** Of the lease's bucket: as many as there are JetStream servers, up to 3. */
  readonly replicas: number
}

/** Starts a master. Rejects with BusError when the bus, or its JetStream, cannot be had; with ListenError. */
export async function startMaster(options: MasterOptions): Promise<Running> {
  const { name, settings, cluster, log, connection } = options
  const title = `proffer master ${name}`
  const who = { role: 'master', id: name } as const
  const member = await Member.join({ ...options, title, who })
  // A connection of its own: a flood of other messages must not delay a renewal.
  const leaseBus = await connectBus({
    connection,
    name: `${title} lease`,
    onNote: busNoteTo(log, who),
  })
  const { lease, registry } = await openStores(options, leaseBus, member.clock, noteTo(log, who))

  const questions = new Questions()
  const { post, bind } = member.post({ role: 'master', id: '' }, questions)
  const policies = timedPolicies(options.policies ?? {}, settings.policySlowMs, () => performance.now())
  const ledger = newMaster(name, newIncarnation(), settings, policies)
  const present = () => actor.present
  const { exporter, clock } = member
  const buses = { main: member.bus, lease: leaseBus }
  const measured = exporter && exportMaster(exporter, { ledger, present, clock, buses, lease })
  const actor: Actor = new Actor(
    { chart: masterChart, ledger, role: 'master', id: name },
    { ...member.ports(name), post, registry, lease, ...measured },
  )
  bind(actor)
  member.serve(masterService({ cluster, ledger, present, questions }))
  member.onDisconnected(() => actor.hear({ type: 'disconnected', at: actor.now() }))
  member.onReconnected(() => actor.hear({ type: 'reconnected', at: actor.now() }))
  warmUp()
  actor.hear({ type: 'start', at: actor.now() })

  const ended = member.ended.finally(async () => {
    actor.halt()
    await Promise.all([lease.settled(), registry.settled()])
    await Promise.all([member.leave(), leaseBus.drain()])
  })
  ended.catch(() => {})
  const stop = async () => {
    actor.hear({ type: 'stop', at: actor.now() } as Event)
    await ended.catch(() => {})
  }
  return { name, ended, stop }
}

/** Where its lease is, and what outlives every leader. */
async function openStores(options: MasterOptions, bus: Bus, clock: Clock, note: Note) {
  const { name, cluster, replicas, settings } = options
  const retryMs = settings.standbyPollSeconds * 1000
  const open = (kind: string, more: BucketOptions) =>
    opened(bus, bucketName(cluster, kind), more, retryMs, note)
  const leader = await open('leader', { replicas, ttlMs: settings.leaseTtlSeconds * 1000 })
  const registry = new Registry({ bucket: await open('registry', { replicas }), clock, retryMs, note })
  return { lease: leaseIn(leader, 'leader', { name, version, startedAt: clock.now() }), registry }
}

/** A JetStream that is choosing its leader, or out of reach, is waited for: it will be back, and so are we. */
async function opened(
  bus: Bus,
  name: string,
  options: BucketOptions,
  retryMs: number,
  note: Note,
): Promise<Bucket> {
  for (;;) {
    try {
      return await bus.bucket(name, options)
    } catch (error) {
      if (!(error instanceof BusError) || !['timeout', 'disconnected'].includes(error.code)) throw error
      note('warn', `waiting for JetStream: ${error.message}`)
      await delay(retryMs)
    }
  }
}
