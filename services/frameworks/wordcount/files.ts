/** A text that lies in many files: found, cut into chunks, and read piece by piece. */
import { accessSync, constants, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join, resolve } from 'node:path'

export interface TextFile {
  readonly path: string
  readonly bytes: number
}
/** What a directory holds: its files in the order of their paths, and what had to be left out, with the reason. */
export interface Listing {
  readonly files: readonly TextFile[]
  readonly skipped: readonly string[]
}
/** Some bytes of a file: from `from`, up to and without `to`. */
export interface Piece {
  readonly path: string
  readonly from: number
  readonly to: number
}
/** Pieces that are counted as one, in this order. */
export type Chunk = readonly Piece[]

/** Files that are counted as one: a chunk of many small ones must still fit in a message by name. */
const maxPieces = 32

/** A text that cannot be had; the message is a sentence. */
export class TextError extends Error {
  override readonly name = 'TextError'
}

/**
 * All files below a directory, as `find -L -type f` finds them: links are followed, and what is neither file nor
 * directory is no text. What cannot be read below it is left out, and said. Throws TextError when the directory
 * itself cannot be read.
 */
export function listFiles(root: string): Listing {
  const files: TextFile[] = []
  const skipped: string[] = []
  const top = resolve(root)
  walk(top, [])
  return { files: files.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))), skipped }

  function walk(path: string, above: readonly string[]): void {
    try {
      const stats = statSync(path)
      if (stats.isDirectory()) enter(path, above)
      else if (stats.isFile()) keep(path, stats)
    } catch (error) {
      if (path === top) throw new TextError(`${root} cannot be read: ${why(error)}`)
      skipped.push(`${path}: ${why(error)}`)
    }
  }

  function enter(path: string, above: readonly string[]): void {
    const real = realpathSync(path)
    if (above.includes(real)) return
    for (const name of readdirSync(path)) walk(join(path, name), [...above, real])
  }

  function keep(path: string, { size }: Stats): void {
    accessSync(path, constants.R_OK)
    files.push({ path, bytes: size })
  }
}

/** The files, one after the other, in chunks of so many bytes; the last one may have fewer. */
export function cutIntoChunks(files: readonly TextFile[], chunkBytes: number): Chunk[] {
  const chunks: Chunk[] = []
  let chunk: Piece[] = []
  let room = chunkBytes
  const close = () => {
    if (chunk.length > 0) chunks.push(chunk)
    chunk = []
    room = chunkBytes
  }
  for (const { path, bytes } of files) {
    for (let from = 0; from < bytes; ) {
      const to = Math.min(bytes, from + room)
      chunk.push({ path, from, to })
      room -= to - from
      from = to
      if (room === 0 || chunk.length === maxPieces) close()
    }
  }
  close()
  return chunks
}

/** The bytes of a chunk. Throws TextError when a file is gone, may not be read, or is shorter than it was. */
export async function readChunk(chunk: Chunk): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (const piece of chunk) parts.push(await readPiece(piece))
  return Buffer.concat(parts)
}

async function readPiece({ path, from, to }: Piece): Promise<Uint8Array> {
  const file = await open(path).catch((error: unknown) => {
    throw new TextError(`${path} cannot be read: ${why(error)}`)
  })
  try {
    const buffer = Buffer.alloc(to - from)
    for (let at = 0; at < buffer.length; ) {
      const { bytesRead } = await file.read(buffer, at, buffer.length - at, from + at)
      if (bytesRead === 0) throw new TextError(`${path} has become shorter while it was counted`)
      at += bytesRead
    }
    return buffer
  } finally {
    await file.close()
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'its links lead in a circle',
  ENOTDIR: 'a part of its path is not a directory',
}

function why(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return reasons[code] ?? message
}
