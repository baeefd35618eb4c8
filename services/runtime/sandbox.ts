/**
 * The directory of one run: `workDir/<runId>/`, with what it writes in `stdout` and `stderr`. A run that writes more
 * than its bound loses the oldest of it: the newer half moves to `stdout.1`, and `stdout.cut` says where in all
 * that was ever written the two files begin, so that an offset stays true for ever.
 */
import { constants, lstatSync } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogPiece } from './ports.ts'

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
  const inTail = wanted < cut.tailTo
  const start = inTail ? wanted : Math.max(wanted, cut.from)
  const bytes = inTail
    ? await readBytes(`${path}.1`, start - cut.tailFrom, Math.min(limit, cut.tailTo - start))
    : await readBytes(path, start - cut.from, Math.min(limit, size - start))
  return { bytes, offset: start, size }
}

/** Moves the newest of a log into `stdout.1` and empties it. What is written just meanwhile is lost. */
async function cutLog(sandbox: string, stream: Stream, maxBytes: number): Promise<void> {
  const path = join(sandbox, stream)
  const { from } = await readCut(path)
  const log = await openPlain(path, constants.O_RDWR)
  try {
    const { size } = await log.stat()
    const start = Math.max(0, size - Math.floor(maxBytes / 2))
    await copyTail(log, start, size, `${path}.1`)
    const dropped = (await log.stat()).size
    await log.truncate(0)
    await writeCut(path, { tailFrom: from + start, tailTo: from + size, from: from + dropped })
  } finally {
    await log.close()
  }
}

async function copyTail(log: FileHandle, start: number, end: number, path: string): Promise<void> {
  const temporary = `${path}.tmp`
  await rm(temporary, { force: true })
  const tail = await open(temporary, 'wx', 0o600)
  try {
    const chunk = Buffer.allocUnsafe(256 * 1024)
    for (let at = start; at < end; ) {
      const { bytesRead } = await log.read(chunk, 0, Math.min(chunk.length, end - at), at)
      if (bytesRead === 0) break
      await tail.writeFile(chunk.subarray(0, bytesRead))
      at += bytesRead
    }
  } finally {
    await tail.close()
  }
  await rename(temporary, path)
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
