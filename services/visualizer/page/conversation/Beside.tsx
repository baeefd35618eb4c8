/** What belongs to a message that was chosen: the step that said it, the one that heard it; and the way of a task. */
import type { Hop, Position } from '../../language.ts'
import { linkHere } from '../place.ts'
import { StepDetail } from '../steps/StepDetail.tsx'
import { Hops } from './Hops.tsx'

interface Props {
  readonly saidIn: Position | undefined
  readonly heardIn: Position | undefined
  readonly hops: readonly Hop[] | undefined
}

export function Beside({ saidIn, heardIn, hops }: Props) {
  const isChosen = saidIn !== undefined || heardIn !== undefined
  return (
    <aside class="panel talk-side" aria-label="What belongs to it">
      {hops && <Hops hops={hops} />}
      {isChosen && (
        <>
          <header>
            <h2>The message</h2>
            <a class="plain close" href={linkHere({ said: undefined, heard: undefined })} aria-label="Close">
              ×
            </a>
          </header>
          <Half title="Said in" position={saidIn} none="Whoever said it is not traced." />
          <Half title="Heard in" position={heardIn} none="Nobody has heard it up to this moment." />
        </>
      )}
    </aside>
  )
}

interface HalfProps {
  readonly title: string
  readonly position: Position | undefined
  readonly none: string
}

function Half({ title, position, none }: HalfProps) {
  return (
    <section class="talk-half" aria-label={title}>
      <h2>{title}</h2>
      {position === undefined ? <p class="quiet">{none}</p> : <StepDetail position={position} />}
    </section>
  )
}
