/** Who holds how much of a slave, side by side. */
import { useMemo } from 'preact/hooks'
import { readCells } from '../cluster/cells.ts'
import { type Holder, holdersOf } from '../cluster/holders.ts'
import type { NamedCluster } from '../cluster/useCluster.ts'
import { OwnerName } from '../parts/OwnerName.tsx'
import { ownerColour } from '../parts/owners.ts'
import { shortPercent } from '../parts/words.ts'

interface Props {
  readonly cluster: NamedCluster
  readonly slaveId: string
}

export function Holds({ cluster, slaveId }: Props) {
  const cells = useMemo(() => readCells(cluster.cells), [cluster.cells])
  const index = cluster.names.findIndex((slave) => slave.slaveId === slaveId)
  if (index < 0) return <p class="quiet">It is not there at this moment.</p>
  const holders = holdersOf(cluster, cells, index)
  return (
    <>
      <div class="holds" aria-hidden="true">
        {holders.map((holder, at) => (
          <i key={at} class={`holds-${holder.as}`} style={styleOf(holder)} />
        ))}
      </div>
      <ul class="holds-list">
        {holders.map((holder, at) => (
          <li key={at}>
            <OwnerName
              of={cluster.owners[holder.owner] ?? { frameworkId: '', name: holder.name }}
              owner={holder.owner}
            />
            <span class="quiet">{holder.as}</span>
            <b>{shortPercent(holder.fraction)}</b>
          </li>
        ))}
        {holders.length === 0 && <li class="quiet">Nobody holds anything of it.</li>}
      </ul>
    </>
  )
}

const styleOf = ({ fraction, owner }: Holder) => ({
  width: `${fraction * 100}%`,
  '--owner': ownerColour(owner),
})
