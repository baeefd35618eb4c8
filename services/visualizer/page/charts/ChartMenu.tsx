/** The charts by name, and the way to one actor or one thing. */

import type { Thing } from '../../language.ts'
import { linkToThing } from '../parts/links.ts'
import { PickThing } from '../parts/PickThing.tsx'
import { linkTo } from '../place.ts'
import { chartInWords, chartOfLife, isLife, type Subject } from './subject.ts'

interface Props {
  readonly names: readonly string[]
  readonly subject: Subject
}

export function ChartMenu({ names, subject }: Props) {
  const present =
    subject.of === 'all' ? subject.chart : subject.of === 'actor' ? subject.role : chartOfLife(subject.life)
  const group = (label: string, members: readonly string[]) => (
    <nav class="chart-menu-group" aria-label={label}>
      <span class="quiet">{label}</span>
      {members.map((name) => (
        <a
          key={name}
          class="plain"
          href={linkTo('charts', { chart: name })}
          aria-current={name === present ? 'page' : undefined}
        >
          {chartInWords(name)}
        </a>
      ))}
    </nav>
  )
  return (
    <div class="chart-menu">
      {group(
        'Roles',
        names.filter((name) => !isLife(name)),
      )}
      {group('Lives', names.filter(isLife))}
      <div class="chart-menu-picks">
        <PickThing label="actor" kinds={['actor']} linkOf={linkToThing} />
        <PickThing label="life of" kinds={['offer', 'task', 'slave', 'framework']} linkOf={lifeOf} />
      </div>
    </div>
  )
}

const lifeOf = ({ kind, key }: Thing): string => linkTo('charts', { life: kind, id: key })
