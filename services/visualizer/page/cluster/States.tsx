/** How many offers and tasks are in each state, and what of the cluster is used. */
import type { Counts, Summary } from '../../language.ts'
import { useLook } from '../connection.ts'
import { Shown } from '../parts/Shown.tsx'
import { StateMark } from '../parts/State.tsx'
import { lookOf, stateInWords } from '../parts/states.ts'
import { grouped } from '../parts/words.ts'
import { Usage } from './Usage.tsx'

export function States() {
  const look = useLook('states', 'summary', {})
  return (
    <section class="panel cluster-states" aria-label="In use, offers and tasks">
      <Shown look={look} what="offers and tasks">
        {(summary: Summary) => (
          <div class="states">
            <Usage summary={summary} />
            <Bars title="Tasks" counts={summary.tasks} />
            <Bars title="Offers" counts={summary.offers} />
          </div>
        )}
      </Shown>
    </section>
  )
}

function Bars({ title, counts }: { readonly title: string; readonly counts: Counts }) {
  const states = Object.entries(counts).filter(([, count]) => count > 0)
  const most = Math.max(1, ...states.map(([, count]) => count))
  return (
    <div>
      <h2>{title}</h2>
      {states.length === 0 && <p class="quiet">None so far.</p>}
      <dl class="state-bars">
        {states.map(([state, count]) => (
          <div key={state} class={`state-bar tone-${lookOf(state).tone}`}>
            <dt>
              <StateMark shape={lookOf(state).shape} />
              {stateInWords(state)}
            </dt>
            <dd>
              <i style={{ width: `${(count / most) * 100}%` }} />
              <b>{grouped(count)}</b>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
