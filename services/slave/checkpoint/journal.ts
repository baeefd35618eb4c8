/**
 * Writes a checkpoint. What is asked for while a batch is on its way to the disk goes with the next one: one write
 * and one fdatasync for all of it.
 */
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { encode } from '../../../shared/codec.ts'
import type { Disk } from '../../runtime/ports.ts'
import { CheckpointError, cannot } from './checkpointError.ts'
import type { Files, WrittenFile } from './files.ts'
import { fileOf, framesOf, type Header, sealOf } from './format.ts'

interface Asked {
  readonly what: 'append' | 'rewrite'
  readonly bodies: readonly Uint8Array[]
  readonly dones: readonly ((error?: Error) => void)[]
}

interface Current {
  readonly file: WrittenFile
  readonly salt: number
  readonly size: number
  /** How much of it is on the disk: all but a seal. */
  readonly safe: number
  /** Up to where there are zeros to be written over. */
  readonly room: number
}

/**
 * So much is made ready at a time, bytes. A write into what is there already needs no word of the file system's own
 * journal, which would take along whatever else is under way on that disk: the sandboxes of all tasks that begin.
 */
const roomBytes = 256 * 1024

/** When nothing was appended for so long, the last batch is sealed, ms. */
const sealAfterMs = 50

export class Journal implements Disk {
  readonly #path: string
  readonly #header: Header
  readonly #files: Files
  readonly #release: () => Promise<void>
  #asked: Asked[] = []
  #current: Current | undefined
  /** Why nothing can be appended: after an error nobody knows what is on the disk, until all is written anew. */
  #unwell: Error
  #working: Promise<void> | undefined
  #sealing: NodeJS.Timeout | undefined
  #closed: Promise<void> | undefined

  /** Begins unwell: the first rewrite makes its file. */
  constructor(path: string, header: Header, files: Files, release: () => Promise<void>, unwell: Error) {
    this.#path = path
    this.#header = header
    this.#files = files
    this.#release = release
    this.#unwell = unwell
  }

  append(records: readonly object[], done: (error?: Error) => void): void {
    this.#ask('append', records, done)
  }

  rewrite(records: readonly object[], done: (error?: Error) => void): void {
    this.#ask('rewrite', records, done)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    clearTimeout(this.#sealing)
    await this.#working
    await this.#try(() => this.#seal())
    await this.#letGo()
    await this.#release()
  }

  #ask(what: Asked['what'], records: readonly object[], done: (error?: Error) => void): void {
    if (this.#closed) {
      tell([done], new CheckpointError(`The checkpoint ${this.#path} is closed.`))
      return
    }
    this.#asked.push({ what, bodies: records.map(encode), dones: [done] })
    this.#working ??= this.#work()
  }

  async #work(): Promise<void> {
    for (let next = this.#take(); next; next = this.#take()) {
      const error = await this.#try(() => this.#write(next))
      tell(next.dones, error)
      // Those who waited for this ask for more now, which then goes as one batch.
      await setImmediate()
    }
    this.#working = undefined
    this.#sealSoon()
  }

  /** While more keeps coming no seal is needed: what comes next says as much of what was before. */
  #sealSoon(): void {
    this.#sealing ??= setTimeout(() => {
      this.#sealing = undefined
      if (this.#closed || this.#asked.length > 0) return
      this.#working ??= this.#try(() => this.#seal()).then(() => this.#work())
    }, sealAfterMs)
  }

  /** The first that was asked for, with all the appends that follow an append. */
  #take(): Asked | undefined {
    const [first] = this.#asked
    if (!first) return undefined
    const end = first.what === 'rewrite' ? 1 : this.#asked.findIndex(({ what }) => what === 'rewrite')
    const taken = this.#asked.splice(0, end === -1 ? this.#asked.length : end)
    return {
      what: first.what,
      bodies: taken.flatMap(({ bodies }) => bodies),
      dones: taken.flatMap(({ dones }) => dones),
    }
  }

  /**
   * A failed fdatasync is never tried again on the same file: the system may have forgotten the pages that it could
   * not write, and the second try would succeed without them.
   */
  async #try(write: () => Promise<void>): Promise<Error | undefined> {
    try {
      await write()
      return undefined
    } catch (error) {
      this.#unwell = cannot(`The checkpoint ${this.#path} cannot be written`, error)
      await this.#letGo()
      return this.#unwell
    }
  }

  #write({ what, bodies }: Asked): Promise<void> {
    return what === 'append' ? this.#append(bodies) : this.#replace(bodies)
  }

  async #append(bodies: readonly Uint8Array[]): Promise<void> {
    if (!this.#current) throw this.#unwell
    const { file, salt, size, safe, room } = this.#current
    const bytes = framesOf(bodies, salt, size, safe)
    if (bytes.length === 0) return
    const end = size + bytes.length
    const ready = end <= room ? room : await makeRoom(file, end)
    await writeAll(file, bytes, size)
    await file.datasync()
    this.#current = { file, salt, size: end, safe: end, room: ready }
  }

  /** Needs no fdatasync: a seal that is lost is only missed where the batch before it is damaged, too. */
  async #seal(): Promise<void> {
    if (!this.#current || this.#current.size > this.#current.safe) return
    const { file, salt, size, safe, room } = this.#current
    const bytes = sealOf(salt, size)
    await writeAll(file, bytes, size)
    this.#current = { file, salt, size: size + bytes.length, safe, room }
  }

  async #replace(bodies: readonly Uint8Array[]): Promise<void> {
    await this.#letGo()
    const { bytes, salt } = fileOf(this.#header, bodies)
    const file = await this.#files.create(`${this.#path}.new`)
    try {
      await writeAll(file, bytes, 0)
      await file.datasync()
      await this.#files.rename(`${this.#path}.new`, this.#path)
      await this.#files.syncFolder(dirname(this.#path))
    } catch (error) {
      await file.close().catch(() => {})
      // On a full disk it would take what little is left.
      await rm(`${this.#path}.new`, { force: true }).catch(() => {})
      throw error
    }
    this.#current = { file, salt, size: bytes.length, safe: bytes.length, room: bytes.length }
  }

  /** An error of close tells nothing that the fdatasync before has not told. */
  async #letGo(): Promise<void> {
    const { file, size } = this.#current ?? {}
    this.#current = undefined
    await file?.truncate?.(size ?? 0).catch(() => {})
    await file?.close().catch(() => {})
  }
}

/** Where a disk has no room for more than is needed, it is done without. */
async function makeRoom(file: WrittenFile, from: number): Promise<number> {
  try {
    await writeAll(file, Buffer.alloc(roomBytes), from)
    return from + roomBytes
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return from
    throw error
  }
}

async function writeAll(file: WrittenFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; )
    written += await file.write(bytes.subarray(written), position + written)
}

/** One by one: what one of them throws keeps neither the others nor the next batch. */
function tell(dones: Asked['dones'], error: Error | undefined): void {
  for (const done of dones) queueMicrotask(() => (error ? done(error) : done()))
}
