/** Asks before something is done that cannot be undone, and says what the answer was where it was no. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import './parts.css'

interface Props {
  readonly title: string
  /** What the button does: `Kill`. */
  readonly action: string
  /** What is to be known before, and what may be chosen. */
  readonly children: ComponentChildren
  readonly onYes: () => Promise<unknown>
  readonly onClose: () => void
}

export function Question({ title, action, children, onYes, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [asking, setAsking] = useState(false)
  const [sorry, setSorry] = useState<string>()
  useEffect(() => dialog.current?.showModal(), [])
  const answer = (event: Event) => {
    event.preventDefault()
    setAsking(true)
    onYes().then(onClose, (error: Error) => {
      setSorry(error.message)
      setAsking(false)
    })
  }
  return (
    <dialog class="question" ref={dialog} aria-labelledby="question-title" onClose={onClose}>
      <form onSubmit={answer}>
        <h2 id="question-title">{title}</h2>
        {children}
        {sorry && (
          <p class="bad" role="alert">
            {sorry}
          </p>
        )}
        <div class="question-buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
          <button type="submit" class="danger" disabled={asking}>
            {asking ? 'Asking …' : action}
          </button>
        </div>
      </form>
    </dialog>
  )
}
