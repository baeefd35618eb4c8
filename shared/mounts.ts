/** Where a task finds its persistent volumes. */
import type { Mount } from './tasks.ts'

/** A sandbox has files of its own: what the task writes, and what its slave notes of it. */
const ownFiles = new Set(['stdout', 'stderr', 'pid', 'exit', 'failed', 'refused', 'stop', 'begun'])

/** What is wrong with the volumes that a task names, beyond their shape; undefined when nothing is. */
export function flawOfMounts(mounts: readonly Mount[]): string | undefined {
  for (const [i, { volumeId, path }] of mounts.entries()) {
    const parts = path.split('/')
    if (parts.some((part) => part === '' || part === '.' || part === '..'))
      return `the path "${path}" of volume ${volumeId} must be plain, such as data or var/data`
    if (ownFiles.has(parts[0]?.split('.')[0] ?? ''))
      return `the path "${path}" of volume ${volumeId} begins as a file of the sandbox itself is called`
    for (const other of mounts.slice(0, i)) {
      if (other.volumeId === volumeId) return `volume ${volumeId} is named twice`
      if (isIn(path, other.path) || isIn(other.path, path))
        return `one of the paths "${other.path}" and "${path}" is inside the other`
    }
  }
  return undefined
}

const isIn = (path: string, other: string): boolean => `${path}/`.startsWith(`${other}/`)
