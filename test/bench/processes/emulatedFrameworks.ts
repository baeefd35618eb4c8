/** Frameworks that always have one task more: whatever they are offered they fill with tasks of Normal(30 s, 10 s). */
import { isOver, type RunningScheduler, runScheduler } from '../../../services/scheduler/index.ts'
import { log } from '../submitter.ts'
import type { Place } from './place.ts'
import { given, serve } from './serve.ts'

export interface Given extends Place {
  readonly first: number
  readonly count: number
}
/** What has happened since they were started. */
export interface Answer {
  readonly launched: number
  readonly running: number
  readonly over: number
  /** Over in another way than well. */
  readonly failed: number
}

/** As in section 6.5 of the paper. */
const seconds = { mean: 30, deviation: 10, least: 1 }
const has = { cpus: 1, mem: 1024 }

const { url, first, count } = given<Given>()
const began = performance.now()
let launched = 0
let running = 0
let over = 0
let failed = 0
const schedulers = await Promise.all(Array.from({ length: count }, (_, i) => subscribe(`f${first + i}`)))
serve(
  (): Answer => ({ launched, running, over, failed }),
  () => Promise.all(schedulers.map((scheduler) => scheduler.stop())),
)

function subscribe(name: string): Promise<RunningScheduler> {
  let named = 0
  return runScheduler({
    name,
    connection: { server: url },
    env: { HOME: '/nowhere' },
    log,
    settings: { rememberedOver: 1000 },
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
  })
}

/** Those that are launched first run for a part of that only, as if they had long begun: else all would end together. */
function duration(): string {
  const drawn = seconds.mean + seconds.deviation * normal()
  const isFirst = performance.now() - began < 1000 * seconds.mean
  return Math.max(seconds.least, isFirst ? drawn * Math.random() : drawn).toFixed(2)
}

/** Box and Muller's. */
const normal = (): number =>
  Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
