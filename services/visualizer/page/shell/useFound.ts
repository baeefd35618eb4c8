/** What was found by a word; asked once nobody has typed for a moment. */
import { useEffect, useState } from 'preact/hooks'
import type { Thing } from '../../language.ts'
import { useLook } from '../connection.ts'

export interface FoundThings {
  readonly kind: 'waiting' | 'shown' | 'sorry'
  readonly things: readonly Thing[]
  readonly more: number
  readonly sentence?: string
}

const calmMs = 120
export const mostFound = 12

export function useFound(text: string): FoundThings {
  const [search, setSearch] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setSearch(text.trim()), calmMs)
    return () => clearTimeout(timer)
  }, [text])
  const seen = useLook('search', 'things', { search, limit: search ? mostFound : 0 }).value
  if (seen.kind === 'sorry') return { kind: 'sorry', things: [], more: 0, sentence: seen.sentence }
  if (seen.kind === 'waiting') return { kind: 'waiting', things: [], more: 0 }
  return { kind: 'shown', ...seen.shows }
}
