/** What earlier processes of the slave have left in its work directory. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProcessBounds } from './processOptions.ts'
import { killRuns } from './processTable.ts'
import { messageOf } from './runs.ts'
import { provedUnbegun, readExit, readFailure, readPid } from './traces.ts'

/** How the ids of runs begin; what else lies in a work directory is not ours to clear away. */
const runName = /^(task|executor)-/

/** The sandboxes of runs but of those to be kept; rejects when the directory cannot be read. */
export async function sandboxesIn(workDir: string, isKept: (runId: string) => boolean): Promise<string[]> {
  const entries = await readdir(workDir, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new Error(`the work directory ${workDir} cannot be read: ${messageOf(error)}`)
  })
  const runs = entries.filter((entry) => entry.isDirectory() && runName.test(entry.name))
  return runs.filter(({ name }) => !isKept(name)).map(({ name }) => join(workDir, name))
}

/** Removes sandboxes, also while a launcher adds a last word; what cannot be removed stays. */
export async function clearSandboxes(sandboxes: readonly string[]): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }
  await Promise.all(sandboxes.map((sandbox) => rm(sandbox, options).catch(() => {})))
}

/** Kills the runs of these sandboxes, and removes them when nobody is in there any more. */
export async function endRuns(sandboxes: readonly string[], bounds: ProcessBounds): Promise<void> {
  const unbegun = await Promise.all(sandboxes.map(provedUnbegun))
  const begun = sandboxes.filter((_sandbox, i) => !unbegun[i])
  if (begun.length === 0) return
  await until(() => begun.every(isNoted), bounds.beginTimeoutMs, bounds.lingerPollMs)
  await until(() => !killRuns(begun), bounds.killTimeoutMs, bounds.lingerPollMs)
  await clearSandboxes(begun)
}

/** What a launcher is about to start cannot be killed yet. */
const isNoted = (sandbox: string): boolean =>
  readPid(sandbox) !== undefined || readExit(sandbox) !== undefined || readFailure(sandbox) !== undefined

async function until(isSo: () => boolean, timeoutMs: number, pollMs: number): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!isSo() && performance.now() < end) await delay(pollMs)
}
