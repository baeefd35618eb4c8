/** Brings what a container writes into the files of its sandbox, where it stays readable whatever the engine drops. */
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logs } from '../sandbox.ts'
import { atFrame, demux } from './demux.ts'

export class LogFollower {
  readonly #sandbox: string
  readonly #logs: Logs
  readonly #written = { stdout: 0, stderr: 0 }

  constructor(sandbox: string, logs: Logs) {
    this.#sandbox = sandbox
    this.#logs = logs
  }

  /** Goes on behind what an earlier process of the slave has brought here. */
  async resume(): Promise<void> {
    // What cannot be written to is tried again with each piece.
    await mkdir(this.#sandbox, { recursive: true, mode: 0o700 }).catch(() => {})
    for (const name of ['stdout', 'stderr'] as const)
      this.#written[name] = (await this.#logs.read(this.#sandbox, name, 0, 0)).size
  }

  /** Reads a stream that starts with the first byte, as each of them does; what is here already is passed over. */
  async read(stream: AsyncIterable<Uint8Array>): Promise<void> {
    const seen = { stdout: 0, stderr: 0 }
    let rest = atFrame
    // The next chunk is asked for when this one is on the disk: a slow disk holds the engine back, and fills no memory.
    for await (const chunk of stream) {
      const demuxed = demux(rest, chunk)
      rest = demuxed.rest
      for (const name of ['stdout', 'stderr'] as const) {
        const bytes = demuxed[name]
        await this.#append(name, bytes.subarray(Math.max(0, this.#written[name] - seen[name])))
        seen[name] += bytes.length
      }
    }
  }

  async #append(name: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return
    await appendFile(join(this.#sandbox, name), bytes, { mode: 0o600 })
    this.#written[name] += bytes.length
    this.#logs.bound(this.#sandbox)
    // Nothing is written while a log is cut, so nothing is lost.
    await this.#logs.settle(this.#sandbox)
  }
}
