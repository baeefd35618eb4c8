/** A button that asks before it does; where it cannot, it says why. */
import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { Question } from './Question.tsx'
import { whyNoActions } from './whyNot.ts'

interface Props {
  readonly name: string
  readonly title: string
  /** What is to be known before, and what may be chosen. */
  readonly children: ComponentChildren
  /** Resolves with what came of it, as a sentence. */
  readonly act: () => Promise<string>
  /** Why it makes no sense for this one thing. */
  readonly whyNot?: string | undefined
}

export function Action({ name, title, children, act, whyNot }: Props) {
  const reason = useId()
  const [asked, setAsked] = useState(false)
  const [done, setDone] = useState<string>()
  const not = whyNoActions() ?? whyNot
  return (
    <span class="action">
      <button
        type="button"
        class="danger"
        disabled={not !== undefined}
        aria-describedby={not && reason}
        onClick={() => setAsked(true)}
      >
        {name} …
      </button>
      <small id={reason} class="quiet" role="status">
        {done ?? not}
      </small>
      {asked && (
        <Question
          title={title}
          action={name}
          onYes={() => act().then(setDone)}
          onClose={() => setAsked(false)}
        >
          {children}
        </Question>
      )}
    </span>
  )
}
