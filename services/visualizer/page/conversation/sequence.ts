/**
 * A conversation as a sequence diagram: time goes downwards, though not evenly. Each message has a line of its own
 * where it begins; what took longer is higher; and a long silence is a gap that says how long it was.
 */
import type { ConversationPicture, MessageShown } from '../../language.ts'

export interface PlacedMessage {
  /** Tells it from all others, whatever picture it is in. */
  readonly key: string
  readonly message: MessageShown
  /** Lanes by their number; -1 where it is none of those that are shown. */
  readonly from: number
  readonly to: number
  readonly y0: number
  /** Where it was heard; of what was not, where its line breaks off. */
  readonly y1: number
}
export interface Gap {
  readonly y: number
  readonly ms: number
}
export interface Sequence {
  /** In the order in which they were said. */
  readonly messages: readonly PlacedMessage[]
  readonly gaps: readonly Gap[]
  readonly height: number
}

/** px between the beginnings of two messages at the least, so that what they say can be read. */
const lineHeight = 26
const topMargin = 30
/** px that time takes at the most, however much of it. */
const mostStep = 34
/** A silence of so many ms is marked. */
const silenceMs = 1000
const gapHeight = 40
/** px from where a message is said to where its line breaks off. */
const brokenDrop = 9

interface Moment {
  readonly at: number
  readonly index: number
  readonly heard: boolean
}

export function sequenceOf({ lanes, messages }: ConversationPicture): Sequence {
  const lane = new Map(lanes.map(({ key }, index) => [key, index]))
  const said: number[] = []
  const heard: number[] = []
  const gaps: Gap[] = []
  let y = topMargin
  let before: number | undefined
  let lastSaid = Number.NEGATIVE_INFINITY
  for (const { at, index, heard: isHeard } of momentsOf(messages)) {
    const ms = before === undefined ? 0 : at - before
    if (ms >= silenceMs) gaps.push({ y: y + gapHeight / 2, ms })
    y += ms >= silenceMs ? gapHeight : stepFor(ms)
    if (!isHeard) {
      y = Math.max(y, lastSaid + lineHeight)
      lastSaid = y
    }
    if (isHeard) heard[index] = y
    else said[index] = y
    before = at
  }
  const names = new Names()
  const placed = messages.map((message, index): PlacedMessage => {
    const y0 = said[index] ?? topMargin
    const y1 = Math.max(heard[index] ?? y0 + brokenDrop, y0 + 4)
    const [from, to] = [lane.get(message.from) ?? -1, lane.get(message.to) ?? -1]
    return { key: names.next(message), message, from, to, y0, y1 }
  })
  return { messages: placed, gaps, height: y + lineHeight * 2 }
}

/** Said before heard where both are at the same time; a clock that is behind hears nothing before it was said. */
function momentsOf(messages: readonly MessageShown[]): Moment[] {
  const moments = messages.flatMap(({ saidAt, heardIn, heardAt = saidAt }, index): Moment[] => [
    { at: saidAt, index, heard: false },
    ...(heardIn === undefined ? [] : [{ at: Math.max(saidAt, heardAt), index, heard: true }]),
  ])
  return moments.sort((a, b) => a.at - b.at || Number(a.heard) - Number(b.heard) || a.index - b.index)
}

/** A hundred times as long is ten times as high. */
const stepFor = (ms: number): number => Math.min(mostStep, 3 * Math.sqrt(ms))

/** Which messages cross which stretch of the picture, so that only those are drawn that can be seen. */
export class Stretches {
  private readonly stretches = new Map<number, PlacedMessage[]>()
  private readonly size: number

  constructor(messages: readonly PlacedMessage[], size = 400) {
    this.size = size
    for (const placed of messages)
      for (let at = this.at(placed.y0); at <= this.at(placed.y1); at++) {
        const members = this.stretches.get(at)
        if (members) members.push(placed)
        else this.stretches.set(at, [placed])
      }
  }

  /** Each once, in the order in which they were said. */
  between(top: number, bottom: number): PlacedMessage[] {
    const seen = new Set<PlacedMessage>()
    for (let at = this.at(top); at <= this.at(bottom); at++)
      for (const placed of this.stretches.get(at) ?? []) seen.add(placed)
    return [...seen].sort((a, b) => a.y0 - b.y0)
  }

  private at(y: number): number {
    return Math.floor(y / this.size)
  }
}

/** One step may say the same to the same more than once. */
class Names {
  private readonly given = new Map<string, number>()

  next({ type, from, to, saidIn, saidAt, heardIn }: MessageShown): string {
    const name = `${type} ${from} ${to} ${saidIn ?? saidAt} ${heardIn ?? ''}`
    const count = (this.given.get(name) ?? 0) + 1
    this.given.set(name, count)
    return count === 1 ? name : `${name} ${count}`
  }
}
