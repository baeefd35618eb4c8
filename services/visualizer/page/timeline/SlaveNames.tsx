/** The names of the slaves that can be seen. */
import { linkToSlave } from '../parts/links.ts'
import { State } from '../parts/State.tsx'
import { counted } from '../parts/words.ts'
import type { PlacedSlave } from './rows.ts'

export function SlaveNames({ slaves }: { readonly slaves: readonly PlacedSlave[] }) {
  return (
    <ul class="slave-names">
      {slaves.map(({ slave: { slaveId, name, state, more }, top, height }) => (
        <li key={slaveId} style={{ transform: `translateY(${top}px)`, height: `${height}px` }}>
          <a class="plain" href={linkToSlave(slaveId)} title={`${name}, ${slaveId}`}>
            {name}
          </a>
          <State state={state} />
          {more > 0 && height > 44 && <span class="quiet">{counted(more, 'task')} left out</span>}
        </li>
      ))}
    </ul>
  )
}
