/** A life as a line; each state goes to the step in which it came about. */
import type { LifeLine } from '../../language.ts'
import { say } from '../connection.ts'
import { linkToActor } from './links.ts'
import { StateMark } from './State.tsx'
import { lookOf, stateInWords } from './states.ts'
import { asked, stationsOf } from './stations.ts'
import { clockTime, shortSpan } from './words.ts'

export function Stations({ life }: { readonly life: readonly LifeLine[] }) {
  const stations = stationsOf(life)
  return (
    <>
      <ol class="stations">
        {stations.map(({ position, at, fact, after, lastedMs }) => (
          <li key={position} class={`tone-${lookOf(after).tone}`}>
            <button
              type="button"
              title={`“${fact}” at step ${position}: show this moment`}
              onClick={() => say({ do: 'goTo', position })}
            >
              <StateMark shape={lookOf(after).shape} />
              <b>{stateInWords(after)}</b>
              <time>{clockTime(at)}</time>
            </button>
            <span class="quiet">{lastedMs !== undefined && shortSpan(lastedMs)}</span>
          </li>
        ))}
      </ol>
      <details class="stations-seen">
        <summary>As each actor has seen it</summary>
        <SeenBy life={life} />
      </details>
    </>
  )
}

const SeenBy = ({ life }: { readonly life: readonly LifeLine[] }) => (
  <table>
    <tbody>
      {life.map(({ position, at, by, fact, before, after }) => (
        <tr key={`${position} ${by} ${fact}`}>
          <td>
            <time>{clockTime(at)}</time>
          </td>
          <td>{by === asked ? 'the leader, when asked' : <a href={linkToActor(by)}>{by}</a>}</td>
          <td>{fact}</td>
          <td>{before === after ? `stays ${stateInWords(after)}` : stateInWords(after)}</td>
        </tr>
      ))}
    </tbody>
  </table>
)
