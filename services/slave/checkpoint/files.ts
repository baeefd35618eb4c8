/** The few calls by which a checkpoint is written; tests put others in their place, which fail. */
import { type FileHandle, open, rename } from 'node:fs/promises'

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
  datasync(): Promise<void>
  close(): Promise<void>
}

export const realFiles: Files = {
  create: async (path) => asWritten(await open(path, 'w', 0o600)),
  rename,
  async syncFolder(folder) {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  },
}

const asWritten = (handle: FileHandle): WrittenFile => ({
  write: async (bytes, position) => (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
  datasync: () => handle.datasync(),
  close: () => handle.close(),
})
