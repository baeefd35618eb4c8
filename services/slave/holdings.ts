/**
 * What a slave holds for roles, on the disk of its machine: the file `holdings` in its own folder, beside its
 * checkpoint, and a directory for each volume. Neither a new id nor a restart of the machine touches it, and what
 * cannot be read is never taken for nothing: people rely on it.
 */
import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Holdings } from '../../shared/messages.ts'
import type { HoldEffect } from '../../statecharts/decision.ts'
import { isFolderName, volumeFolder, volumesFolder } from '../runtime/isolation/volumes.ts'
import type { HoldingsPort } from '../runtime/ports.ts'
import { CheckpointError, cannot } from './checkpoint/checkpointError.ts'
import { type Files, realFiles } from './checkpoint/files.ts'

export interface OpenedHoldings {
  readonly holdings: Holdings
  readonly port: HoldingsPort
  /** When all that was asked for is done. */
  close(): Promise<void>
}

export interface HoldingsOptions {
  readonly files?: Files
  /** Hears a sentence for the operator. */
  readonly note?: (sentence: string) => void
}

/** What the file says: the volumes of the last change that were to be destroyed may be there yet. */
interface Written {
  readonly holdings: Holdings
  readonly destroyed: readonly string[]
}

const nothing: Written = { holdings: { version: 0, reserved: [], volumes: [] }, destroyed: [] }

/** Throws CheckpointError where what is there cannot be what this slave has put down; nothing is changed then. */
export async function openHoldings(folder: string, options: HoldingsOptions = {}): Promise<OpenedHoldings> {
  const path = join(folder, 'holdings')
  const { files = realFiles, note = () => {} } = options
  try {
    const bytes = await readIfThere(path)
    const written = bytes ? read(path, bytes) : nothing
    await refuseMissing(folder, path, written)
    await clearStrangers(folder, path, written)
    const port = new HoldingsFolder(folder, files, note)
    return { holdings: written.holdings, port, close: () => port.close() }
  } catch (error) {
    throw cannot(`What this slave holds for roles cannot be read (${path})`, error)
  }
}

class HoldingsFolder implements HoldingsPort {
  readonly #folder: string
  readonly #files: Files
  readonly #note: (sentence: string) => void
  #working: Promise<void> = Promise.resolve()
  #clearing: Promise<void>
  /** Destroyed, and still by its name on the disk. */
  #undestroyed: readonly string[] = []

  constructor(folder: string, files: Files, note: (sentence: string) => void) {
    this.#folder = folder
    this.#files = files
    this.#note = note
    this.#clearing = this.#clear()
  }

  hold(change: HoldEffect, done: (error?: Error) => void): void {
    const failed = (error: unknown) =>
      done(cannot(`${join(this.#folder, 'holdings')} cannot be written`, error))
    this.#working = this.#working.then(() => this.#hold(change)).then(() => done(), failed)
  }

  async close(): Promise<void> {
    await this.#working
    await this.#clearing
  }

