/** What colours and patterns of the grid mean. */
import { OwnerName } from '../parts/OwnerName.tsx'
import { largest } from './bullet.ts'
import type { NamedCluster } from './useCluster.ts'

/** More would be no legend: the table names them all. */
const mostNamed = 10

const patterns = [
  ['free', 'free'],
  ['offered', 'offered'],
  ['revocable', 'revocable'],
  ['draining', 'draining'],
  ['away', 'unreachable or gone'],
] as const

export function Legend({ cluster }: { readonly cluster: NamedCluster }) {
  return (
    <ul class="legend" aria-label="Legend">
      {largest(cluster.frameworks, mostNamed).map((framework) => (
        <li key={framework.frameworkId}>
          <OwnerName of={framework} owner={framework.owner} />
        </li>
      ))}
      {patterns.map(([look, name]) => (
        <li key={look} class="legend-pattern">
          <i class={`legend-swatch legend-${look}`} aria-hidden="true" />
          {name}
        </li>
      ))}
    </ul>
  )
}
