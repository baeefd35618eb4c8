/** Why is somebody not offered more? The leader answers out of the very decision; the answer is a picture. */
import { useState } from 'preact/hooks'
import { hello } from '../connection.ts'
import { Notice } from '../parts/Notice.tsx'
import { place } from '../place.ts'
import { Answer } from './Answer.tsx'
import { questionOf } from './question.ts'
import { useWhy } from './useWhy.ts'
import { WhyForm } from './WhyForm.tsx'
import './why.css'

export function WhyView() {
  const [turn, setTurn] = useState(0)
  if (hello.value?.source.live === false)
    return (
      <Notice tone="warn">
        A recording has no leader who could be asked. Look at the cluster at that moment instead, or ask a
        cluster that lives.
      </Notice>
    )
  return (
    <div class="why">
      <h1>Why is somebody not offered more?</h1>
      <WhyForm onAsk={() => setTurn(turn + 1)} />
      <Asked turn={turn} />
    </div>
  )
}

function Asked({ turn }: { readonly turn: number }) {
  const seen = useWhy(questionOf(place.value.with), turn)
  if (seen.kind === 'unasked')
    return (
      <Notice>
        Choose a framework, and what it would need if you like: for every slave you see what stands in the way
        first, were the next offers made now.
      </Notice>
    )
  if (seen.kind === 'waiting') return <Notice>Waiting for the leader’s answer …</Notice>
  if (seen.kind === 'sorry') return <Notice tone="bad">{seen.sentence}</Notice>
  return <Answer explained={seen.shows} />
}
