/** The cluster in one look: which slave is held by whom, who has how much, and whether that is fair. */
import { SeenShown } from '../parts/Shown.tsx'
import { linkHere, place } from '../place.ts'
import { Frameworks } from './Frameworks.tsx'
import { Legend } from './Legend.tsx'
import { Shares } from './Shares.tsx'
import { SlaveGrid } from './SlaveGrid.tsx'
import { States } from './States.tsx'
import { useCluster } from './useCluster.ts'
import './cluster.css'

export function ClusterView() {
  const search = place.value.with['search'] ?? ''
  const seen = useCluster('cluster', search)
  return (
    <div class="cluster">
      <h1 class="visually-hidden">Cluster</h1>
      <section class="panel cluster-slaves" aria-label="Slaves">
        <header>
          <h2>Slaves</h2>
          <Filter search={search} />
          {seen.kind === 'shown' && <Legend cluster={seen.shows} />}
        </header>
        <SeenShown seen={seen} what="the slaves">
          {(cluster) => <SlaveGrid cluster={cluster} search={search} />}
        </SeenShown>
      </section>
      <section class="panel cluster-frameworks" aria-label="Frameworks">
        <header>
          <h2>Frameworks</h2>
        </header>
        <SeenShown seen={seen} what="the frameworks">
          {({ frameworks }) => <Frameworks frameworks={frameworks} />}
        </SeenShown>
      </section>
      <Shares />
      <States />
    </div>
  )
}

/** Kept in the address, so that a narrowed grid is a link as well. */
const Filter = ({ search }: { readonly search: string }) => (
  <input
    class="cluster-filter"
    type="search"
    placeholder="Name has …"
    aria-label="Only slaves whose name has this in it"
    value={search}
    onInput={(event) => location.replace(linkHere({ search: event.currentTarget.value }))}
  />
)
