/** The moment in words. */
import type { Clock } from '../../../language.ts'
import { clockTime, counted, dayTime, grouped, percent, shortCount } from '../../parts/words.ts'

export function Moment({ clock }: { readonly clock: Clock }) {
  const { position, at, first, last, perSecond, read } = clock
  if (position < 0) return <p class="moment quiet">Nothing has happened yet.</p>
  return (
    <p class="moment">
      <time data-at={at} dateTime={new Date(at).toISOString()} title={dayTime(at)}>
        {clockTime(at)}
      </time>
      <span title={`Steps ${grouped(first)} to ${grouped(last)} can be gone to.`}>
        step <b>{grouped(position)}</b> of {grouped(last)}
      </span>
      {read !== undefined && read < 1 ? (
        <span>{percent(read)} read so far</span>
      ) : (
        <span title={counted(perSecond, 'step')}>{shortCount(perSecond)} steps/s</span>
      )}
    </p>
  )
}
