/** Of whom, of what, and which kinds of messages: each choice is a place of its own. */
import type { Thing } from '../../language.ts'
import { PickThing } from '../parts/PickThing.tsx'
import { linkHere, linkTo } from '../place.ts'
import { TypeMenu } from './TypeMenu.tsx'

const kinds = ['framework', 'task', 'offer', 'slave'] as const
const noStep = { said: undefined, heard: undefined }

export function Filters({ given }: { readonly given: Readonly<Record<string, string>> }) {
  const isFiltered = kinds.some((kind) => given[kind]) || given['types']
  return (
    <search class="talk-filters" aria-label="Which messages are shown">
      {kinds.map((kind) => (
        <PickThing
          key={kind}
          label={kind}
          kinds={[kind]}
          linkOf={({ key }: Thing) => linkHere({ ...noStep, [kind]: key })}
          chosen={chosenOf(kind, given[kind])}
        />
      ))}
      <TypeMenu types={given['types']} />
      {isFiltered && <a href={linkTo('conversation')}>Show all</a>}
    </search>
  )
}

const chosenOf = (kind: string, name: string | undefined) =>
  name ? { name, without: linkHere({ ...noStep, [kind]: undefined }) } : undefined
