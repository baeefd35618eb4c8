/** A field in which one thing is chosen by its name; what is found is links, so that a choice is a place. */
import { useEffect, useId, useState } from 'preact/hooks'
import type { Thing } from '../../language.ts'
import { useLook } from '../connection.ts'
import { State } from './State.tsx'
import './pick.css'

interface Props {
  /** What is chosen: `framework`. */
  readonly label: string
  readonly kinds: readonly Thing['kind'][]
  readonly linkOf: (thing: Thing) => string
  /** What is chosen already, and the place where it is not. */
  readonly chosen?: { readonly name: string; readonly without: string } | undefined
}

const calmMs = 120
const mostFound = 40

export function PickThing({ label, kinds, linkOf, chosen }: Props) {
  const id = useId()
  const [text, setText] = useState<string>()
  if (chosen)
    return (
      <div class="pick">
        <span class="pick-label">{label}</span>
        <span class="pick-chosen">
          <span>{chosen.name}</span>
          <a class="plain" href={chosen.without} aria-label={`Without this ${label}`}>
            ×
          </a>
        </span>
      </div>
    )
  const leave = ({ currentTarget, relatedTarget }: FocusEvent) => {
    if (!(currentTarget as Element).contains(relatedTarget as Node | null)) setText(undefined)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears what comes up from the field within
    <div class="pick" onFocusOut={leave} onKeyDown={(event) => event.key === 'Escape' && setText(undefined)}>
      <label class="pick-label" for={id}>
        {label}
      </label>
      <input
        id={id}
        type="search"
        autocomplete="off"
        spellcheck={false}
        placeholder="any"
        value={text ?? ''}
        onFocus={() => setText(text ?? '')}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {text !== undefined && (
        <Choices label={label} kinds={kinds} text={text} linkOf={linkOf} onGo={() => setText(undefined)} />
      )}
    </div>
  )
}

interface ChoicesProps extends Pick<Props, 'label' | 'kinds' | 'linkOf'> {
  readonly text: string
  readonly onGo: () => void
}

function Choices({ label, kinds, text, linkOf, onGo }: ChoicesProps) {
  const search = useCalm(text.trim())
  const seen = useLook(`pick ${label}`, 'things', { search, limit: mostFound }).value
  const things = seen.kind === 'shown' ? seen.shows.things.filter(({ kind }) => kinds.includes(kind)) : []
  return (
    <div class="pick-found">
      <ul aria-label={`Found for ${label}`}>
        {things.map((thing) => (
          <li key={`${thing.kind} ${thing.key}`}>
            <a class="plain" href={linkOf(thing)} onClick={onGo}>
              <span>{thing.kind === 'actor' ? thing.key : thing.name}</span>
              <State state={thing.state} />
            </a>
          </li>
        ))}
      </ul>
      {things.length === 0 && (
        <p class="quiet">
          {seen.kind === 'sorry'
            ? seen.sentence
            : seen.kind === 'waiting'
              ? 'Looking …'
              : `No ${label} is called so at this moment: write another part of its name.`}
        </p>
      )}
    </div>
  )
}

/** What was written, once nobody has typed for a moment. */
function useCalm(text: string): string {
  const [calm, setCalm] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setCalm(text), calmMs)
    return () => clearTimeout(timer)
  }, [text])
  return calm
}
