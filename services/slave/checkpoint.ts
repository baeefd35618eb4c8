/**
 * What a slave must know after it was killed, or its machine lost power: records in the file `checkpoint` of its own
 * folder, each safe on the disk before anybody is told so.
 */
import { existsSync, readFileSync } from 'node:fs'
import { link, mkdir, readFile, realpath, rm } from 'node:fs/promises'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { counted } from '../../shared/counted.ts'
import type { Disk } from '../runtime/ports.ts'
import { CheckpointError, cannot } from './checkpoint/checkpointError.ts'
import { type Files, realFiles } from './checkpoint/files.ts'
import { type Damage, type Header, type Reading, readFileOf, version } from './checkpoint/format.ts'
import { Journal } from './checkpoint/journal.ts'
import { lockFolder } from './checkpoint/lock.ts'

export { CheckpointError } from './checkpoint/checkpointError.ts'
export { type Files, realFiles, type WrittenFile } from './checkpoint/files.ts'

export interface CheckpointOptions {
  readonly files?: Files
  /** Tells this start of the machine from all others. */
  readonly boot?: string
}

export interface Opened {
  readonly disk: Disk
  readonly records: readonly object[]
  /**
   * `torn`: a crash has cut the last batch, of which nobody was told that it is safe; it is gone. `other-boot`: the
   * machine was started anew since; nothing can be appended before a rewrite. `corrupt`: the file was set aside and
   * an empty one begun.
   */
  readonly found: 'none' | 'whole' | 'torn' | 'other-boot' | 'corrupt'
  /** Sentences for the operator. */
  readonly note?: string
}

/** Throws CheckpointError where another slave has the folder, or where what is there is not this one's to read. */
export async function openCheckpoint(folder: string, options: CheckpointOptions = {}): Promise<Opened> {
  const home = await makeFolder(folder)
  const release = await lockFolder(home)
  try {
    return await openLocked(home, options, release)
  } catch (error) {
    await release()
    throw cannot(`The checkpoint ${join(home, 'checkpoint')} cannot be opened`, error)
  }
}

async function makeFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true })
    return await realpath(folder)
  } catch (error) {
    throw cannot(`The folder ${folder} cannot be made`, error)
  }
}

async function openLocked(
  folder: string,
  { files = realFiles, boot = thisBoot() }: CheckpointOptions,
  release: () => Promise<void>,
): Promise<Opened> {
  const path = join(folder, 'checkpoint')
  const header = { version, boot, folder }
  await rm(`${path}.new`, { force: true })
  const there = await find(path, header)
  const journal = new Journal(path, header, files, release, rewriteFirst(path))
  // What was read may be in the system's memory only, and an fdatasync that failed before would not fail again.
  const failure = there.found === 'other-boot' ? undefined : await rewrite(journal, there.records)
  const note = [there.note, failure?.message].filter(Boolean).join(' ')
  return { disk: journal, records: there.records, found: there.found, ...(note && { note }) }
}

const rewriteFirst = (path: string): Error =>
  new CheckpointError(`The checkpoint ${path} is of an earlier start of this machine: rewrite it first.`)

/** An error is not the end: what was read is known, and the journal stays unwell until a rewrite succeeds. */
const rewrite = (disk: Disk, records: readonly object[]): Promise<Error | undefined> =>
  new Promise((resolve) => disk.rewrite(records, resolve))

type Found = Omit<Opened, 'disk'>

async function find(path: string, own: Header): Promise<Found> {
  const bytes = await readIfThere(path)
  if (!bytes) return { found: 'none', records: [] }
  const reading = readFileOf(bytes)
  if ('damagedAt' in reading) return setAside(path, reading)
  refuseForeign(path, reading.header, own)
  const { records } = reading
  if (!isSameBoot(reading.header.boot, own.boot)) return { found: 'other-boot', records, ...noteOn(reading) }
  return { found: reading.tornBytes > 0 ? 'torn' : 'whole', records, ...noteOn(reading) }
}

/** Only a file that is not there is none: what cannot be read must not be written over. */
async function readIfThere(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}

const noteOn = ({ tornBytes }: Reading): { note?: string } =>
  tornBytes > 0
    ? {
        note: `A crash has cut the last write to the checkpoint, which is dropped with its ${counted(tornBytes, 'byte')}.`,
      }
    : {}

/** By a second name first: at no moment is there nothing that tells of the damage. */
async function setAside(path: string, { damagedAt }: Damage): Promise<Found> {
  const aside = `${path}.corrupt-${Date.now()}`
  await link(path, aside)
  const note = `The checkpoint is damaged at byte ${damagedAt} and was set aside as ${aside}; this slave begins as a new one.`
  return { found: 'corrupt', records: [], note }
}

function refuseForeign(path: string, header: Header, own: Header): void {
  if (header.version !== own.version)
    throw new CheckpointError(
      `The checkpoint ${path} has format ${header.version}, and this version of Proffer reads ${own.version}: start the version that wrote it, or remove the file to start as a new slave once nothing of it runs.`,
    )
  if (header.folder !== own.folder)
    throw new CheckpointError(
      `The checkpoint ${path} was written in ${header.folder}: move it back there, or remove the file to start as a new slave once nothing of it runs.`,
    )
}

const bootFile = '/proc/sys/kernel/random/boot_id'

/** Where the system has no name for it, the moment of the start tells it as well, but for a clock that is set. */
function thisBoot(): string {
  if (existsSync(bootFile)) return readFileSync(bootFile, 'utf8').trim()
  return `since ${Math.round(Date.now() / 1000 - uptime())}`
}

const clockSlackSeconds = 60

function isSameBoot(one: string, other: string): boolean {
  const [from, to] = [one, other].map((boot) => Number(/^since (\d+)$/.exec(boot)?.[1] ?? Number.NaN))
  return one === other || Math.abs(Number(from) - Number(to)) <= clockSlackSeconds
}
