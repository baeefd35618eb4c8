/** Who said what to whom, and when it was heard, if it was. */
import { useMemo, useState } from 'preact/hooks'
import type { ConversationPicture } from '../../language.ts'
import { positionIn } from '../charts/subject.ts'
import { useLook } from '../connection.ts'
import { Shown } from '../parts/Shown.tsx'
import { place } from '../place.ts'
import { askedBy } from './asked.ts'
import { Beside } from './Beside.tsx'
import { Filters } from './Filters.tsx'
import { SequenceView } from './SequenceView.tsx'
import { sequenceOf } from './sequence.ts'
import './conversation.css'

const page = 500

export function Conversation() {
  const given = place.value.with
  const [limit, setLimit] = useState(page)
  const asked = askedBy(given, limit)
  const look = useLook('conversation', 'conversation', asked)
  return (
    <div class="conversation">
      <h1 class="visually-hidden">Conversation</h1>
      <Filters given={given} />
      <Shown look={look} what="the messages">
        {(picture) => <Talk picture={picture} onMore={() => setLimit(limit + page * 2)} />}
      </Shown>
    </div>
  )
}

interface Props {
  readonly picture: ConversationPicture
  readonly onMore: () => void
}

function Talk({ picture, onMore }: Props) {
  const { said, heard, task } = place.value.with
  const sequence = useMemo(() => sequenceOf(picture), [picture])
  const [saidIn, heardIn] = [positionIn(said), positionIn(heard)]
  const hops = task && picture.hops?.length ? picture.hops : undefined
  const isBeside = saidIn !== undefined || heardIn !== undefined || hops !== undefined
  return (
    <div class={isBeside ? 'talk with-side' : 'talk'}>
      <SequenceView
        lanes={picture.lanes}
        sequence={sequence}
        more={picture.more}
        onMore={onMore}
        saidIn={saidIn}
        heardIn={heardIn}
      />
      {isBeside && <Beside saidIn={saidIn} heardIn={heardIn} hops={hops} />}
    </div>
  )
}
