/** The same as the drawing in words and numbers. */
import type { ReadonlySignal } from '@preact/signals'
import type { TrafficPicture } from '../../language.ts'
import type { Look } from '../connection.ts'
import { Shown } from '../parts/Shown.tsx'
import { grouped } from '../parts/words.ts'
import { linkHere } from '../place.ts'
import type { Graph } from './graph.ts'

interface Props {
  readonly look: ReadonlySignal<Look<'traffic'>>
  readonly graph: Graph
}

export function CrowdPanel({ look, graph }: Props) {
  return (
    <Shown look={look} what="who stands where">
      {(traffic) => (
        <div class="crowd-panel">
          <States graph={graph} traffic={traffic} />
          <Ways traffic={traffic} />
        </div>
      )}
    </Shown>
  )
}

function States({ graph, traffic }: { readonly graph: Graph; readonly traffic: TrafficPicture }) {
  const names = [...graph.states.keys()].filter((id) => id !== '')
  return (
    <table>
      <caption>Who stands where</caption>
      <thead>
        <tr>
          <th>State</th>
          <th class="number">In it</th>
          <th class="number">Refused in it</th>
        </tr>
      </thead>
      <tbody>
        {names.map((id) => (
          <tr key={id}>
            <td>
              <a href={linkHere({ state: id })}>{id}</a>
            </td>
            <td class="number">{grouped(traffic.states[id] ?? 0)}</td>
            <td class={traffic.refused[id] ? 'number bad' : 'number quiet'}>
              {grouped(traffic.refused[id] ?? 0)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** More ways than this nobody reads. */
const mostWays = 40

function Ways({ traffic }: { readonly traffic: TrafficPicture }) {
  const ways = [...traffic.ways].sort((a, b) => b.count - a.count).slice(0, mostWays)
  if (ways.length === 0)
    return <p class="quiet crowd-none">Nobody has gone from one state to another in the last minute.</p>
  return (
    <table>
      <caption>Ways taken in the last minute</caption>
      <thead>
        <tr>
          <th>Heard</th>
          <th>In</th>
          <th class="number">Times</th>
        </tr>
      </thead>
      <tbody>
        {ways.map(({ from, to, by, count }) => (
          <tr key={`${from} ${to} ${by}`}>
            <td class="mono">{by}</td>
            <td>{from === to ? from : `${from || 'nothing'} → ${to}`}</td>
            <td class="number">{grouped(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
