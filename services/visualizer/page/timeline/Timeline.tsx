/** Which task ran where and when, how it ended, and how the cluster was shared in the same time. */
import { useLook } from '../connection.ts'
import { Shown } from '../parts/Shown.tsx'
import { place } from '../place.ts'
import { Legend } from './Legend.tsx'
import { SharesBelow } from './SharesBelow.tsx'
import { spanIn } from './span.ts'
import { Tools } from './Tools.tsx'
import { Track } from './Track.tsx'
import { useZoom } from './useZoom.ts'
import './timeline.css'

/** Slaves on one page. */
const page = 50
const buckets = 240

export function Timeline() {
  const { span, search, from } = place.value.with
  const spanMs = spanIn(span)
  const skip = Math.max(0, Math.floor(Number(from) || 0))
  const look = useLook('timeline', 'timeline', { spanMs, skip, limit: page, ...(search && { search }) })
  const shares = useLook('timeline shares', 'shares', { spanMs, buckets })
  const seen = look.value
  const zoom = useZoom(spanMs)
  return (
    <div class="timeline" ref={zoom}>
      <h1 class="visually-hidden">Timeline</h1>
      <Tools
        spanMs={spanMs}
        search={search}
        skip={skip}
        page={page}
        inAll={seen.kind === 'shown' ? seen.shows.slavesInAll : undefined}
      />
      <Shown look={look} what="tasks and slaves">
        {(picture) => (
          <>
            <Track picture={picture} />
            <SharesBelow look={shares} />
            <Legend owners={picture.owners} />
          </>
        )}
      </Shown>
    </div>
  )
}
