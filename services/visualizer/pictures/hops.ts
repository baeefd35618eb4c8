/** The way of one task, from the offer that it was launched on to the acknowledgement of its end. */
import type { Chronicle } from '../chronicle/chronicle.ts'
import type { Hop } from '../language.ts'
import { taskIn } from './taskSpec.ts'

type Stop = Omit<Hop, 'tookMs'>

/** `messages`: those that are about the task. */
export function hopsOf(chronicle: Chronicle, messages: readonly number[], task: string, upTo: number): Hop[] {
  const stops = [
    ...offerOf(chronicle, messages),
    ...messages.flatMap((index) => stopsOf(chronicle, index, task)),
  ]
  const past = stops.filter(({ position }) => position <= upTo)
  past.sort((a, b) => a.at - b.at || a.position - b.position)
  return past.map((stop, i) => ({ ...stop, tookMs: i === 0 ? 0 : stop.at - (past[i - 1] as Stop).at }))
}

/** Said, and then heard by one or two. */
function stopsOf(chronicle: Chronicle, index: number, task: string): Stop[] {
  const { messages } = chronicle
  const what = nameOf(chronicle, index, task)
  const said = messages.saidIn(index)
  const stops = said === undefined ? [] : [stopAt(chronicle, `says ${what}`, said)]
  return [
    ...stops,
    ...messages.heardIn(index).map((position) => stopAt(chronicle, `hears ${what}`, position)),
  ]
}

const stopAt = (chronicle: Chronicle, what: string, position: number): Stop => ({
  what,
  who: chronicle.actor(position)?.key ?? '',
  position,
  at: chronicle.time(position),
})

/** `status.update running`; where it ended so soon that both were told together, `status.update running, finished`. */
function nameOf(chronicle: Chronicle, index: number, task: string): string {
  const { messages } = chronicle
  const type = messages.type(index)
  if (type !== 'status.update') return type
  const [heard] = messages.heardIn(index)
  const body =
    heard === undefined ? undefined : (chronicle.steps.read(heard)?.heard.body as Updates | undefined)
  const own = body?.updates?.filter(({ frameworkId, taskId }) => `${frameworkId} ${taskId}` === task) ?? []
  return own.length > 0 ? `${type} ${own.map(({ state }) => state).join(', ')}` : type
}
interface Updates {
  readonly updates?: readonly {
    readonly frameworkId: string
    readonly taskId: string
    readonly state: string
  }[]
}

/** The making of the offers that were accepted for it. */
function offerOf(chronicle: Chronicle, indexes: readonly number[]): Stop[] {
  const { messages } = chronicle
  const accept = indexes.find((index) => messages.type(index) === 'offer.accept')
  if (accept === undefined) return []
  const accepted = taskIn(chronicle, accept)?.offerIds ?? []
  return accepted.flatMap((offerId) =>
    messages
      .about(`offer ${offerId}`)
      .filter((index) => messages.type(index) === 'offer.make')
      .flatMap((index) => stopsOf(chronicle, index, '')),
  )
}
