/** What is called so; asked once nobody has typed for a moment. */
import { useEffect, useState } from 'preact/hooks'
import type { ThingsPicture } from '../../language.ts'
import { useLook } from '../connection.ts'
import type { Seen } from '../parts/Shown.tsx'

const calmMs = 120
const mostFound = 12

export function useFound(text: string): Seen<ThingsPicture> {
  const [search, setSearch] = useState(text.trim())
  useEffect(() => {
    const timer = setTimeout(() => setSearch(text.trim()), calmMs)
    return () => clearTimeout(timer)
  }, [text])
  return useLook('search', 'things', { search, limit: mostFound }).value
}
