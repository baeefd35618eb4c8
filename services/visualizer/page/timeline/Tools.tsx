/** How much time, and which slaves. */
import { grouped, shortSpan } from '../parts/words.ts'
import { go, linkHere } from '../place.ts'
import { spans, spanWritten, zoomed } from './span.ts'

interface Props {
  readonly spanMs: number
  readonly search: string | undefined
  readonly skip: number
  readonly page: number
  readonly inAll: number | undefined
}

export function Tools({ spanMs, search, skip, page, inAll }: Props) {
  const to = (factor: number) => go(linkHere({ span: spanWritten(zoomed(spanMs, factor)) }))
  return (
    <div class="timeline-tools">
      <nav class="timeline-spans" aria-label="How far back">
        <button
          type="button"
          aria-label="Less time"
          title="Less time: +, or Ctrl and the wheel"
          onClick={() => to(1 / 2)}
        >
          +
        </button>
        <button
          type="button"
          aria-label="More time"
          title="More time: −, or Ctrl and the wheel"
          onClick={() => to(2)}
        >
          −
        </button>
        {spans.map(([ms, name]) => (
          <a
            key={ms}
            class="plain"
            href={linkHere({ span: spanWritten(ms) })}
            aria-current={ms === spanMs ? 'true' : undefined}
          >
            {name}
          </a>
        ))}
        {spans.every(([ms]) => ms !== spanMs) && <span class="quiet">{shortSpan(spanMs)} are shown</span>}
      </nav>
      <label>
        <span class="quiet">Slaves called </span>
        <input
          type="search"
          placeholder="any"
          value={search ?? ''}
          onChange={(event) =>
            go(linkHere({ search: event.currentTarget.value || undefined, from: undefined }))
          }
        />
      </label>
      {inAll !== undefined && <Pages skip={skip} page={page} inAll={inAll} />}
    </div>
  )
}

function Pages({
  skip,
  page,
  inAll,
}: {
  readonly skip: number
  readonly page: number
  readonly inAll: number
}) {
  const last = Math.min(inAll, skip + page)
  const before = skip > 0 ? linkHere({ from: `${Math.max(0, skip - page) || ''}` }) : undefined
  const after = last < inAll ? linkHere({ from: `${skip + page}` }) : undefined
  return (
    <nav class="timeline-pages" aria-label="Pages of slaves">
      <span class="quiet">
        {inAll === 0 ? 'No slaves' : `Slaves ${grouped(skip + 1)}–${grouped(last)} of ${grouped(inAll)}`}
      </span>
      {before && (
        <a class="button" href={before} rel="prev">
          Before
        </a>
      )}
      {after && (
        <a class="button" href={after} rel="next">
          Next
        </a>
      )}
    </nav>
  )
}
