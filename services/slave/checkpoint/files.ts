/** The few calls by which a checkpoint is written; tests put others in their place, which fail. */
import { close, constants, fdatasync, ftruncate, open as openFile, write } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { promisify } from 'node:util'

export interface Files {
  /** An empty file, even where there was one. */
  create(path: string): Promise<WrittenFile>
  rename(from: string, to: string): Promise<void>
  /** Makes sure of the names in a folder. */
  syncFolder(folder: string): Promise<void>
}

export interface WrittenFile {
  /** Returns how many bytes were written, which may be fewer. */
  write(bytes: Uint8Array, position: number): Promise<number>
  /** What was written is on the disk. */
  datasync(): Promise<void>
  /** Drops what is behind. */
  truncate?(size: number): Promise<void>
  close(): Promise<void>
}

export const realFiles: Files = {
  create: async (path) => asWritten(await promisify(openFile)(path, flags, 0o600)),
  rename,
  async syncFolder(folder) {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  },
}

/** Where a file can be opened so that a write comes back when it is on the disk, that is one way to the disk and not two. */
const writesThrough: number | undefined = constants.O_DSYNC
const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (writesThrough ?? 0)

/** By number and callback: a slave writes a thousand times a second, and the handles of promises cost as much again. */
const asWritten = (file: number): WrittenFile => ({
  write: (bytes, position) =>
    new Promise((resolve, reject) =>
      write(file, bytes, 0, bytes.length, position, (error, written) =>
        error ? reject(error) : resolve(written),
      ),
    ),
  datasync: () => (writesThrough === undefined ? promisify(fdatasync)(file) : Promise.resolve()),
  truncate: (size) => promisify(ftruncate)(file, size),
  close: () => promisify(close)(file),
})
