/** One slave: what it holds and for whom, what runs on it, and what became of it. */

import type { LifePicture } from '../../language.ts'
import { useCluster } from '../cluster/useCluster.ts'
import { useLook } from '../connection.ts'
import { Facts } from '../parts/Facts.tsx'
import { linkToConversation } from '../parts/links.ts'
import { Notice } from '../parts/Notice.tsx'
import { SeenShown, Shown } from '../parts/Shown.tsx'
import { State } from '../parts/State.tsx'
import { Stations } from '../parts/Stations.tsx'
import { linkTo, place } from '../place.ts'
import { Holds } from './Holds.tsx'
import { SlaveActions } from './SlaveActions.tsx'
import { SlaveTasks } from './SlaveTasks.tsx'
import './slave.css'

export function SlaveView() {
  const slaveId = place.value.with['id']
  if (!slaveId)
    return <Notice tone="warn">Which slave? Choose a cell of the cluster, or look for its name above.</Notice>
  return <OneSlave key={slaveId} slaveId={slaveId} />
}

function OneSlave({ slaveId }: { readonly slaveId: string }) {
  const look = useLook('slave', 'life', { life: 'slave', id: slaveId })
  return (
    <Shown look={look} what={`slave ${slaveId}`}>
      {(life) => <SlavePage slaveId={slaveId} life={life} />}
    </Shown>
  )
}

interface Props {
  readonly slaveId: string
  readonly life: LifePicture
}

function SlavePage({ slaveId, life }: Props) {
  return (
    <>
      <div class="thing-head">
        <h1>{life.name || slaveId}</h1>
        <State state={life.state} />
        <a href={linkToConversation({ slaveId })}>Its conversation</a>
        <a href={linkTo('timeline', { search: life.name })}>Its timeline</a>
        <SlaveActions slaveId={slaveId} name={life.name} state={life.state} />
      </div>
      <div class="slave">
        <Holding slaveId={slaveId} name={life.name} />
        <section class="panel panel-body" aria-label="What it is">
          <Facts facts={[['Id', <code key="id">{slaveId}</code>], ...Object.entries(life.about)]} />
        </section>
        <section class="panel slave-life" aria-label="Its life">
          <div class="panel-body">
            <Stations life={life.history} />
          </div>
        </section>
        <SlaveTasks slaveId={slaveId} name={life.name} />
      </div>
    </>
  )
}

function Holding({ slaveId, name }: { readonly slaveId: string; readonly name: string }) {
  const seen = useCluster('slave.holds', name)
  return (
    <section class="panel" aria-label="What it holds">
      <header>
        <h2>Holds</h2>
      </header>
      <div class="panel-body">
        <SeenShown seen={seen} what="what it holds">
          {(cluster) => <Holds cluster={cluster} slaveId={slaveId} />}
        </SeenShown>
      </div>
    </section>
  )
}
