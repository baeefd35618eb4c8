/** One actor: the state that it is in, what has just happened to it, and all of its steps. */
import { useState } from 'preact/hooks'
import type { ActorPicture } from '../../language.ts'
import { useLook } from '../connection.ts'
import { Notice } from '../parts/Notice.tsx'
import { State } from '../parts/State.tsx'
import { counted } from '../parts/words.ts'
import { linkTo, place } from '../place.ts'
import { History } from '../steps/History.tsx'
import type { Drawn } from './charts.ts'
import { Drawing } from './Drawing.tsx'
import type { Happened } from './flashes.ts'
import { litBy } from './graph.ts'
import { StatePanel } from './StatePanel.tsx'
import { positionIn } from './subject.ts'
import { useFlashes } from './useFlashes.ts'

interface Props {
  readonly role: string
  readonly id: string
  readonly drawn: Drawn
}

/** Steps are asked for by so many more, when the end of those that are there is near. */
const page = 200

export function ActorChart({ role, id, drawn }: Props) {
  const { state, step } = place.value.with
  const [limit, setLimit] = useState(page)
  const seen = useLook('charts', 'actor', { role, id, limit }).value
  const actor = seen.kind === 'shown' ? seen.shows : undefined
  const flashes = useFlashes(drawn.graph, actor?.history.map(happened) ?? [], `${role} ${id}`)
  const more = () => actor && actor.history.length < actor.steps && setLimit(actor.history.length + page)
  return (
    <div class="chart-page">
      <Drawing
        name={role}
        drawn={drawn}
        scene={{ lit: litBy(actor?.state ?? ''), flashes }}
        selected={state}
      />
      <aside class="panel chart-side" aria-label={`${role} ${id}`}>
        <ActorHead role={role} id={id} actor={actor} />
        {state && <StatePanel graph={drawn.graph} state={state} />}
        {seen.kind === 'waiting' && <Notice>Waiting for the steps of {`${role} ${id}`} …</Notice>}
        {seen.kind === 'sorry' && <Notice tone="bad">{seen.sentence}</Notice>}
        {actor && <History lines={actor.history} open={positionIn(step)} onEnd={more} />}
      </aside>
    </div>
  )
}

const happened = ({
  position,
  before,
  after,
  heard,
  refused,
}: ActorPicture['history'][number]): Happened => ({
  order: position,
  from: before,
  to: after,
  by: heard,
  refused,
})

interface HeadProps {
  readonly role: string
  readonly id: string
  readonly actor: ActorPicture | undefined
}

function ActorHead({ role, id, actor }: HeadProps) {
  return (
    <header class="chart-side-head">
      <h1>
        {role} {id}
      </h1>
      {actor && <State state={actor.state} />}
      {actor && <span class="quiet">{counted(actor.steps, 'step')}</span>}
      <a class="chart-side-close" href={linkTo('charts', { chart: role })}>
        All of its kind
      </a>
    </header>
  )
}
