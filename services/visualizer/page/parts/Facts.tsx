/** What is known of a thing, name by name; what is not known is left out. */
import type { ComponentChildren } from 'preact'
import './parts.css'

export type Fact = readonly [name: string, value: ComponentChildren]

export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  const known = facts.filter(([, value]) => value !== undefined && value !== '' && value !== false)
  return (
    <dl class="facts">
      {known.map(([name, value]) => (
        <FactLine key={name} name={name} value={value} />
      ))}
    </dl>
  )
}

const FactLine = ({ name, value }: { readonly name: string; readonly value: ComponentChildren }) => (
  <>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </>
)
