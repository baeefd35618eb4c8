/**
 * A digest of what somebody holds: the sum, modulo 2^32, of one FNV-1a hash for each item. Adding and removing an
 * item costs one hash, whatever else is held, and the order does not matter. Two parties whose digests differ
 * for longer than their messages take compare their books.
 */

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** FNV-1a, 32 bit, over the UTF-16 code units of the parts, each closed by a zero. */
export function hash(...parts: readonly string[]): number {
  let h = FNV_OFFSET
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) h = Math.imul(h ^ part.charCodeAt(i), FNV_PRIME)
    h = Math.imul(h, FNV_PRIME)
  }
  return h >>> 0
}

/** What a task or a custom executor adds to the digest of its slave. A kill in progress counts: a lost one must show. */
export const heldHash = (frameworkId: string, name: string, kind: 'task' | 'killing' | 'executor'): number =>
  hash(kind, frameworkId, name)

export const withItem = (digest: number, item: number): number => (digest + item) >>> 0
export const withoutItem = (digest: number, item: number): number => (digest - item) >>> 0
