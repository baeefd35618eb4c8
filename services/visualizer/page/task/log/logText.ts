/** What a program wrote, as lines that can be shown: bounded, without what would work on a terminal. */
import { plainStyle, type Style, styled } from './ansi.ts'

export interface Span {
  readonly text: string
  readonly style: Style
}
export interface LogLine {
  /** Counted from where reading began. */
  readonly number: number
  readonly spans: Span[]
  length: number
  /** How often it was written to. */
  writes: number
}

/** The newest are kept: more lines and letters than that nobody scrolls through in a page. */
export const mostLines = 5000
export const mostLetters = 2_000_000
/** A longer line goes on in the next. */
export const longestLine = 8000
/** An order to the terminal that is longer is none. */
const longestOrder = 128

const [esc, bell] = ['\u001b', '\u0007']
/** An order to the terminal (`ESC [ codes letter`, `ESC ] title BEL`, `ESC letter`), or the end of a line. */
const order = new RegExp(
  String.raw`${esc}(?:\[([0-?]*)[ -/]*([@-~])|\][^${bell}${esc}]*(?:${bell}|${esc}\\)|[ -/]*[0-Z\\^-~])|\r\n|[\n\r]`,
  'g',
)
/** Whatever else works on a terminal; a tab is a space. */
const control = /(?!\t)\p{Cc}/gu

export class LogText {
  readonly lines: LogLine[] = []
  /** Lines that are not kept any more. */
  dropped = 0
  #letters = 0
  #next = 0
  #style: Style = plainStyle
  /** An order whose end has not come yet. */
  #rest = ''
  /** A carriage return: what comes next is written over the line. */
  #over = false

  append(piece: string): void {
    const text = this.#rest + piece
    const end = completeLength(text)
    this.#rest = text.slice(end)
    let from = 0
    for (const match of text.slice(0, end).matchAll(order)) {
      this.#write(text.slice(from, match.index))
      this.#obey(match[0], match[1] ?? '', match[2])
      from = match.index + match[0].length
    }
    this.#write(text.slice(from, end))
    this.#forget()
  }

  #obey(written: string, codes: string, letter: string | undefined): void {
    if (written === '\r') this.#over = true
    else if (written === '\n' || written === '\r\n') this.#endLine()
    else if (letter === 'm') this.#style = styled(this.#style, codes)
  }

  #write(text: string): void {
    let words = text.replace(control, '')
    if (words === '') return
    if (this.#over) this.#clear()
    while (words !== '') {
      const line = this.#line()
      const room = longestLine - line.length
      this.#put(line, words.slice(0, room))
      words = words.slice(room)
      if (words !== '') this.#newLine()
    }
  }

  #put(line: LogLine, text: string): void {
    line.spans.push({ text, style: this.#style })
    line.length += text.length
    line.writes++
    this.#letters += text.length
  }

  #clear(): void {
    const line = this.#line()
    this.#letters -= line.length
    line.spans.length = 0
    line.length = 0
    this.#over = false
  }

  #endLine(): void {
    this.#line()
    this.#newLine()
  }

  #line(): LogLine {
    return this.lines.at(-1) ?? this.#newLine()
  }

  #newLine(): LogLine {
    this.#over = false
    const line = { number: this.#next++, spans: [], length: 0, writes: 0 }
    this.lines.push(line)
    return line
  }

  #forget(): void {
    while (this.lines.length > mostLines || (this.#letters > mostLetters && this.lines.length > 1)) {
      this.#letters -= this.lines.shift()?.length ?? 0
      this.dropped++
    }
  }
}

/** How much of it can be read: an order, or a carriage return, at the end may go on in the next piece. */
function completeLength(text: string): number {
  if (text.endsWith('\r')) return text.length - 1
  const begun = text.lastIndexOf('\u001b')
  if (begun < 0 || text.length - begun > longestOrder) return text.length
  const match = text.slice(begun).match(order)
  return match && text.slice(begun).startsWith(match[0]) ? text.length : begun
}
