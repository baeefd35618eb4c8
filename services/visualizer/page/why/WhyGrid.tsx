/** A cell for each slave (and role), coloured by what stands in the way first. */
import type { ExplainRow } from '../../../../shared/messages.ts'
import { CellGrid } from '../parts/grid/CellGrid.tsx'
import { linkToSlave } from '../parts/links.ts'
import { palette } from '../parts/palette.ts'
import { counted } from '../parts/words.ts'
import { obstacleOf } from './obstacles.ts'
import { paintObstacles } from './paintObstacles.ts'

interface Props {
  readonly rows: readonly ExplainRow[]
  readonly chosen: string | undefined
}

/** So many need little room. */
const few = 24

export function WhyGrid({ rows, chosen }: Props) {
  const painted = { rows, chosen, palette: palette.value }
  return (
    <div class={`why-grid ${rows.length <= few ? 'why-grid-low' : ''}`}>
      <CellGrid
        label={`${counted(rows.length, 'slave')} by what stands in the way first.`}
        count={rows.length}
        paint={(context, grid, from, to) => paintObstacles(context, painted, grid, from, to)}
        changes={[rows, chosen, palette.value]}
        href={(index) => linkToSlave(rows[index]?.slaveId ?? '')}
        words={(index) => inWords(rows[index])}
        tip={(index) => {
          const row = rows[index]
          return row && <Tip row={row} />
        }}
      />
    </div>
  )
}

const Tip = ({ row }: { readonly row: ExplainRow }) => (
  <>
    <p>
      <b>{row.slaveName}</b> <span class="quiet">{row.role}</span>
    </p>
    <p>{obstacleOf(row)}</p>
    <p class="quiet">{row.message}</p>
  </>
)

const inWords = (row: ExplainRow | undefined): string =>
  row ? `${row.slaveName}, ${row.role}: ${obstacleOf(row)}, ${row.message}` : ''
