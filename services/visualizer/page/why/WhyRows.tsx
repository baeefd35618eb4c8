/** Each slave in words. */
import type { ExplainRow } from '../../../../shared/messages.ts'
import { linkToSlave } from '../parts/links.ts'
import { VirtualList } from '../parts/VirtualList.tsx'
import { ObstacleSwatch } from './ObstacleSwatch.tsx'
import { obstacleOf } from './obstacles.ts'

const rowHeight = 34
const mostRows = 12

export function WhyRows({ rows }: { readonly rows: readonly ExplainRow[] }) {
  return (
    <div class="why-rows" style={{ height: `${Math.min(mostRows, rows.length) * rowHeight}px` }}>
      <VirtualList
        label="Slaves, and what stands in the way of each"
        count={rows.length}
        rowHeight={rowHeight}
        row={(index) => {
          const row = rows[index]
          return row && <Row row={row} />
        }}
      />
    </div>
  )
}

const Row = ({ row }: { readonly row: ExplainRow }) => (
  <div class="why-row">
    <a href={linkToSlave(row.slaveId)}>{row.slaveName}</a>
    <span class="quiet">{row.role}</span>
    <span class="why-row-obstacle">
      <ObstacleSwatch obstacle={obstacleOf(row)} />
      {obstacleOf(row)}
    </span>
    <span title={row.message}>{row.message}</span>
  </div>
)
