/** A chart with all who stand in it: how many in each state, and how many took each way in the last minute. */

import type { TrafficPicture } from '../../language.ts'
import { useLook } from '../connection.ts'
import { place } from '../place.ts'
import { CrowdPanel } from './CrowdPanel.tsx'
import type { Drawn } from './charts.ts'
import { Drawing } from './Drawing.tsx'
import type { Happened } from './flashes.ts'
import { StatePanel } from './StatePanel.tsx'
import { type Crowd, crowdOf, type Scene } from './scene.ts'
import { chartInWords } from './subject.ts'
import { useFlashes } from './useFlashes.ts'

const spanMs = 60_000
const nobody: TrafficPicture = { states: {}, ways: [], refused: {} }
const nothingLit: ReadonlySet<string> = new Set()

export function CrowdChart({ name, drawn }: { readonly name: string; readonly drawn: Drawn }) {
  const { state } = place.value.with
  const look = useLook('charts', 'traffic', { chart: name, spanMs })
  const seen = look.value
  const traffic = seen.kind === 'shown' ? seen.shows : nobody
  const flashes = useFlashes(drawn.graph, happenedIn(traffic), name)
  const crowd: Crowd = crowdOf(drawn.graph, traffic)
  const scene: Scene = { lit: nothingLit, flashes, crowd }
  return (
    <div class="chart-page">
      <Drawing name={name} drawn={drawn} scene={scene} selected={state} />
      <aside class="panel chart-side" aria-label="In numbers">
        <h1 class="visually-hidden">All of the kind {chartInWords(name)}</h1>
        {state && <StatePanel graph={drawn.graph} state={state} />}
        <CrowdPanel look={look} graph={drawn.graph} />
      </aside>
    </div>
  )
}

/** A way that was taken again has been taken just now. */
const happenedIn = ({ ways }: TrafficPicture): Happened[] =>
  ways
    .map(({ from, to, by, lastAt }) => ({ from, to, by, order: lastAt, refused: false }))
    .sort((a, b) => b.order - a.order)
