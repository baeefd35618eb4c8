/** Persistent volumes in a slave's work directory: a directory each, which outlives every run that has used it. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** Beside the sandboxes, which are called otherwise. */
export const volumesFolder = (workDir: string): string => join(workDir, 'volumes')
export const volumeFolder = (workDir: string, volumeId: string): string =>
  join(volumesFolder(workDir), folderName(volumeId))

/** A file system takes 255 bytes for a name. */
const maxNameBytes = 200

/** Whether any volume could be called so in there; a file system has folders of its own. */
export const isFolderName = (name: string): boolean => /^[A-Za-z0-9_%-]+$/.test(name)

/**
 * A volume's name as that of a directory: `db-1` as it is, `a/b` as `a%2Fb`; none begins with a dot. What would be too
 * long is called by its digest.
 */
function folderName(volumeId: string): string {
  const written = Array.from(Buffer.from(volumeId), (byte) => {
    const letter = String.fromCharCode(byte)
    return /[A-Za-z0-9_-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
  if (written.length <= maxNameBytes) return written
  return `%%${createHash('sha256').update(volumeId).digest('hex')}`
}
