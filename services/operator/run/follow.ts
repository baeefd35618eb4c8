/** Follows what one task writes, until its log is read to the end. */
import { counted } from '../../../shared/counted.ts'
import type { Answer } from '../../../shared/messages.ts'
import { type LogAddress, type Operator, Refused, type Stream } from '../client.ts'
import { logPieces, Patience } from '../logPieces.ts'
import { tell } from '../table.ts'
import type { Output } from './output.ts'

/** A bus, or a slave, that is away may come back; a log that stays out of reach for so long is given up. */
const maxAwayMs = 60_000
/** Where the task is over and its slave has left the bus, nothing more can be expected. */
const maxAwayOverMs = 5_000
const readsAtOnce = 32

export class Follower {
  /** When both logs are read to their end, or given up. */
  readonly finished: Promise<void>
  readonly #log: LogAddress
  readonly #operator: Operator
  readonly #gate: Gate
  readonly #patience = { stdout: new Patience(), stderr: new Patience() }
  #over = false

  constructor(operator: Operator, gate: Gate, log: LogAddress, outputs: Readonly<Record<Stream, Output>>) {
    this.#operator = operator
    this.#gate = gate
    this.#log = log
    const both = [this.#follow('stdout', outputs.stdout), this.#follow('stderr', outputs.stderr)]
    this.finished = Promise.all(both).then(() => {})
  }

  /** The task has ended: what it wrote until now is all. */
  end(): void {
    this.#over = true
    this.#patience.stdout.wake()
    this.#patience.stderr.wake()
  }

  async #follow(stream: Stream, output: Output): Promise<void> {
    const patience = this.#patience[stream]
    const read = (offset: number) => this.#read(stream, offset)
    const isOver = () => this.#over
    for await (const news of logPieces({ read, isOver, wait: () => patience.pause() })) {
      patience.reset()
      if ('bytes' in news) await output.write(news.bytes)
      else
        tell(
          `task ${this.#log.taskId}: it wrote too fast, and ${stream} lacks ${counted(news.dropped, 'byte')}`,
        )
    }
    await output.end()
  }

  async #read(stream: Stream, offset: number): Promise<Answer<'log.read'>> {
    const since = performance.now()
    for (;;) {
      const piece = await this.#gate
        .pass(() => this.#operator.readLog(this.#log, stream, offset))
        .catch(asError)
      if (!(piece instanceof Error)) return piece
      if (piece instanceof Refused && piece.code === 'log-gone') return nothing(offset)
      const hasLeft = this.#over && piece instanceof Refused && piece.code === 'no-slave'
      if (performance.now() - since > (hasLeft ? maxAwayOverMs : maxAwayMs)) {
        tell(`the rest of the ${stream} of task ${this.#log.taskId} cannot be read: ${piece.message}`)
        return nothing(offset)
      }
      await this.#patience[stream].pause()
    }
  }
}

/** Lets so many through at once. */
export class Gate {
  readonly #waiting: (() => void)[] = []
  #free = readsAtOnce

  async pass<T>(act: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await act()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }
}

const nothing = (offset: number): Answer<'log.read'> => ({
  bytes: new Uint8Array(),
  offset,
  size: offset,
  over: true,
})
const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
