/** Each slave a cell, which links to it. */
import { useMemo } from 'preact/hooks'
import { CellGrid } from '../parts/grid/CellGrid.tsx'
import { linkToSlave } from '../parts/links.ts'
import { Notice } from '../parts/Notice.tsx'
import { palette } from '../parts/palette.ts'
import { stateInWords } from '../parts/states.ts'
import { counted } from '../parts/words.ts'
import { readCells } from './cells.ts'
import { holdersInWords, holdersOf } from './holders.ts'
import { paintCells } from './paintCells.ts'
import { SlaveTip } from './SlaveTip.tsx'
import type { NamedCluster } from './useCluster.ts'

interface Props {
  readonly cluster: NamedCluster
  readonly search: string
}

export function SlaveGrid({ cluster, search }: Props) {
  const cells = useMemo(() => readCells(cluster.cells), [cluster.cells])
  const { names, parts } = cluster
  if (names.length === 0) return <Notice>{whyNone(search)}</Notice>
  const painted = { cells, parts, names, palette: palette.value }
  return (
    <div class={`slave-grid ${heightFor(names.length)}`}>
      <CellGrid
        label={`${counted(names.length, 'slave')}.`}
        count={names.length}
        paint={(context, grid, from, to) => paintCells(context, painted, grid, from, to)}
        changes={[cells, parts, names, palette.value]}
        href={(index) => linkToSlave(names[index]?.slaveId ?? '')}
        words={(index) =>
          `${names[index]?.name}, ${stateInWords(cells.state(index))}: ${holdersInWords(holdersOf(cluster, cells, index))}`
        }
        tip={(index) => (
          <SlaveTip
            name={names[index]?.name ?? ''}
            state={cells.state(index)}
            holders={holdersOf(cluster, cells, index)}
          />
        )}
      />
    </div>
  )
}

/** As high as they need to be seen well. */
function heightFor(slaves: number): string {
  if (slaves <= 12) return 'slave-grid-low'
  return slaves > 400 ? 'slave-grid-tall' : ''
}

const whyNone = (search: string): string =>
  search
    ? `No slave has “${search}” in its name: write less of it.`
    : 'There is no slave at this moment. One that is started with “proffer slave” shows up here by itself.'
