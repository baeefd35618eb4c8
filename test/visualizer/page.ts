/** A page as its server sees it: it says things over a socket, and waits for what it is to show. */
import { WebSocket } from 'ws'
import type {
  Answers,
  Clock,
  Heard,
  PictureName,
  Pictures,
  Question,
  Said,
} from '../../services/visualizer/language.ts'

export class Page {
  readonly heard: Heard[] = []
  readonly #socket: WebSocket
  readonly #waiting = new Set<() => void>()
  #asked = 0

  static async open(url: string): Promise<Page> {
    const socket = new WebSocket(new URL('socket', url.replace('http', 'ws')))
    const page = new Page(socket)
    await page.until(() => page.heard.find((each) => 'hello' in each))
    return page
  }

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (text) => {
      this.heard.push(JSON.parse(String(text)) as Heard)
      for (const look of [...this.#waiting]) look()
    })
  }

  say(said: Said): void {
    this.#socket.send(JSON.stringify(said))
  }

  /** As it is, be it sense or not. */
  sayText(text: string): void {
    this.#socket.send(text)
  }

  close(): void {
    this.#socket.close()
  }

  /** The first picture in this slot that is as wanted, among those that come from now on and the one that stands. */
  async see<Name extends PictureName>(
    picture: Name,
    asks: Pictures[Name]['asks'],
    wanted: (shows: Pictures[Name]['shows']) => boolean = () => true,
  ): Promise<Pictures[Name]['shows']> {
    const slot = `${picture} ${JSON.stringify(asks)}`
    this.say({ do: 'look', slot, picture, asks } as Said)
    const seen = await this.until(() =>
      this.heard.findLast(
        (each) => 'slot' in each && each.slot === slot && 'shows' in each && wanted(each.shows as never),
      ),
    )
    this.say({ do: 'lookAway', slot })
    return (seen as { shows: Pictures[Name]['shows'] }).shows
  }

  async clock(wanted: (clock: Clock) => boolean = () => true): Promise<Clock> {
    const heard = await this.until(() => this.heard.findLast((each) => 'clock' in each && wanted(each.clock)))
    return (heard as { clock: Clock }).clock
  }

  async ask<About extends Question['about']>(
    question: Extract<Question, { about: About }>,
  ): Promise<Answers[About] | { readonly sorry: string }> {
    const ref = ++this.#asked
    this.say({ do: 'ask', ref, question })
    const heard = await this.until(() => this.heard.find((each) => 'ref' in each && each.ref === ref))
    return 'answer' in heard
      ? (heard.answer as Answers[About])
      : { sorry: (heard as { sorry: string }).sorry }
  }

  until<Found>(find: () => Found | undefined): Promise<Found> {
    return new Promise((resolve) => {
      const look = () => {
        const found = find()
        if (found === undefined) return
        this.#waiting.delete(look)
        resolve(found)
      }
      this.#waiting.add(look)
      look()
    })
  }
}
