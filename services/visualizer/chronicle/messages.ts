/**
 * Who said what to whom. A message has no number on the bus: what was said is known again in what was heard by its type
 * and what it carries. Of the same words said twice, the newest that the hearer has not heard yet counts, for what is
 * said again is said much later than it takes to be heard.
 */
import type { Step } from '../../../shared/trace.ts'
import { Column, Words } from './column.ts'
import { type Topics, topicsOf } from './topics.ts'

/** Of so many different words it is remembered that they were said, or heard, and not yet met. */
const mostOpen = 50_000
/** No message is waited for longer than this, ms. */
export const lostAfterMs = 2000

interface Open {
  readonly index: number
  readonly heardBy: Set<number>
  /** When it was said, or heard. */
  readonly at: number
}

/** An effect that says something. */
interface Saying {
  readonly do: 'say' | 'ask'
  readonly type: string
  readonly to: Readonly<Record<string, string>>
  readonly body: unknown
  readonly ref?: string
}

export class Messages {
  readonly #types = new Column('int32')
  readonly #from = new Column('int32')
  readonly #to = new Column('int32')
  readonly #saidIn = new Column('int32')
  readonly #effect = new Column('uint8')
  readonly #heardIn = new Column('int32')
  readonly #alsoHeardIn = new Column('int32')
  readonly #answers = new Column('uint8')
  readonly types = new Words()
  /** Who speaks and hears, by number: `master m1`; of the leader it may not be known yet who it is: `master`. */
  readonly lanes = new Words()
  readonly #open = new Map<string, Open[]>()
  readonly #asked = new Map<string, number>()
  readonly #byTopic = new Map<string, number[]>()
  /** The messages that a step heard or said. */
  readonly #byStep = new Map<number, number[]>()
  readonly #nameOfSlave: (slaveId: string) => string

  constructor(nameOfSlave: (slaveId: string) => string) {
    this.#nameOfSlave = nameOfSlave
  }

  get count(): number {
    return this.#types.length
  }

  type(index: number): string {
    return this.types.word(this.#types.at(index))
  }
  from(index: number): string {
    return this.lanes.word(this.#from.at(index))
  }
  to(index: number): string {
    return this.lanes.word(this.#to.at(index))
  }
  saidIn(index: number): number | undefined {
    return known(this.#saidIn.at(index))
  }
  effect(index: number): number {
    return this.#effect.at(index)
  }
  heardIn(index: number): readonly number[] {
    return [this.#heardIn.at(index), this.#alsoHeardIn.at(index)].filter((position) => position >= 0)
  }
  answer(index: number): 'yes' | 'no' | undefined {
    return ([undefined, 'yes', 'no'] as const)[this.#answers.at(index)]
  }
  ofStep(position: number): readonly number[] {
    return this.#byStep.get(position) ?? []
  }
  /** In the order in which they became known. */
  about(topic: string): readonly number[] {
    return this.#byTopic.get(topic) ?? []
  }

  /** By whom what this step heard was said, or answered: `master m1`. Undefined where nobody has told of it. */
  speakerOf(position: number, { role, id, heard }: Step): string | undefined {
    const asked = this.#askedFor(`${role} ${id}`, heard)
    if (asked !== undefined) return this.heardIn(asked).length > 0 ? this.to(asked) : undefined
    const index = this.ofStep(position).find((each) => this.heardIn(each).includes(position))
    return index === undefined ? undefined : this.from(index)
  }

  note(position: number, step: Step): void {
    this.#noteHeard(position, step)
    step.effects.forEach((effect, i) => {
      if (effect.do === 'say' || effect.do === 'ask') this.#noteSaid(position, i, step, effect as never)
    })
  }

  #noteHeard(position: number, { role, id, heard }: Step): void {
    this.#noteAnswer(`${role} ${id}`, heard)
    const { from, body, framework } = heard as {
      from?: { role: string; id: string }
      body?: unknown
      framework?: { frameworkId: string }
    }
    if (!from || body === undefined) return
    const hearer = this.lanes.code(`${role} ${id}`)
    const key = keyOf(heard.type, body)
    const open = this.#meant(key, hearer) ?? this.#heardBefore(key, hearer, heard.at as number)
    if (open) {
      open.heardBy.add(hearer)
      this.#hear(open.index, position, hearer)
      return
    }
    const speaker = this.lanes.code(from.id ? `${from.role} ${from.id}` : from.role)
    const index = this.#push(heard.type, speaker, hearer, -1, 0)
    this.#hear(index, position, hearer)
    this.#wait(key, { index, heardBy: new Set([hearer]), at: heard.at as number })
    this.#file(index, topicsOf(body, framework?.frameworkId))
  }

  /** What was said in these words, and is heard now; the bus may also have brought it twice. */
  #meant(key: string, hearer: number): Open | undefined {
    const said = (this.#open.get(key) ?? []).filter(({ index }) => this.#saidIn.at(index) >= 0)
    return said.findLast(({ heardBy }) => !heardBy.has(hearer)) ?? said.at(-1)
  }

  /** What another has heard in these words, though nobody has told yet that he said them. */
  #heardBefore(key: string, hearer: number, at: number): Open | undefined {
    const early = this.#open.get(key)?.findLast((open) => this.#isEarly(open, at))
    return early?.heardBy.has(hearer) ? undefined : early
  }

  #isEarly(open: Open, at: number): boolean {
    return this.#saidIn.at(open.index) < 0 && Math.abs(open.at - at) < lostAfterMs
  }

  #noteSaid(
    position: number,
    effect: number,
    { role, id, at }: Step,
    { do: how, type, to, body, ref }: Saying,
  ): void {
    const speaker = this.lanes.code(`${role} ${id}`)
    const key = keyOf(type, body)
    // Whoever heard it may have told so before whoever said it.
    const early = this.#open.get(key)?.findLast((open) => this.#isEarly(open, at))
    const index =
      early?.index ?? this.#push(type, speaker, this.lanes.code(this.#laneOf(to)), position, effect)
    if (early) {
      this.#from.set(index, speaker)
      this.#saidIn.set(index, position)
      this.#effect.set(index, Math.min(effect, 255))
    } else {
      this.#wait(key, { index, heardBy: new Set(), at })
      this.#file(index, topicsOf(body, to.frameworkId))
    }
    this.#remember(position, index)
    if (how === 'ask') bounded(this.#asked).set(`${role} ${id} ${type} ${ref}`, index)
  }

  #noteAnswer(who: string, heard: Step['heard']): void {
    const { answer } = heard as { answer?: { ok?: boolean } }
    const index = this.#askedFor(who, heard)
    if (index !== undefined) this.#answers.set(index, answer?.ok ? 1 : 2)
  }

  /** What was asked, where this is the answer. */
  #askedFor(who: string, { type, ref }: Step['heard']): number | undefined {
    if (!type.startsWith('answer.')) return undefined
    return this.#asked.get(`${who} ${type.slice('answer.'.length)} ${ref}`)
  }

  #hear(index: number, position: number, hearer: number): void {
    if (this.#heardIn.at(index) < 0) {
      this.#heardIn.set(index, position)
      this.#to.set(index, hearer)
    } else if (this.#alsoHeardIn.at(index) < 0) this.#alsoHeardIn.set(index, position)
    this.#remember(position, index)
  }

  #push(type: string, from: number, to: number, saidIn: number, effect: number): number {
    this.#types.push(this.types.code(type))
    this.#from.push(from)
    this.#to.push(to)
    this.#saidIn.push(saidIn)
    this.#effect.push(Math.min(effect, 255))
    this.#heardIn.push(-1)
    this.#alsoHeardIn.push(-1)
    this.#answers.push(0)
    return this.count - 1
  }

