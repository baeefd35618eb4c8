/** Why a task is where it is, in the leader's words. */
import { hello } from '../connection.ts'
import { SeenShown } from '../parts/Shown.tsx'
import { useAnswer } from '../parts/useAnswer.ts'

interface Props {
  readonly frameworkId: string
  readonly taskId: string
  /** It is asked again when this is another. */
  readonly state: string
}

export function WhyTask(props: Props) {
  // A recording has no leader who could be asked.
  if (hello.value?.source.live !== true) return null
  return (
    <section class="panel" aria-label="Why it is where it is">
      <header>
        <h2>Why is it where it is?</h2>
      </header>
      <div class="panel-body task-why">
        <Sentences {...props} />
      </div>
    </section>
  )
}

function Sentences({ frameworkId, taskId, state }: Props) {
  const seen = useAnswer<'whyTask'>({ about: 'whyTask', frameworkId, taskId }, state)
  return (
    <SeenShown seen={seen} what="the leader's answer">
      {({ why }) => (
        <>
          {why.map((sentence, index) => (
            <p key={index}>{sentence}</p>
          ))}
          {why.length === 0 && <p class="quiet">The leader has nothing to say of it any more.</p>}
        </>
      )}
    </SeenShown>
  )
}
