/** A framework's author and his scheduler's actor, put together: over a bus, or in the simulator. */
import type { SchedulerSettings } from '../../shared/config.ts'
import type { FrameworkId } from '../../shared/ids.ts'
import type { Filters } from '../../shared/messages.ts'
import { schedulerChart } from '../../statecharts/scheduler/chart.ts'
import {
  type FrameworkIdentity,
  type Scheduler as Ledger,
  newScheduler,
} from '../../statecharts/scheduler/ledger.ts'
import { Actor, type Event, type Ports } from '../runtime/actor.ts'
import { Author } from './author.ts'
import type { Framework } from './framework.ts'

export interface SchedulerActorOptions {
  readonly identity: FrameworkIdentity
  /** What may be offered, by role: those that the framework is in. */
  readonly filters: ReadonlyMap<string, Filters>
  readonly framework: Framework
  readonly settings: SchedulerSettings
  /** The id of an earlier life of this framework. */
  readonly frameworkId?: FrameworkId
}

export function schedulerActor(
  options: SchedulerActorOptions,
  ports: Omit<Ports, 'tell'>,
): { author: Author; actor: Actor; ledger: Ledger } {
  const { identity, filters, framework, settings, frameworkId } = options
  const author = new Author(framework, [...filters.keys()], (event) =>
    actor.hear({ ...event, at: ports.clock.now() } as Event),
  )
  const wanted = author.wants()
  const wishes = new Map(
    [...filters].map(([role, filters]) => [role, { wanted: wanted.includes(role), filters }]),
  )
  const ledger = newScheduler(identity, settings, frameworkId ? { wishes, frameworkId } : { wishes })
  const actor: Actor = new Actor(
    { chart: schedulerChart, ledger, role: 'scheduler', id: identity.principal },
    { ...ports, tell: (news) => author.hear(news) },
  )
  return { author, actor, ledger }
}
