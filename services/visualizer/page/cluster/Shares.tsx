/** How the cluster was shared over the last while. */
import type { SharesPicture } from '../../language.ts'
import { useLook } from '../connection.ts'
import { Notice } from '../parts/Notice.tsx'
import { Shown } from '../parts/Shown.tsx'
import { linkHere, place } from '../place.ts'
import { fewer } from './fewer.ts'
import { SharesChart } from './SharesChart.tsx'

const spans = [
  ['10', '10 s'],
  ['60', '1 min'],
  ['600', '10 min'],
  ['3600', '1 h'],
] as const
const buckets = 240

export function Shares() {
  const seconds = place.value.with['span'] ?? '60'
  const look = useLook('shares', 'shares', { spanMs: Number(seconds) * 1000 || 60_000, buckets })
  return (
    <section class="panel cluster-shares" aria-label="Shares over time">
      <header>
        <h2>Shares over time</h2>
        <span class="bullet-key quiet">
          <i class="bullet-fair" aria-hidden="true" /> where each would end if it had its fair share
        </span>
        <nav class="spans" aria-label="How far back">
          {spans.map(([span, name]) => (
            <a key={span} href={linkHere({ span })} aria-current={span === seconds ? 'true' : undefined}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <Shown look={look} what="shares">
        {(picture) =>
          picture.times.length < 2 || isEmpty(picture) ? (
            <Notice>Nobody has held anything in this while: choose a longer one.</Notice>
          ) : (
            <SharesChart picture={fewer(picture)} />
          )
        }
      </Shown>
    </section>
  )
}

const isEmpty = ({ series }: SharesPicture): boolean =>
  series.every(({ shares }) => shares.every((share) => share === 0))
