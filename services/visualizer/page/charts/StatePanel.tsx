/** All that is heard in one state, what is then decided, and where it leads; most of it leads nowhere else. */
import { type Way, whenOf } from '../../../../statecharts/tree.ts'
import { linkHere } from '../place.ts'
import { type Graph, heardIn, idOf, triggerInWords } from './graph.ts'

interface Props {
  readonly graph: Graph
  readonly state: string
}

export function StatePanel({ graph, state: id }: Props) {
  const state = graph.states.get(id)
  if (!state) return null
  const ways = heardIn(state)
  const own = ways.filter((way) => way.from === state)
  const around = ways.filter((way) => way.from !== state)
  return (
    <section class="state-panel" aria-label={`State ${id}`}>
      <header>
        <h2>{id}</h2>
        <span class="quiet">{ways.length === 0 ? 'hears nothing any more' : 'what it hears'}</span>
        <a class="plain" href={linkHere({ state: undefined })} aria-label="Close">
          ×
        </a>
      </header>
      {ways.length > 0 && (
        <div class="state-panel-rows">
          <Heard ways={own} caption="In this state" />
          <Heard ways={around} caption="In any state" />
        </div>
      )}
    </section>
  )
}

function Heard({ ways, caption }: { readonly ways: readonly Way[]; readonly caption: string }) {
  if (ways.length === 0) return null
  return (
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th>Hears</th>
          <th>Decides</th>
          <th>Goes to</th>
        </tr>
      </thead>
      <tbody>
        {ways.map((way) => (
          <tr key={`${idOf(way.from)} ${triggerInWords(way)} ${way.index}`}>
            <td>
              <span class="mono">{triggerInWords(way)}</span>
              {whenOf(way) && <span class="quiet"> [{whenOf(way)}]</span>}
            </td>
            <td>{way.actions.join(', ') || <span class="quiet">nothing to do</span>}</td>
            <td>
              {way.to && way.to !== way.from ? (
                <a href={linkHere({ state: idOf(way.to) })}>{idOf(way.to)}</a>
              ) : (
                <span class="quiet">stays</span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
