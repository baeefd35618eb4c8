/** Flashes as long as they are to be seen. What happened before the chart was opened does not flash. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { clock } from '../connection.ts'
import { type Flash, flashesSince, type Happened } from './flashes.ts'
import type { Graph } from './graph.ts'

const lastsMs = 1200

export function useFlashes(graph: Graph, happened: readonly Happened[], of: string): readonly Flash[] {
  const [flashes, setFlashes] = useState<readonly Flash[]>([])
  const seen = useRef<{ readonly of: string; readonly order: number } | undefined>(undefined)
  const newest = Math.max(-1, ...happened.map(({ order }) => order))
  useEffect(() => {
    const before = seen.current
    seen.current = { of, order: newest }
    // Back in time is where nothing happens.
    if (before?.of !== of || newest <= before.order || clock.peek()?.hurried) return
    const fresh = flashesSince(graph, happened, before.order)
    if (fresh.length === 0) return
    setFlashes((old) => [...fresh, ...old])
    setTimeout(() => setFlashes((old) => old.filter((flash) => !fresh.includes(flash))), lastsMs)
  }, [of, newest])
  return flashes
}
