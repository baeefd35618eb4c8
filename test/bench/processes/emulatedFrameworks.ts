/**
 * Frameworks that always have one task more: whatever they are offered they fill with tasks of Normal(30 s, 10 s). Real
 * schedulers, which share a connection.
 */

import type { Actor } from '../../../services/runtime/actor.ts'
import { Member, newIncarnation } from '../../../services/runtime/member.ts'
import { schedulerActor } from '../../../services/scheduler/actor.ts'
import { isOver } from '../../../services/scheduler/author.ts'
import type { Framework } from '../../../services/scheduler/framework.ts'
import { readRoles } from '../../../services/scheduler/roles.ts'
import { readSchedulerSettings } from '../../../shared/config.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'

export interface Given extends Place {
  readonly first: number
  readonly count: number
  /** How long tasks take: Normal(mean, mean / 3), as in section 6.5 of the paper. */
  readonly meanSeconds: number
}
/** What has happened since they were started. */
export interface Answer {
  readonly launched: number
  readonly running: number
  readonly over: number
  /** Over in another way than well. */
  readonly failed: number
}

const leastSeconds = 0.1
const has = { cpus: 1, mem: 1024 }

const options = given<Given>()
const { meanSeconds } = options
const settings = readSchedulerSettings({ rememberedOver: 1000 })
const member = await Member.join({ ...placeOf(options), title: 'bench emulated frameworks' })
const began = performance.now()
let launched = 0
let running = 0
let over = 0
let failed = 0
const schedulers = Array.from({ length: options.count }, (_, i) => subscribe(`f${options.first + i}`))
serve(
  (): Answer => ({ launched, running, over, failed }),
  async () => {
    for (const scheduler of schedulers) scheduler.halt()
    await member.bus.drain()
  },
)

function subscribe(name: string): Actor {
  const identity = {
    name,
    principal: name,
    instance: newIncarnation(),
    failoverSeconds: 600,
    takes: [],
    standby: false,
  }
  const { post, bind } = member.post({ role: 'scheduler', id: name })
  const { end: _end, ...ports } = member.ports(name)
  const { actor } = schedulerActor(
    { identity, filters: readRoles(name, {}), framework: neverDone(), settings },
    { ...ports, post },
  )
  bind(actor)
  actor.hear({ type: 'start', at: actor.now() })
  return actor
}

function neverDone(): Framework {
  let named = 0
  return {
    onOffers: (offers) => {
      for (const offer of offers)
        while (offer.add({ id: `t${named}`, command: ['wait', duration()], ...has })) {
          named++
          launched++
        }
    },
    onStatus: (status) => {
      if (status.state === 'running') running++
      if (!isOver(status)) return
      over++
      if (status.state !== 'finished') failed++
    },
  }
}

/** Those that are launched first run for a part of that only, as if they had long begun: else all would end together. */
function duration(): string {
  const drawn = meanSeconds * (1 + normal() / 3)
  const isFirst = performance.now() - began < 1000 * meanSeconds
  return Math.max(leastSeconds, isFirst ? drawn * Math.random() : drawn).toFixed(2)
}

/** Box and Muller's. */
const normal = (): number =>
  Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
