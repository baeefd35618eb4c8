/** Who said what to whom, by when it was said. */
import type { Chronicle } from '../chronicle/chronicle.ts'
import type { ConversationAsked, ConversationPicture, MessageShown } from '../language.ts'
import type { Moment } from '../moment.ts'
import { hopsOf } from './hops.ts'
import { aboutMessage } from './parts.ts'
import { isRoutine } from './routine.ts'

const usualLimit = 300
const mostLimit = 5000
/** So many messages are looked through at the most for those that are asked for. */
const mostLookedAt = 200_000
const order = ['operator', 'scheduler', 'master', 'slave', 'executor']

export function conversation(moment: Moment, asked: ConversationAsked): ConversationPicture {
  const { chronicle } = moment
  const limit = Math.min(asked.limit ?? usualLimit, mostLimit)
  const { found, more } = foundOf(moment, asked, limit)
  const messages = found.map((index) => shownOf(moment, index)).sort((a, b) => a.saidAt - b.saidAt)
  return {
    lanes: lanesOf(messages),
    messages,
    more,
    ...(asked.task !== undefined && { hops: hopsOf(chronicle, found, asked.task, moment.position) }),
  }
}

/** The newest that are asked for, up to the moment. */
function foundOf({ chronicle, position }: Moment, asked: ConversationAsked, limit: number) {
  const { messages } = chronicle
  const topics = topicsOf(asked)
  const [first] = topics
  const some = first === undefined ? undefined : messages.about(first)
  const count = some?.length ?? messages.count
  const rest = topics.slice(1).map((topic) => new Set(messages.about(topic)))
  const found: number[] = []
  let more = 0
  for (let i = count - 1; i >= Math.max(0, count - mostLookedAt); i--) {
    const index = some?.[i] ?? i
    const known = firstKnown(chronicle, index)
    if (known < chronicle.first) break
    if (known > position || !isWanted(messages.type(index), asked.types)) continue
    if (rest.some((about) => !about.has(index))) continue
    if (found.length < limit) found.push(index)
    else more++
  }
  return { found: found.reverse(), more }
}

const isWanted = (type: string, types: readonly string[] | undefined): boolean =>
  types && types.length > 0 ? types.includes(type) : !isRoutine(type)

function topicsOf({ task, offerId, slaveId, frameworkId }: ConversationAsked): string[] {
  const topics: string[] = []
  if (task) topics.push(`task ${task}`)
  if (offerId) topics.push(`offer ${offerId}`)
  if (slaveId) topics.push(`slave ${slaveId}`)
  if (frameworkId) topics.push(`framework ${frameworkId}`)
  return topics
}

function firstKnown({ messages }: Chronicle, index: number): number {
  const said = messages.saidIn(index) ?? Number.POSITIVE_INFINITY
  return Math.min(said, ...messages.heardIn(index))
}

function shownOf({ chronicle, position }: Moment, index: number): MessageShown {
  const { messages } = chronicle
  const saidIn = messages.saidIn(index)
  const [heardIn] = messages.heardIn(index).filter((each) => each <= position)
  const saidAt = chronicle.time(saidIn ?? heardIn ?? position)
  const answer = messages.answer(index)
  return {
    type: messages.type(index),
    from: messages.from(index),
    to: messages.to(index),
    saidAt,
    ...(saidIn !== undefined && { saidIn }),
    ...(heardIn !== undefined && { heardIn, heardAt: chronicle.time(heardIn) }),
    lost: chronicle.isLost(index, position),
    about: aboutMessage(chronicle, index),
    ...(answer && { answer }),
  }
}

function lanesOf(messages: readonly MessageShown[]): ConversationPicture['lanes'] {
  const keys = new Set(messages.flatMap(({ from, to }) => [from, to]))
  const lanes = [...keys].map((key) => {
    const space = key.indexOf(' ')
    return space < 0
      ? { key, role: key, name: '' }
      : { key, role: key.slice(0, space), name: key.slice(space + 1) }
  })
  const rank = ({ role }: { readonly role: string }) => order.indexOf(role)
  return lanes.sort((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1))
}
