/** What tasks write, to our own output: byte for byte of one task, line by line with its name of several. */
import type { Stream } from '../client.ts'
import { send } from '../pipes.ts'
import { paint, plain } from '../table.ts'

/** A line that is longer is printed in pieces: a task may never end one. */
const maxLineBytes = 64 * 1024
const newline = 10

export interface Output {
  write(bytes: Uint8Array): Promise<void>
  /** A line that was begun is ended. */
  end(): Promise<void>
}

export const plainOutput = (stream: Stream): Output => ({
  write: (bytes) => send(stream, bytes),
  end: async () => {},
})

export class LabelledOutput implements Output {
  readonly #stream: Stream
  readonly #label: Uint8Array
  #begun: Buffer = Buffer.alloc(0)

  constructor(stream: Stream, label: string) {
    this.#stream = stream
    this.#label = Buffer.from(paint('dim', `${plain(label)} | `, process[stream]))
  }

  async write(bytes: Uint8Array): Promise<void> {
    const all = Buffer.concat([this.#begun, bytes])
    const lines: Uint8Array[] = []
    let from = 0
    for (let end = all.indexOf(newline); end >= 0; end = all.indexOf(newline, from)) {
      lines.push(this.#label, all.subarray(from, end + 1))
      from = end + 1
    }
    this.#begun = all.subarray(from)
    if (this.#begun.length > maxLineBytes) lines.push(...this.#endLine())
    await send(this.#stream, Buffer.concat(lines))
  }

  async end(): Promise<void> {
    await send(this.#stream, Buffer.concat(this.#endLine()))
  }

  #endLine(): Uint8Array[] {
    const line = this.#begun
    this.#begun = Buffer.alloc(0)
    return line.length > 0 ? [this.#label, line, Buffer.of(newline)] : []
  }
}
