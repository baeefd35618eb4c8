/**
 * One page that looks: where it stands in time, and the pictures that it looks at. A picture is sent when it is another
 * than the one that was sent last, and no faster than it can be drawn and taken.
 */
import { Cursor } from './cursor.ts'
import type { Heard, PictureName, Question, Said } from './language.ts'
import type { Moment } from './moment.ts'
import { NotThere } from './notThere.ts'
import { pictures } from './pictures/pictures.ts'
import { readSaid } from './said.ts'
import { asSentence } from './sentence.ts'
import type { Source } from './sources/source.ts'
import { showStep } from './stepShown.ts'

/** How a page is reached. */
export interface Line {
  send(text: string): void
  /** Bytes that it has not taken yet. */
  readonly waiting: number
}

/** Pictures follow one another no faster, ms: some thirty in a second. */
const leastPauseMs = 33
/** Drawing takes no more than this part of the time: what takes long is drawn more seldom. */
const drawingPart = 0.25
/** A page that has so much yet to take is sent nothing more, bytes. */
const mostWaiting = 2 * 1024 * 1024
/** Pictures that come more seldom than this are late, ms. */
const lateMs = 1000
/** Above this many steps a second flashes say nothing any more. */
const hurriedAbove = 2000
/** Pictures that one page looks at. */
const mostSlots = 20

interface Slot {
  readonly picture: PictureName
  readonly asks: never
  sent: string
}

export class Audience {
  readonly #line: Line
  readonly #source: Source
  readonly #cursor: Cursor
  readonly #slots = new Map<string, Slot>()
  readonly #stop: () => void
  #timer: NodeJS.Timeout | undefined
  #drawnAt = Number.NEGATIVE_INFINITY
  #pauseMs = leastPauseMs
  #clockSent = ''

  constructor(line: Line, source: Source, version: string) {
    this.#line = line
    this.#source = source
    this.#cursor = new Cursor(source, () => this.changed())
    this.#stop = source.chronicle.onChange(() => this.changed())
    this.#tell({ hello: { version, ...source.hello } })
    this.changed()
  }

  /** What the page says; rubbish is told back to it. */
  hear(text: string): void {
    const said = readSaid(text)
    if (typeof said === 'string') this.#tell({ sorry: said })
    else this.#obey(said)
  }

  /** Something may be to be drawn. */
  changed(): void {
    if (this.#timer) return
    const wait = Math.max(0, this.#drawnAt + this.#pauseMs - performance.now())
    this.#timer = setTimeout(() => this.#draw(), wait)
  }

  leave(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#stop()
    this.#cursor.stop()
    this.#slots.clear()
  }

  #obey(said: Said): void {
    if (said.do === 'ask') {
      void this.#answer(said.ref, said.question)
      return
    }
    if (said.do === 'look') this.#look(said)
    else if (said.do === 'lookAway') this.#slots.delete(said.slot)
    else if (said.do === 'goTo') this.#cursor.goTo(said.position)
    else if (said.do === 'walk') this.#cursor.walk(said.by)
    else if (said.do === 'play') this.#cursor.play(said.speed)
    else this.#cursor.seek(said.what, said.back)
    this.changed()
  }

  #look({ slot, picture, asks }: Extract<Said, { do: 'look' }>): void {
    if (!this.#slots.has(slot) && this.#slots.size >= mostSlots) {
      this.#tell({ slot, sorry: `One page looks at ${mostSlots} pictures at the most.` })
      return
    }
    this.#slots.set(slot, { picture, asks: asks as never, sent: '' })
  }

  #draw(): void {
    this.#timer = undefined
    const began = performance.now()
    if (this.#line.waiting > mostWaiting) {
      this.#drawnAt = began
      this.changed()
      return
    }
    const moment = this.#cursor.moment()
    for (const [slot, each] of this.#slots) this.#drawSlot(slot, each, moment)
    this.#tellClock()
    this.#drawnAt = performance.now()
    this.#pauseMs = Math.max(leastPauseMs, (this.#drawnAt - began) / drawingPart)
    if (this.#cursor.isMoving) this.changed()
  }

  #drawSlot(slot: string, each: Slot, moment: Moment): void {
    const text = JSON.stringify(this.#drawn(slot, each, moment))
    if (text === each.sent) return
    each.sent = text
    this.#line.send(text)
  }

  #drawn(slot: string, { picture, asks }: Slot, moment: Moment): object {
    try {
      return { slot, picture, shows: pictures[picture](moment, asks) }
    } catch (error) {
      if (error instanceof NotThere) return { slot, sorry: error.message }
      throw error
    }
  }

  #tellClock(): void {
    const clock = this.#cursor.clock(this.#pauseMs > lateMs, hurriedAbove)
    const text = JSON.stringify({ clock })
    if (text === this.#clockSent) return
    this.#clockSent = text
    this.#line.send(text)
  }

  async #answer(ref: number, question: Question): Promise<void> {
    try {
      const answer =
        question.about === 'step'
          ? showStep(this.#source.chronicle, question.position)
          : await this.#source.ask(question)
      this.#tell({ ref, answer })
    } catch (error) {
      const { code = 'failed' } = error as { code?: string }
      this.#tell({ ref, sorry: asSentence(error), code })
    }
  }

  #tell(heard: Heard): void {
    this.#line.send(JSON.stringify(heard))
  }
}
