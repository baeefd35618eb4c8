/** Who has how much, beside what would be fair and what is guaranteed. */
import { useState } from 'preact/hooks'
import type { FrameworkShown } from '../../language.ts'
import { linkToConversation, linkToWhy } from '../parts/links.ts'
import { Notice } from '../parts/Notice.tsx'
import { OwnerName } from '../parts/OwnerName.tsx'
import { State } from '../parts/State.tsx'
import { grouped, shortPercent } from '../parts/words.ts'
import { Bullet } from './Bullet.tsx'
import { largest, scaleOf } from './bullet.ts'

interface Props {
  readonly frameworks: readonly FrameworkShown[]
}
const few = 20

export function Frameworks({ frameworks }: Props) {
  const [all, setAll] = useState(false)
  if (frameworks.length === 0)
    return <Notice>No framework is there at this moment. One that subscribes shows up here by itself.</Notice>
  const shown = all ? frameworks : largest(frameworks, few)
  const scale = scaleOf(frameworks)
  return (
    <div class="frameworks">
      <table>
        <thead>
          <tr>
            <th scope="col">Framework</th>
            <th scope="col">State</th>
            <th scope="col" class="frameworks-share">
              Share <BulletKey />
            </th>
            <th scope="col" class="number">
              Tasks
            </th>
            <th scope="col" class="number">
              Offers
            </th>
            <th scope="col">
              <span class="visually-hidden">More</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((framework) => (
            <Row key={framework.frameworkId} framework={framework} scale={scale} />
          ))}
        </tbody>
      </table>
      {frameworks.length > few && (
        <button type="button" class="frameworks-more" onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${grouped(frameworks.length)}`}
        </button>
      )}
    </div>
  )
}

function Row({ framework, scale }: { readonly framework: FrameworkShown; readonly scale: number }) {
  const { frameworkId, state, roles, share, tasks, offers, owner } = framework
  return (
    <tr>
      <th scope="row">
        <OwnerName of={framework} owner={owner} />
        <small class="quiet">{roles.join(', ')}</small>
      </th>
      <td>
        <State state={state} />
      </td>
      <td>
        <div class="frameworks-bullet">
          <b>{shortPercent(share)}</b>
          <Bullet framework={framework} scale={scale} />
        </div>
      </td>
      <td class="number">{grouped(tasks)}</td>
      <td class="number">
        <a class="plain" href={linkToConversation({ frameworkId })}>
          {grouped(offers)}
        </a>
      </td>
      <td class="number">
        <a href={linkToWhy(frameworkId)}>why?</a>
      </td>
    </tr>
  )
}

const BulletKey = () => (
  <span class="bullet-key quiet">
    <i class="bullet-fair" aria-hidden="true" /> fair
    <i class="bullet-guaranteed" aria-hidden="true" /> guaranteed
  </span>
)