  /** The new volumes are there before the file names them, and the old ones go when it does not any more. */
  async #hold({ holdings, made, destroyed }: HoldEffect): Promise<void> {
    const volumes = volumesFolder(this.#folder)
    const gone = [...new Set([...this.#undestroyed, ...destroyed])].filter(
      (volumeId) => !made.includes(volumeId),
    )
    for (const volumeId of made) await this.#make(volumeId)
    if (made.length > 0) await this.#files.syncFolder(volumes)
    await this.#write({ holdings, destroyed: gone })
    this.#undestroyed = gone
    for (const volumeId of gone) await this.#destroy(volumeId)
    this.#clearing = this.#clearing.then(() => this.#clear())
  }

  /**
   * Whoever a task runs as may write there: in a container that is somebody else than the slave, and not even its
   * root may what its owner may. What keeps others on this machine away is the folder around it.
   */
  async #make(volumeId: string): Promise<void> {
    const volumes = volumesFolder(this.#folder)
    await mkdir(volumes, { mode: 0o700 }).catch(unlessThere)
    await this.#files.syncFolder(this.#folder)
    const volume = volumeFolder(this.#folder, volumeId)
    await moveAside(volume, volumes).catch(unlessMissing)
    await mkdir(volume)
    await chmod(volume, 0o777)
    await this.#files.syncFolder(volume)
  }

  async #write(written: Written): Promise<void> {
    const path = join(this.#folder, 'holdings')
    const bytes = fileOf(written)
    const file = await this.#files.create(`${path}.new`)
    try {
      for (let at = 0; at < bytes.length; ) at += await file.write(bytes.subarray(at), at)
      await file.datasync()
      await this.#files.rename(`${path}.new`, path)
      await this.#files.syncFolder(this.#folder)
    } finally {
      await file.close().catch(() => {})
      await rm(`${path}.new`, { force: true }).catch(() => {})
    }
  }

  /** Out of the way first: how long it takes to remove all that is in it nobody need wait for. */
  async #destroy(volumeId: string): Promise<void> {
    try {
      await moveAside(volumeFolder(this.#folder, volumeId), volumesFolder(this.#folder)).catch(unlessMissing)
      this.#undestroyed = this.#undestroyed.filter((each) => each !== volumeId)
    } catch (error) {
      this.#note(`volume ${volumeId} is destroyed, but still there: ${(error as Error).message}`)
    }
  }

  async #clear(): Promise<void> {
    const volumes = volumesFolder(this.#folder)
    const aside = (await namesIn(volumes)).filter((name) => name.startsWith(asidePrefix))
    for (const name of aside)
      await rm(join(volumes, name), { recursive: true, force: true }).catch((error: Error) =>
        this.#note(
          `${join(volumes, name)}, of a volume that was destroyed, cannot be removed: ${error.message}`,
        ),
      )
  }
}

const asidePrefix = '.destroyed-'
let asides = 0
const moveAside = (volume: string, volumes: string): Promise<void> =>
  rename(volume, join(volumes, `${asidePrefix}${Date.now()}-${process.pid}-${++asides}`))

const heading = 'proffer holdings 1 '
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A line that says what it is, and a digest of what follows; people can read it. */
function fileOf(written: Written): Buffer {
  const text = `${JSON.stringify(written, undefined, 2)}\n`
  return Buffer.from(`${heading}${digestOf(text)}\n${text}`)
}

function read(path: string, bytes: Buffer): Written {
  const end = bytes.indexOf('\n')
  const first = bytes.subarray(0, Math.max(0, end)).toString()
  const text = bytes.subarray(end + 1).toString()
  if (first === `${heading}${digestOf(text)}`) return JSON.parse(text) as Written
  throw new CheckpointError(
    `The file ${path} says what is reserved on this slave and which volumes it has, and it is damaged, or was written by another version of Proffer. The slave does not start without it, so that nothing of this is lost: put back a copy of it. If all of it may be forgotten, move the file away, and the folder volumes beside it.`,
  )
}

/** A volume whose folder somebody has removed is not an empty one. */
async function refuseMissing(folder: string, path: string, { holdings }: Written): Promise<void> {
  for (const { volumeId } of holdings.volumes) {
    const volume = volumeFolder(folder, volumeId)
    const isThere = await stat(volume).then((stats) => stats.isDirectory(), onlyMissing)
    if (!isThere)
      throw new CheckpointError(
        `The file ${path} names volume ${volumeId}, and there is no folder ${volume}: put it back, or, if what was in it may be lost, make an empty one there that everybody may write to.`,
      )
  }
}

/** Of what no volume is called any more: what was to be destroyed goes, and what was only begun. All else is somebody's. */
async function clearStrangers(folder: string, path: string, written: Written): Promise<void> {
  const volumes = volumesFolder(folder)
  const named = new Set(written.holdings.volumes.map(({ volumeId }) => volumeFolder(folder, volumeId)))
  const destroyed = new Set(written.destroyed.map((volumeId) => volumeFolder(folder, volumeId)))
  for (const name of (await namesIn(volumes)).filter((name) => isFolderName(name))) {
    const volume = join(volumes, name)
    if (named.has(volume)) continue
    if (destroyed.has(volume)) await moveAside(volume, volumes)
    else await rmdir(volume).catch(() => refuseStranger(volume, path))
  }
}

function refuseStranger(volume: string, path: string): never {
  throw new CheckpointError(
    `There is a folder ${volume} with something in it, and the file ${path} names no such volume: put back the file that did, or move the folder away.`,
  )
}

const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(unlessMissing)) ?? []

async function readIfThere(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(unlessMissing)
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
function onlyMissing(error: NodeJS.ErrnoException): false {
  if (error.code !== 'ENOENT') throw error
  return false
}
function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
