/** The cluster in one line: its leader, and how many slaves, frameworks, offers and tasks there are. */
import type { Counts, Summary } from '../../language.ts'
import { useLook } from '../connection.ts'
import { linkToActor } from '../parts/links.ts'
import { grouped, shortCount } from '../parts/words.ts'
import { linkTo } from '../place.ts'

export function Totals() {
  const seen = useLook('header', 'summary', {}).value
  if (seen.kind !== 'shown') return <div class="totals" />
  const { leader, epoch, slaves, frameworks, offers, tasks } = seen.shows
  return (
    <div class="totals">
      <Leader {...(leader && { leader })} {...(epoch !== undefined && { epoch })} />
      <Total name="slaves" count={present(slaves, ['gone'])} view="cluster" />
      <Total name="frameworks" count={present(frameworks, ['completed'])} view="cluster" />
      <Total name="offers" count={offers.pending ?? 0} view="conversation" />
      <Total name="running" count={tasks.running ?? 0} view="timeline" />
    </div>
  )
}

function Leader({ leader, epoch }: Pick<Summary, 'leader' | 'epoch'>) {
  if (!leader) return <span class="total warn-text">no leader heard so far</span>
  return (
    <a
      class="total plain"
      href={linkToActor(`master ${leader}`)}
      title="The master that leads, and its epoch"
    >
      <b>{leader}</b> <span>leads{epoch !== undefined && `, epoch ${epoch}`}</span>
    </a>
  )
}

interface TotalProps {
  readonly name: string
  readonly count: number
  readonly view: string
}

const Total = ({ name, count, view }: TotalProps) => (
  <a class="total plain" href={linkTo(view)} title={`${grouped(count)} ${name}`}>
    <b>{shortCount(count)}</b> <span>{name}</span>
  </a>
)

const present = (counts: Counts, without: readonly string[]): number =>
  Object.entries(counts).reduce((sum, [state, count]) => (without.includes(state) ? sum : sum + count), 0)
