/** Who holds how much of one slave. */
import type { ClusterPicture, Part } from '../../language.ts'
import { percent } from '../parts/words.ts'
import type { Cells } from './cells.ts'

export interface Holder extends Part {
  readonly name: string
}

/** In the order in which they are drawn; where there are very many slaves, the one that holds most. */
export function holdersOf({ parts, owners }: ClusterPicture, cells: Cells, index: number): Holder[] {
  const named = (part: Part) => ({ ...part, name: owners[part.owner]?.name ?? '' })
  const exact = parts?.[index]
  if (exact) return exact.map(named)
  const owner = cells.owner(index)
  return owner === undefined ? [] : [named({ owner, fraction: cells.booked(index), as: 'booked' })]
}

export function holdersInWords(holders: readonly Holder[]): string {
  if (holders.length === 0) return 'nobody holds anything'
  return holders.map(({ name, fraction, as }) => `${name} ${percent(fraction)} ${as}`).join(', ')
}
