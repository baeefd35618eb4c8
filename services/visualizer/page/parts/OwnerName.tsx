/** A framework by its colour and its name. */
import type { Owner } from '../../language.ts'
import { linkToLife } from './links.ts'
import { ownerColour } from './owners.ts'
import './parts.css'

interface Props {
  readonly of: Owner
  /** The number that goes with its colour. */
  readonly owner: number
}

export function OwnerName({ of, owner }: Props) {
  return (
    <a class="plain owner-name" href={linkToLife('framework', of.frameworkId)} title={of.frameworkId}>
      <OwnerDot owner={owner} />
      <span>{of.name}</span>
    </a>
  )
}

export function OwnerDot({ owner }: { readonly owner: number }) {
  return <i class="owner-dot" style={{ background: ownerColour(owner) }} aria-hidden="true" />
}
