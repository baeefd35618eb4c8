/** A step that this one comes from, or leads to, which opens where it is named: so one follows what caused what. */
import { useState } from 'preact/hooks'
import type { Position } from '../../language.ts'
import { StepDetail } from './StepDetail.tsx'

interface Props {
  readonly position: Position
  /** How the two belong together: `said in`, `heard in`. */
  readonly what: string
}

export function OtherStep({ position, what }: Props) {
  const [open, setOpen] = useState(false)
  return (
    <details class="other-step" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {what} step {position}
      </summary>
      {open && <StepDetail position={position} />}
    </details>
  )
}
