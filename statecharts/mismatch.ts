/** Two who keep books of the same things compare digests of them at each beat. */

export interface Mismatch {
  /** Both digests, as they differed at the last beat. */
  latest: string | undefined
  /** Beats in a row at which they differed. */
  beats: number
}

export const newMismatch = (): Mismatch => ({ latest: undefined, beats: 0 })

/** So often in a row they differ before somebody asks, though it be each time in another way. */
const busyBeats = 5

/**
 * What it means. Once may be a message on its way: `perhaps`. Twice the same is a loss: `lost`. Where things come and go all
 * the time no two are the same, and something may be lost all the same: that is to be asked about now and then, `busy`.
 */
export function compareDigests(
  mismatch: Mismatch,
  ours: number,
  theirs: number,
): 'same' | 'perhaps' | 'lost' | 'busy' {
  if (ours === theirs) {
    Object.assign(mismatch, newMismatch())
    return 'same'
  }
  const now = `${theirs}/${ours}`
  const isLost = mismatch.latest === now
  mismatch.latest = isLost ? undefined : now
  mismatch.beats = (mismatch.beats + 1) % busyBeats
  if (isLost) return 'lost'
  return mismatch.beats === 0 ? 'busy' : 'perhaps'
}
