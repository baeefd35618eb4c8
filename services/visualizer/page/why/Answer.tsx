/** The answer: how many slaves each obstacle keeps away, where they are, and each in words. */
import { useMemo } from 'preact/hooks'
import { Notice } from '../parts/Notice.tsx'
import { counted, grouped } from '../parts/words.ts'
import { place } from '../place.ts'
import { ObstacleLegend } from './ObstacleLegend.tsx'
import { obstacleOf } from './obstacles.ts'
import type { Explained } from './useWhy.ts'
import { WhyGrid } from './WhyGrid.tsx'
import { WhyRows } from './WhyRows.tsx'

export function Answer({ explained }: { readonly explained: Explained }) {
  const { counts, rows, more, policyFlaw } = explained
  const chosen = place.value.with['obstacle']
  const shown = useMemo(
    () => (chosen ? rows.filter((row) => obstacleOf(row) === chosen) : rows),
    [rows, chosen],
  )
  if (rows.length === 0 && !more)
    return (
      <Notice>
        There is no slave that could be asked about: none is there, or none has these attributes.
      </Notice>
    )
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return (
    <>
      {policyFlaw && <Notice tone="warn">{policyFlaw}</Notice>}
      <section class="panel why-picture" aria-label="The slaves by what stands in the way first">
        <ObstacleLegend counts={counts} chosen={chosen} />
        <WhyGrid rows={rows} chosen={chosen} />
      </section>
      <section class="panel" aria-label="Slave by slave">
        <header>
          <h2>{chosen ?? 'Slave by slave'}</h2>
          <span class="quiet" role="status">
            {counted(shown.length, 'row')}
            {more && ` so far: ${grouped(rows.length)} of ${grouped(all)} are here`}
          </span>
        </header>
        <WhyRows rows={shown} />
      </section>
    </>
  )
}