  #wait(key: string, open: Open): void {
    const waiting = this.#open.get(key)
    if (waiting) waiting.push(open)
    else bounded(this.#open).set(key, [open])
  }

  #file(index: number, topics: Topics): void {
    for (const topic of topics) {
      const list = this.#byTopic.get(topic)
      if (list) list.push(index)
      else this.#byTopic.set(topic, [index])
    }
  }

  #remember(position: number, index: number): void {
    const list = this.#byStep.get(position)
    if (list) list.push(index)
    else this.#byStep.set(position, [index])
  }

  /** By the name that its steps are traced under. */
  #laneOf({ role = '', principal, slaveId, executorId }: Saying['to']): string {
    if (role === 'scheduler') return `scheduler ${principal}`
    if (role === 'slave') return `slave ${this.#nameOfSlave(slaveId ?? '')}`
    if (role !== 'executor') return role
    if (executorId === 'command') return `executor ${this.#nameOfSlave(slaveId ?? '')}.command`
    return `executor ${slaveId}.${executorId?.slice(executorId.indexOf('/') + 1)}`
  }

  /** Lets go of what was said and heard in steps below this position. */
  dropBelow(position: number): void {
    let index = 0
    for (const at of this.#byStep.keys()) {
      if (at >= position) break
      index = Math.max(index, ...(this.#byStep.get(at) ?? []))
      this.#byStep.delete(at)
    }
    for (const column of [this.#types, this.#from, this.#to, this.#saidIn]) column.dropBelow(index)
    for (const column of [this.#effect, this.#heardIn, this.#alsoHeardIn, this.#answers])
      column.dropBelow(index)
    for (const [topic, list] of this.#byTopic) {
      const rest = list.filter((each) => each >= index)
      if (rest.length > 0) this.#byTopic.set(topic, rest)
      else this.#byTopic.delete(topic)
    }
  }
}

const known = (position: number): number | undefined => (position < 0 ? undefined : position)

/** The oldest goes when there are too many: nobody will meet it any more. */
function bounded<Value>(map: Map<string, Value>): Map<string, Value> {
  const [oldest] = map.size >= mostOpen ? map.keys() : []
  if (oldest !== undefined) map.delete(oldest)
  return map
}

/** The same words said again have the same key; FNV-1a over what they carry. */
function keyOf(type: string, body: unknown): string {
  const text = JSON.stringify(body)
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return `${type} ${text.length} ${hash >>> 0}`
}
