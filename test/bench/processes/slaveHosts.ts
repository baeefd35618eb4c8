/** Slaves that share a process and a connection: real charts that speak the real protocol, and run nothing. */
import { SlaveHost } from '../../../services/runtime/host.ts'
import { type Member, newIncarnation } from '../../../services/runtime/member.ts'
import type { BusMessage, Isolation, Wire } from '../../../services/runtime/ports.ts'
import { WirePost } from '../../../services/runtime/post.ts'
import { executorSettings, readSettings, readSlaveSettings } from '../../../shared/config.ts'
import type { Resources } from '../../../shared/resources.ts'

export interface HostOptions {
  readonly name: string
  readonly resources: Resources
  readonly isolation: Isolation
  readonly cluster: string
  readonly settings?: Record<string, number>
  readonly executorSettings?: Record<string, number>
  /** It has said that it is there, to a leader of this epoch. */
  readonly onBeat: (epoch: number) => void
}

export function hostSlave(member: Member, wire: Wire, options: HostOptions): SlaveHost {
  const { name, resources, isolation, cluster, onBeat } = options
  const host: SlaveHost = new SlaveHost({
    identity: {
      name,
      incarnation: newIncarnation(),
      resources,
      reserved: [],
      attributes: {},
      isolation: 'process',
      executorEnv: {},
    },
    settings: readSlaveSettings(options.settings),
    executorSettings: readSettings(executorSettings, options.executorSettings),
    isolation,
    ports: member.ports(name),
    post: (hear) => {
      const speaker = { role: 'slave', id: name } as const
      const post = new WirePost({ wire, cluster, speaker, now: member.clock.now, hear, note: () => {} })
      const say = post.say.bind(post)
      return Object.assign(post, {
        say: (effect: Parameters<typeof say>[0]) => {
          say(effect)
          if (effect.type === 'slave.beat') onBeat(host.ledger.epoch)
        },
      })
    },
  })
  return host
}

/** A wire on which what everybody hears is heard once, and handed to all who share it. */
export function sharedWire(wire: Wire): Wire {
  const hearers = new Map<string, Set<(message: BusMessage) => void>>()
  return {
    publish: wire.publish,
    request: wire.request,
    subscribe(pattern, hear) {
      if (!pattern.endsWith('.all.>')) return wire.subscribe(pattern, hear)
      const known = hearers.get(pattern)
      const all = known ?? new Set()
      all.add(hear)
      if (!known) {
        hearers.set(pattern, all)
        wire.subscribe(pattern, (message) => {
          for (const each of all) each(message)
        })
      }
      return () => all.delete(hear)
    },
  }
}
