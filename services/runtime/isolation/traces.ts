/**
 * What a run leaves in its sandbox for a later process of the slave: who it is (`pid`), how it ended (`exit`), why it
 * could not be started (`failed`), until when it has its grace (`stop`). All but `stop` are the launcher's. Of a container there are only
 * `stop` and `begun`.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ProcessEnd, readEnd } from './processEnds.ts'

export interface Failure {
  readonly missing: boolean
  readonly message: string
}

/** How a run ended by its own sandbox, if it did. */
export const readExit = (sandbox: string): ProcessEnd | undefined => readEnd(read(sandbox, 'exit'))

/** Why its program could not be started: `missing No such file or directory`. */
export function readFailure(sandbox: string): Failure | undefined {
  const [, kind, message = ''] = /^(missing|refused) (.*)$/m.exec(read(sandbox, 'failed')) ?? []
  return kind === undefined ? undefined : { missing: kind === 'missing', message }
}

/** The first process of a run, which its group is named after. */
export function readPid(sandbox: string): number | undefined {
  const pid = Number(read(sandbox, 'pid'))
  // 0 and 1 would be our own group, and everybody.
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined
}

/** When its first process had certainly been started, ms since 1970. */
export function pidNotedAt(sandbox: string): number {
  return statSync(join(sandbox, 'pid'), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** When the grace of a run that is being stopped is over, ms since 1970. */
export function readStop(sandbox: string): number | undefined {
  const deadline = Number(read(sandbox, 'stop'))
  return Number.isSafeInteger(deadline) && deadline > 0 ? deadline : undefined
}

/**
 * For the launcher, which leaves the group its grace even when we are gone; and for who takes over from us. Whole or not at
 * all: where we are killed between the two, an empty one would be no deadline.
 */
export function noteStop(sandbox: string, deadline: number): void {
  const path = join(sandbox, 'stop')
  try {
    writeFileSync(`${path}.new`, `${Math.ceil(deadline)}\n`)
    renameSync(`${path}.new`, path)
  } catch {
    // A full disk costs the rest of the group its grace, no more.
  }
}

/** Before a container is started, which leaves nothing here by itself. Rejects: without the mark it must not be. */
export const noteBegun = (sandbox: string): Promise<void> => writeFile(join(sandbox, 'begun'), '')

/**
 * Whether the run of this sandbox was never begun, and by what was asked of a launcher so far never will be. A
 * launcher begins nothing before it has made the file `stdout` in the sandbox, and only an empty directory can be
 * removed: either it goes, and no file can be made in it, or it stays. Where another is made in its place, a
 * launcher that comes late and the new one both want to be the one who makes `stdout`: one of them is.
 */
export async function provedUnbegun(sandbox: string): Promise<boolean> {
  try {
    await rmdir(sandbox)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

function read(sandbox: string, name: string): string {
  try {
    return readFileSync(join(sandbox, name), 'utf8')
  } catch {
    return ''
  }
}
