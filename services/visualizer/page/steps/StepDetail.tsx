/** All of one step: what was heard, what became of things, what was asked of the world, and who heard of that. */
import type { Position, StepShown } from '../../language.ts'
import { say } from '../connection.ts'
import { linkToActor, linkToThing } from '../parts/links.ts'
import { Notice } from '../parts/Notice.tsx'
import { clockTime } from '../parts/words.ts'
import { linkTo } from '../place.ts'
import { EffectShown } from './EffectShown.tsx'
import { OtherStep } from './OtherStep.tsx'
import { useStep } from './steps.ts'
import { Tree } from './Tree.tsx'
import { treeOf } from './tree.ts'
import './steps.css'

export function StepDetail({ position }: { readonly position: Position }) {
  const got = useStep(position)
  if (got instanceof Error) return <Notice tone="bad">{got.message}</Notice>
  if (!got) return <Notice>Waiting for step {position} …</Notice>
  return (
    <article class="step" aria-label={`Step ${position}`}>
      <StepHead shown={got} />
      <HeardShown shown={got} />
      <Moves shown={got} />
      <h2>Asked of the world, in this order</h2>
      {got.step.effects.length === 0 && <p class="quiet">Nothing.</p>}
      <ol class="effects">
        {got.step.effects.map((effect, i) => (
          <EffectShown key={i} effect={effect} cause={got.causes.find((cause) => cause.effect === i)} />
        ))}
      </ol>
    </article>
  )
}

function StepHead({ shown: { position, step } }: { readonly shown: StepShown }) {
  const actor = `${step.role} ${step.id}`
  return (
    <header>
      <a href={linkToActor(actor)}>{actor}</a>
      <span class="mono quiet">{clockTime(step.at)}</span>
      <span class="step-states">
        {step.before === step.after ? step.after : `${step.before} → ${step.after}`}
      </span>
      <button type="button" onClick={() => say({ do: 'goTo', position })}>
        Go to this step
      </button>
      <a href={linkTo('charts', { actor, step: `${position}` })}>Step {position}</a>
    </header>
  )
}

/** What is not the message itself. */
const around = new Set(['type', 'at', 'from', 'reply', 'body', 'framework', 'ref'])

function HeardShown({ shown: { step, causedBy } }: { readonly shown: StepShown }) {
  const { type, from, body, ...rest } = step.heard as StepShown['step']['heard'] & {
    from?: Speaker
    body?: unknown
  }
  const fields = Object.entries(rest).filter(([name]) => !around.has(name))
  const said = body === undefined ? Object.fromEntries(fields) : body
  const { branches } = treeOf(type, said)
  return (
    <section>
      <h2>
        Heard <b class="mono">{type}</b>
        {from && <> from {speakerInWords(from)}</>}
      </h2>
      {branches.length > 0 && <Tree branches={branches} />}
      {causedBy !== undefined && <OtherStep position={causedBy} what="said in" />}
    </section>
  )
}

interface Speaker {
  readonly role: string
  readonly id: string
}
const speakerInWords = ({ role, id }: Speaker) =>
  role === 'operator' || !id ? `${role} ${id}` : <a href={linkToActor(`${role} ${id}`)}>{`${role} ${id}`}</a>

function Moves({ shown: { step } }: { readonly shown: StepShown }) {
  const { moves = [] } = step
  if (moves.length === 0) return null
  return (
    <section>
      <h2>What became of things</h2>
      <ul class="moves">
        {moves.map(({ life, id, fact, before, after, of }) => (
          <li key={`${life} ${id} ${fact} ${after}`}>
            {life} <a href={linkToThing({ kind: life, key: id })}>{of?.name ?? id}</a>{' '}
            <span class="quiet">{fact}:</span> {before && `${before} → `}
            {after}
          </li>
        ))}
      </ul>
    </section>
  )
}
