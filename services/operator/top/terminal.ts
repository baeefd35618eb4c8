/**
 * A terminal that is drawn on whole, and given back as it was, however this process ends. Its own screen is used, so
 * that what was there before is there again.
 */
import { emitKeypressEvents, type Key } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import { type Cell, paint } from '../table.ts'

export interface TerminalEvents {
  onKey(key: Key): void
  onResize(): void
}

const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'
const home = '\u001b[H'
const toEndOfLine = '\u001b[K'
const toEndOfScreen = '\u001b[J'

export class Terminal {
  readonly #input: ReadStream
  readonly #output: WriteStream
  readonly #events: TerminalEvents
  #isOpen = false

  constructor(input: ReadStream, output: WriteStream, events: TerminalEvents) {
    this.#input = input
    this.#output = output
    this.#events = events
  }

  /** A terminal that does not say how large it is is taken for a small one. */
  get width(): number {
    return this.#output.columns || 80
  }

  get height(): number {
    return this.#output.rows || 24
  }

  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#output.write(enter)
    this.#output.on('resize', this.#events.onResize)
    if (this.#input.isTTY) {
      emitKeypressEvents(this.#input)
      this.#input.setRawMode(true)
      this.#input.on('keypress', this.#onKey).resume()
    }
    // Whatever ends this process passes by here, an error of ours included: it is told on the screen that was there before.
    process.once('exit', this.close).prependOnceListener('uncaughtException', this.close)
  }

  draw(lines: readonly Cell[]): void {
    if (!this.#isOpen) return
    const painted = lines.map((line) =>
      typeof line === 'string' ? line : paint(line.colour, line.text, this.#output),
    )
    this.#output.write(`${home}${painted.join(`${toEndOfLine}\r\n`)}${toEndOfLine}${toEndOfScreen}`)
  }

  readonly close = (): void => {
    if (!this.#isOpen) return
    this.#isOpen = false
    process.off('exit', this.close).off('uncaughtException', this.close)
    this.#output.off('resize', this.#events.onResize)
    if (this.#input.isTTY) {
      this.#input.off('keypress', this.#onKey).pause()
      this.#input.setRawMode(false)
    }
    this.#output.write(leave)
  }

  readonly #onKey = (_text: string | undefined, key: Key): void => {
    // A terminal in raw mode leaves it to us to stop for a while.
    if (key.ctrl && key.name === 'z') this.#suspend()
    else this.#events.onKey(key)
  }

  #suspend(): void {
    this.close()
    process.once('SIGCONT', () => {
      this.open()
      this.#events.onResize()
    })
    process.kill(process.pid, 'SIGTSTP')
  }
}
