/** The tasks on a slave over the last while, those that run first. */
import type { Bar, TimelinePicture } from '../../language.ts'
import { useLook } from '../connection.ts'
import { linkToTask } from '../parts/links.ts'
import { OwnerName } from '../parts/OwnerName.tsx'
import { Shown } from '../parts/Shown.tsx'
import { State } from '../parts/State.tsx'
import { VirtualList } from '../parts/VirtualList.tsx'
import { clockTime, shortSpan } from '../parts/words.ts'

interface Props {
  readonly slaveId: string
  readonly name: string
}
const spanMs = 600_000
const rowHeight = 32

export function SlaveTasks({ slaveId, name }: Props) {
  const look = useLook('slave.tasks', 'timeline', { spanMs, search: name, limit: 50 })
  return (
    <section class="panel slave-tasks" aria-label="Its tasks">
      <header>
        <h2>Tasks of the last 10 minutes</h2>
      </header>
      <Shown look={look} what="its tasks">
        {(timeline) => <Bars timeline={timeline} slaveId={slaveId} />}
      </Shown>
    </section>
  )
}

function Bars({ timeline, slaveId }: { readonly timeline: TimelinePicture; readonly slaveId: string }) {
  const bars = timeline.slaves.find((slave) => slave.slaveId === slaveId)?.bars ?? []
  if (bars.length === 0) return <p class="panel-body quiet">No task was on it.</p>
  const sorted = [...bars].sort(
    (a, b) =>
      (b.endedAt ?? Number.POSITIVE_INFINITY) - (a.endedAt ?? Number.POSITIVE_INFINITY) ||
      begun(b) - begun(a),
  )
  return (
    <div class="slave-tasks-list" style={{ height: `${Math.min(sorted.length, 14) * rowHeight}px` }}>
      <VirtualList
        label="Tasks"
        count={sorted.length}
        rowHeight={rowHeight}
        row={(index) => {
          const bar = sorted[index]
          return bar && <TaskRow bar={bar} timeline={timeline} />
        }}
      />
    </div>
  )
}

const begun = ({ phases }: Bar): number => phases[0]?.at ?? 0

function TaskRow({ bar, timeline }: { readonly bar: Bar; readonly timeline: TimelinePicture }) {
  const owner = timeline.owners[bar.owner]
  return (
    <div class="slave-task">
      <a href={linkToTask(bar.task)}>{bar.name}</a>
      {owner && <OwnerName of={owner} owner={bar.owner} />}
      <State state={bar.phases.at(-1)?.state ?? ''} />
      <time>{clockTime(begun(bar))}</time>
      <span class="quiet">{shortSpan((bar.endedAt ?? timeline.to) - begun(bar))}</span>
    </div>
  )
}
