/** What whoever looks must know first: the server is away, the source is in trouble, a promise was broken. */
import { clock, link, misunderstood, say } from '../connection.ts'
import { StateMark } from '../parts/State.tsx'
import { counted } from '../parts/words.ts'

export function Banner() {
  return (
    <div class="banners" role="status">
      {link.value === 'away' && (
        <p class="banner banner-warn">
          The server of this page is away: what you see is from before. It is looked for every second; where
          it does not come back, start it again.
        </p>
      )}
      {clock.value?.trouble && <p class="banner banner-warn">{clock.value.trouble}</p>}
      <Broken />
      {misunderstood.value && (
        <p class="banner banner-warn">
          {misunderstood.value}
          <button type="button" onClick={() => (misunderstood.value = undefined)}>
            Close
          </button>
        </p>
      )}
      {clock.value?.hurried && (
        <p class="banner">
          More happens than can be shown step by step: pictures come more seldom. Pause to see each step.
        </p>
      )}
    </div>
  )
}

function Broken() {
  const broken = clock.value?.broken ?? []
  const first = broken[0]
  if (!first) return null
  return (
    <p class="banner banner-bad">
      <StateMark shape="cross" />
      <span>
        <b>{counted(broken.length, 'broken promise')}.</b> {first.message}
      </span>
      <button type="button" onClick={() => say({ do: 'goTo', position: first.position })}>
        Go to step {first.position}
      </button>
    </p>
  )
}
