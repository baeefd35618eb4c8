/** A framework's author and his scheduler's actor, put together: over a bus, or in the simulator. */
import type { SchedulerSettings } from '../../shared/config.ts'
import type { FrameworkId } from '../../shared/ids.ts'
import { schedulerChart } from '../../statecharts/scheduler/chart.ts'
import {
  type FrameworkIdentity,
  type Scheduler as Ledger,
  newScheduler,
} from '../../statecharts/scheduler/ledger.ts'
import { Actor, type Event, type Ports } from '../runtime/actor.ts'
import { Author, type Framework, type OfferFilters, toFilters } from './author.ts'

export interface SchedulerActorOptions {
  readonly identity: FrameworkIdentity
  readonly framework: Framework
  readonly settings: SchedulerSettings
  readonly filters?: OfferFilters
  /** The id of an earlier life of this framework. */
  readonly frameworkId?: FrameworkId
}

export function schedulerActor(
  options: SchedulerActorOptions,
  ports: Omit<Ports, 'tell'>,
): { author: Author; actor: Actor; ledger: Ledger } {
  const { identity, framework, settings, filters = {}, frameworkId } = options
  const author = new Author(framework, (event) => actor.hear({ ...event, at: ports.clock.now() } as Event))
  const known = { wanted: author.wants(), filters: toFilters(filters) }
  const ledger = newScheduler(identity, settings, frameworkId ? { ...known, frameworkId } : known)
  const actor: Actor = new Actor(
    { chart: schedulerChart, ledger, role: 'scheduler', id: identity.principal },
    { ...ports, tell: (news) => author.hear(news) },
  )
  return { author, actor, ledger }
}
