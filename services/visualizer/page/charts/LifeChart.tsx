/** The life of one thing: where it is, and how each actor came to know of every step of it. */
import type { Living } from '../../../../shared/trace.ts'
import type { LifePicture } from '../../language.ts'
import { useLook } from '../connection.ts'
import { Notice } from '../parts/Notice.tsx'
import { ownerColour } from '../parts/owners.ts'
import { State } from '../parts/State.tsx'
import { linkTo, place } from '../place.ts'
import type { Drawn } from './charts.ts'
import { Drawing } from './Drawing.tsx'
import type { Happened } from './flashes.ts'
import { litBy } from './graph.ts'
import { LifeAbout } from './LifeAbout.tsx'
import { LifeHistory } from './LifeHistory.tsx'
import { StatePanel } from './StatePanel.tsx'
import { seenBy } from './scene.ts'
import { sightsOf } from './sights.ts'
import { chartOfLife, positionIn } from './subject.ts'
import { useFlashes } from './useFlashes.ts'

interface Props {
  readonly life: Living
  readonly id: string
  readonly drawn: Drawn
}
const untold: LifePicture = { name: '', state: '', history: [], about: {} }

export function LifeChart({ life, id, drawn }: Props) {
  const { state, step } = place.value.with
  const seen = useLook('charts', 'life', { life, id }).value
  const told = seen.kind === 'shown' ? seen.shows : untold
  const newestFirst = [...told.history].reverse()
  const flashes = useFlashes(drawn.graph, newestFirst.map(happened), `${life} ${id}`)
  const sights = sightsOf(newestFirst).map((sight, i) => ({ ...sight, colour: ownerColour(i) }))
  const scene = { lit: litBy(told.state), flashes, seen: seenBy(sights) }
  return (
    <div class="chart-page wide-side">
      <Drawing name={life} drawn={drawn} scene={scene} selected={state} />
      <aside class="panel chart-side" aria-label={`${life} ${told.name || id}`}>
        <header class="chart-side-head">
          <h1>
            {life} {told.name || id}
          </h1>
          {told.state && <State state={told.state} />}
          <a class="chart-side-close" href={linkTo('charts', { chart: chartOfLife(life) })}>
            All of its kind
          </a>
        </header>
        <LifeAbout life={life} id={id} about={told.about} />
        {state && <StatePanel graph={drawn.graph} state={state} />}
        {seen.kind === 'waiting' && <Notice>Waiting for the life of this {life} …</Notice>}
        {seen.kind === 'sorry' && <Notice tone="bad">{seen.sentence}</Notice>}
        {told.history.length > 0 && (
          <LifeHistory lines={newestFirst} sights={sights} open={positionIn(step)} />
        )}
      </aside>
    </div>
  )
}

const happened = ({ position, before, after, fact }: LifePicture['history'][number]): Happened => ({
  order: position,
  from: before,
  to: after,
  by: fact,
  refused: false,
})
