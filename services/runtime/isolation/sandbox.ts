/**
 * The directory of one run: `workDir/<runId>/`, with what it writes in `stdout` and `stderr`. A run that writes more
 * than its bound loses the oldest of it: the newer half moves to `stdout.1`, and `stdout.cut` says where in all
 * that was ever written the two files begin, so that an offset stays true for ever.
 */
import { constants, fstatSync, ftruncateSync, lstatSync, readSync, writeSync } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogPiece } from '../ports.ts'

type Stream = 'stdout' | 'stderr'
const streams = ['stdout', 'stderr'] as const

const safeName = /^[A-Za-z0-9_.-]{1,128}$/
/** Whether a run id can be the name of a file and of a container. */
export const isRunId = (runId: string): boolean => safeName.test(runId) && runId !== '.' && runId !== '..'

/** Makes the directory; rejects where it is there already, for then somebody else's run would be written over. */
export async function makeSandbox(workDir: string, runId: string): Promise<string> {
  const sandbox = join(workDir, runId)
  await mkdir(sandbox, { mode: 0o700 }).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    await mkdir(workDir, { recursive: true })
    await mkdir(sandbox, { mode: 0o700 })
  })
  return sandbox
}

export const removeSandbox = (sandbox: string): Promise<void> => rm(sandbox, { recursive: true, force: true })

/** The logs of all sandboxes: bounds them, and reads them while nobody is cutting. */
export class Logs {
  readonly #maxBytes: number
  readonly #cutting = new Map<string, Promise<void>>()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  async read(sandbox: string, stream: Stream, offset: number, limit: number): Promise<LogPiece> {
    await this.#cutting.get(sandbox)
    return readLog(sandbox, stream, offset, limit)
  }

  /** Cuts what has outgrown its bound, of which `stdout.1` may hold one half and `stdout` the other. */
  bound(sandbox: string): void {
    if (this.#cutting.has(sandbox)) return
    const overfull = streams.filter((stream) => sizeOf(join(sandbox, stream)) > this.#maxBytes / 2)
    if (overfull.length === 0) return
    // A log that cannot be cut now (a full disk, a run that put something else there) is tried again.
    const cuts = overfull.map((stream) => cutLog(sandbox, stream, this.#maxBytes).catch(() => {}))
    const cut = Promise.all(cuts).then(() => void this.#cutting.delete(sandbox))
    this.#cutting.set(sandbox, cut)
  }

  /** Resolves when no cut of this sandbox, or of any, is under way. */
  async settle(sandbox?: string): Promise<void> {
    if (sandbox !== undefined) await this.#cutting.get(sandbox)
    else await Promise.all(this.#cutting.values())
  }
}

/** Where in all that was written the files begin: `.1` holds [tailFrom, tailTo), the file itself what is from `from`. */
interface Cut {
  readonly tailFrom: number
  readonly tailTo: number
  readonly from: number
}
const uncut: Cut = { tailFrom: 0, tailTo: 0, from: 0 }

async function readLog(sandbox: string, stream: Stream, offset: number, limit: number): Promise<LogPiece> {
  const path = join(sandbox, stream)
  const cut = await readCut(path)
  const size = cut.from + sizeOf(path)
  const wanted = Math.min(Math.max(offset, cut.tailFrom), size)
  const ofTail = Math.min(limit, cut.tailTo - wanted)
  const tail = await readBytes(`${path}.1`, wanted - cut.tailFrom, ofTail)
  if (tail.length > 0) return { bytes: tail, offset: wanted, size }
  const start = Math.max(wanted, cut.from)
  return {
    bytes: await readBytes(path, start - cut.from, Math.min(limit, size - start)),
    offset: start,
    size,
  }
}

/**
 * Moves the newest of a log into `stdout.1` and empties it, while the run goes on writing. What it writes meanwhile is
 * copied after, and between the last look and the emptying there is nothing that we wait for; a run that
 * writes faster than that loses some of it.
 */
async function cutLog(sandbox: string, stream: Stream, maxBytes: number): Promise<void> {
  const path = join(sandbox, stream)
  const { from } = await readCut(path)
  const log = await openPlain(path, constants.O_RDWR)
  const tail = await openAnew(`${path}.1.tmp`)
  try {
    const { size } = await log.stat()
    const start = Math.max(0, size - Math.floor(maxBytes / 2))
    await copy(log, tail, start, size)
    const end = copyWhatCame(log.fd, tail.fd, size, Buffer.allocUnsafe(Math.ceil(maxBytes / 16)))
    const { size: dropped } = fstatSync(log.fd)
    ftruncateSync(log.fd)
    await rename(`${path}.1.tmp`, `${path}.1`)
    await writeCut(path, { tailFrom: from + start, tailTo: from + end, from: from + dropped })
  } finally {
    await Promise.all([log.close(), tail.close()])
  }
}

async function copy(log: FileHandle, tail: FileHandle, start: number, end: number): Promise<void> {
  const chunk = Buffer.allocUnsafe(256 * 1024)
  for (let at = start; at < end; ) {
    const { bytesRead } = await log.read(chunk, 0, Math.min(chunk.length, end - at), at)
    if (bytesRead === 0) return
    await tail.writeFile(chunk.subarray(0, bytesRead))
    at += bytesRead
  }
}

/** Copies what is there beyond `end`, and again what came meanwhile, until nothing did; returns where that is. */
function copyWhatCame(log: number, tail: number, end: number, chunk: Buffer): number {
  const bytesRead = readSync(log, chunk, 0, chunk.length, end)
  if (bytesRead > 0) writeSync(tail, chunk, 0, bytesRead)
  const isTooFast = bytesRead === chunk.length
  return bytesRead === 0 || isTooFast ? end + bytesRead : copyWhatCame(log, tail, end + bytesRead, chunk)
}

async function openAnew(path: string): Promise<FileHandle> {
  await rm(path, { force: true })
  return open(path, 'wx', 0o600)
}

async function readCut(path: string): Promise<Cut> {
  const text = await readFile(`${path}.cut`, 'utf8').catch(() => '')
  const [tailFrom, tailTo, from] = text.split(' ').map(Number)
  if (tailFrom === undefined || tailTo === undefined || !Number.isSafeInteger(from ?? Number.NaN))
    return uncut
  return { tailFrom, tailTo, from: from ?? 0 }
}

async function writeCut(path: string, cut: Cut): Promise<void> {
  await writeFile(`${path}.cut.tmp`, `${cut.tailFrom} ${cut.tailTo} ${cut.from}`)
  await rename(`${path}.cut.tmp`, `${path}.cut`)
}

async function readBytes(path: string, position: number, length: number): Promise<Uint8Array> {
  if (length <= 0) return new Uint8Array()
  const file = await openPlain(path, constants.O_RDONLY).catch(() => undefined)
  if (!file) return new Uint8Array()
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** The run may have put a link or a pipe in the place of its log: neither is followed, nor waited for. */
async function openPlain(path: string, flags: number): Promise<FileHandle> {
  const file = await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw new Error(`${path} is no longer a file`)
}

function sizeOf(path: string): number {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats?.isFile() ? stats.size : 0
}
