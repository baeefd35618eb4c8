/** What a thing is, field by field, and the views that tell more of it. */
import type { Living } from '../../../../shared/trace.ts'
import { linkToThing } from '../parts/links.ts'
import { linkTo } from '../place.ts'

interface Props {
  readonly life: Living
  readonly id: string
  readonly about: Readonly<Record<string, string>>
}

export function LifeAbout({ life, id, about }: Props) {
  return (
    <dl class="life-about">
      <div>
        <dt>id</dt>
        <dd class="mono">{id}</dd>
      </div>
      {Object.entries(about).map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Value name={name} text={text} />
          </dd>
        </div>
      ))}
      <div>
        <dt>more</dt>
        <dd>
          <a href={linkTo('conversation', { [life]: id })}>Who said what of it</a>
          {(life === 'task' || life === 'slave') && (
            <>
              {' · '}
              <a href={linkToThing({ kind: life, key: id })}>Its page</a>
            </>
          )}
        </dd>
      </div>
    </dl>
  )
}

function Value({ name, text }: { readonly name: string; readonly text: string }) {
  const [, key] = /\(([^()]+)\)$/.exec(text) ?? []
  const isThing = name === 'framework' || name === 'slave'
  return isThing && key ? <a href={linkToThing({ kind: name, key })}>{text}</a> : text
}
