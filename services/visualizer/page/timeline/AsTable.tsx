/** The same bars in words, for whoever reads rather than looks. */
import { useState } from 'preact/hooks'
import type { TimelinePicture } from '../../language.ts'
import { linkToSlave, linkToTask } from '../parts/links.ts'
import { State } from '../parts/State.tsx'
import { clockTime, shortSpan } from '../parts/words.ts'

/** A table of more rows nobody reads; slaves can be searched for. */
const mostRows = 300

export function AsTable({ picture }: { readonly picture: TimelinePicture }) {
  const [open, setOpen] = useState(false)
  return (
    <details class="as-table" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {open && <Rows picture={picture} />}
    </details>
  )
}

function Rows({ picture: { slaves, owners, to } }: { readonly picture: TimelinePicture }) {
  const rows = slaves.flatMap((slave) => slave.bars.map((bar) => ({ ...bar, slave }))).slice(0, mostRows)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="as-table-rows" tabIndex={0} aria-label="Tasks as a table">
      <table>
        <thead>
          <tr>
            <th>Slave</th>
            <th>Task</th>
            <th>Framework</th>
            <th>State</th>
            <th>Began</th>
            <th class="number">Took</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ slave, task, name, owner, phases, endedAt }) => (
            <tr key={`${task} ${phases[0]?.at}`}>
              <td>
                <a href={linkToSlave(slave.slaveId)}>{slave.name}</a>
              </td>
              <td>
                <a href={linkToTask(task)}>{name}</a>
              </td>
              <td>{owners[owner]?.name}</td>
              <td>
                <State state={phases.at(-1)?.state ?? ''} />
              </td>
              <td class="mono">{clockTime(phases[0]?.at ?? 0)}</td>
              <td class="number">{shortSpan(Math.max(0, (endedAt ?? to) - (phases[0]?.at ?? to)))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
