/** One of several schedulers of a framework that stand by for one another; it says when it leads, and serves. */
import { runScheduler } from '../../../services/scheduler/index.ts'
import { wallClock } from '../figures.ts'
import { log } from '../submitter.ts'
import type { Place } from './place.ts'
import { given, serve } from './serve.ts'

/** Answered with its first offer: when it came to lead, and when it was heard. */
export interface Serving {
  readonly leadsAt: number
  readonly offerAt: number
}

let leadsAt = 0
let serving: (serving: Serving) => void = () => {}
const first = new Promise<Serving>((resolve) => {
  serving = resolve
})
const scheduler = await runScheduler({
  name: 'bench',
  standby: true,
  connection: { server: given<Place>().url },
  env: { HOME: '/nowhere' },
  log,
  onLeading: () => {
    leadsAt = wallClock()
  },
  onOffers: ([offer]) => {
    serving({ leadsAt, offerAt: wallClock() })
    offer?.hold()
  },
})
serve(
  () => first,
  () => scheduler.stop(),
)
