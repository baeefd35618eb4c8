/** The cluster as a picture, with the names of its slaves: they are sent once, and kept for as long as they hold. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ClusterPicture } from '../../language.ts'
import { link, useLook } from '../connection.ts'
import type { Seen } from '../parts/Shown.tsx'

export type NamedCluster = ClusterPicture & Required<Pick<ClusterPicture, 'names'>>
export type SeenCluster = Seen<NamedCluster>

export function useCluster(slot: string, search = ''): SeenCluster {
  const [knows, setKnows] = useState<number>()
  const names = useRef<NamedCluster['names']>([])
  const look = useLook(slot, 'cluster', { ...(search && { search }), ...(knows !== undefined && { knows }) })
  // A server that has begun anew counts rosters anew.
  const away = link.value === 'away'
  useEffect(() => setKnows(undefined), [away, search])

  const seen = look.value
  const shown = seen.kind === 'shown' ? seen.shows : undefined
  useEffect(() => {
    if (!shown?.names) return
    names.current = shown.names
    setKnows(shown.roster)
  }, [shown])
  if (seen.kind !== 'shown') return seen
  if (!seen.shows.names && seen.shows.roster !== knows) return { kind: 'waiting' }
  return { kind: 'shown', shows: { ...seen.shows, names: seen.shows.names ?? names.current } }
}
