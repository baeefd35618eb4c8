/** A recorded trace: read once from its start, a piece at a time; whole steps are read again when they are looked at. */

import { fstatSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { counted } from '../../../shared/counted.ts'
import { isStep } from '../../../shared/steps.ts'
import { type Aside, type Step, traceHead } from '../../../shared/trace.ts'
import { whyUnread } from '../../runtime/fileWords.ts'
import { Chronicle } from '../chronicle/chronicle.ts'
import { Column } from '../chronicle/column.ts'
import type { Steps } from '../chronicle/steps.ts'
import { NotThere } from '../notThere.ts'
import type { Source } from './source.ts'

const pieceBytes = 64 * 1024
/** A longer line is no step of ours. */
const maxLineBytes = 16 * 1024 * 1024
const newline = 10

/** Rejects with NotThere: the file is not there, is no trace, or is of a later version. */
export async function openRecording(path: string): Promise<Source> {
  const unread = (error: unknown) => new NotThere(`${path} cannot be read: ${whyUnread(error)}`)
  const file = await open(path).catch((error: Error) => Promise.reject(unread(error)))
  try {
    const recording = new Recording(path, file)
    await recording.begin()
    return recording
  } catch (error) {
    await file.close()
    throw error instanceof NotThere ? error : unread(error)
  }
}

class StepsInFile implements Steps {
  readonly #fd: number
  readonly #offsets = new Column('float64')
  readonly #lengths = new Column('int32')

  constructor(fd: number) {
    this.#fd = fd
  }

  keep(offset: number, length: number): void {
    this.#offsets.push(offset)
    this.#lengths.push(length)
  }

  read(position: number): Step | undefined {
    if (position < 0 || position >= this.#offsets.length) return undefined
    const bytes = Buffer.alloc(this.#lengths.at(position))
    readSync(this.#fd, bytes, 0, bytes.length, this.#offsets.at(position))
    const step = parsed(bytes)
    return isStep(step) ? step : undefined
  }

  dropBelow(): void {}
}

class Recording implements Source {
  readonly chronicle: Chronicle
  readonly hello: Source['hello']
  readonly roles = []
  readonly policy = undefined
  readonly #path: string
  readonly #file: FileHandle
  readonly #size: number
  readonly #steps: StepsInFile
  readonly #told: (() => void)[] = []
  /** Bytes that were read and not yet taken apart, and where in the file they begin. */
  #rest: Buffer = Buffer.alloc(0)
  #at = 0
  #strange = 0
  #stopped = false
  #done = false
  #trouble: string | undefined

  constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
    this.#size = fstatSync(file.fd).size
    this.#steps = new StepsInFile(file.fd)
    this.chronicle = new Chronicle(this.#steps)
    this.hello = { cluster: 'recorded', source: { live: false, name: basename(path) } }
  }

  get trouble(): string | undefined {
    return this.#trouble
  }
  get read(): number | undefined {
    return this.#done ? undefined : this.#at / Math.max(1, this.#size)
  }

  attend(): void {}
  onChange(tell: () => void): void {
    this.#told.push(tell)
  }
  ask(): Promise<never> {
    return Promise.reject(
      new NotThere('This is a recording: the cluster itself cannot be asked or changed here.'),
    )
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#file.close()
  }

  /** Reads its head; the rest goes on by itself. */
  async begin(): Promise<void> {
    await this.#fill()
    const end = this.#rest.indexOf(newline)
    const head = parsed(this.#rest.subarray(0, end < 0 ? this.#rest.length : end)) as
      | Record<string, unknown>
      | undefined
    if (head?.proffer !== traceHead.proffer)
      throw new NotThere(
        `${this.#path} is no trace: \`proffer trace --save\` or \`npm run sim -- --save\` writes one`,
      )
    if (head.version !== traceHead.version)
      throw new NotThere(
        `${this.#path} is a trace of version ${head.version}, and this reads version ${traceHead.version}: use the Proffer that wrote it`,
      )
    if (end >= 0) this.#take(end + 1)
    void this.#readOn()
  }

  async #readOn(): Promise<void> {
    try {
      for (let more = true; more && !this.#stopped; ) {
        // Before the first line, too: whoever has opened it can listen before anything is wrong.
        await breathe()
        this.#takeLines()
        more = await this.#fill()
      }
      this.#finish()
    } catch (error) {
      this.#trouble = `${this.#path} cannot be read on: ${whyUnread(error)}.`
    }
    this.#done = true
    for (const tell of this.#told) tell()
  }

  /** Whether there was more. */
  async #fill(): Promise<boolean> {
    const piece = Buffer.alloc(pieceBytes)
    const { bytesRead } = await this.#file.read(piece, 0, pieceBytes, this.#at + this.#rest.length)
    if (bytesRead > 0) this.#rest = Buffer.concat([this.#rest, piece.subarray(0, bytesRead)])
    if (this.#rest.length > maxLineBytes)
      throw new RangeError(`it has a line of more than ${maxLineBytes} bytes`)
    return bytesRead > 0
  }

  #take(bytes: number): void {
    this.#rest = this.#rest.subarray(bytes)
    this.#at += bytes
  }

  #takeLines(): void {
    let from = 0
    for (let end = this.#rest.indexOf(newline); end >= 0; end = this.#rest.indexOf(newline, from)) {
      this.#takeLine(this.#rest.subarray(from, end), this.#at + from)
      from = end + 1
    }
    this.#take(from)
  }

  #takeLine(line: Buffer, offset: number): void {
    const said = parsed(line)
    if (isStep(said)) {
      this.#steps.keep(offset, line.length)
      this.chronicle.append(said)
    } else if (!this.#takeAside(said as Aside | undefined) && line.length > 0) this.#strange++
  }

  #takeAside(aside: Aside | undefined): boolean {
    if (typeof aside !== 'object' || aside === null) return false
    if ('known' in aside && Array.isArray(aside.known)) this.chronicle.know(aside)
    else if ('broken' in aside && typeof aside.broken === 'string') this.chronicle.break(aside.broken)
    else return false
    return true
  }

  /** What is behind the last line end is a whole line, or a line that was cut off. */
  #finish(): void {
    if (this.#rest.length > 0) {
      const last = this.#rest
      if (parsed(last) === undefined)
        this.#trouble = `${this.#path} ends in the middle of a step: it was cut off there.`
      else this.#takeLine(last, this.#at)
    }
    if (this.#strange > 0) {
      const leftOut = `${this.#path}: ${counted(this.#strange, 'line')} left out, for no step of ours stands there.`
      this.#trouble = [this.#trouble, leftOut].filter(Boolean).join(' ')
    }
    if (this.chronicle.length === 0) this.#trouble ??= `${this.#path} has no step in it.`
  }
}

function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'))
  } catch {
    return undefined
  }
}
