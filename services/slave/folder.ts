/** Where a slave keeps what is its own: its checkpoint, its volumes, and a sandbox for each run. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * A slave's own folder in the machine's work directory: `node-1`, or `node-1@test` in cluster test; made when missing.
 * Throws when it cannot be written.
 */
export function slaveFolder(workDir: string, cluster: string, name: string): string {
  const folder = join(
    workDir,
    encodeURIComponent(name) + (cluster === 'main' ? '' : `@${encodeURIComponent(cluster)}`),
  )
  makeFolder(folder)
  spreadOut(folder)
  return folder
}

/** One level after the other: asked for all at once, Node never comes back from a file system that makes no folders. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

/**
 * ext4 makes files near the folder that they are in, and passes over inodes that were freed within the last minutes. A slave
 * makes and clears away sandboxes all the time: after some thousand tasks each new file would pass over thousands, and
 * a launch take three times as long. What is marked as the top of a hierarchy has its folders spread over the disk
 * instead. (fs/ext4/ialloc.c: recently_deleted, find_group_orlov.) Other file systems know no such mark, and need none.
 */
function spreadOut(folder: string): void {
  spawnSync('chattr', ['+T', folder], { stdio: 'ignore' })
}
