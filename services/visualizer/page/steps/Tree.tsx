/** Fields and what is in them; what is deep, or much, is folded until it is asked for. */
import { useState } from 'preact/hooks'
import { linkToThing } from '../parts/links.ts'
import type { Branch } from './tree.ts'
import './steps.css'

/** A branch with more than so many within is folded, and shows so many at a time. */
const mostUnfolded = 8
const mostAtOnce = 50

export function Tree({
  branches,
  depth = 0,
}: {
  readonly branches: readonly Branch[]
  readonly depth?: number
}) {
  const [shown, setShown] = useState(mostAtOnce)
  const left = branches.length - shown
  return (
    <ul class="tree">
      {branches.slice(0, shown).map((branch) => (
        <li key={branch.name}>
          {branch.branches.length > 0 ? <Fold branch={branch} depth={depth} /> : <Leaf branch={branch} />}
        </li>
      ))}
      {left > 0 && (
        <li>
          <button type="button" onClick={() => setShown(shown + mostAtOnce)}>
            {left} more
          </button>
        </li>
      )}
    </ul>
  )
}

function Fold({ branch, depth }: { readonly branch: Branch; readonly depth: number }) {
  const { name, text, branches } = branch
  const [open, setOpen] = useState(depth < 2 && branches.length <= mostUnfolded)
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span class="tree-name">{name}</span> {!open && <span class="quiet">{text}</span>}
      </summary>
      {open && <Tree branches={branches} depth={depth + 1} />}
    </details>
  )
}

function Leaf({ branch: { name, text, thing } }: { readonly branch: Branch }) {
  return (
    <>
      <span class="tree-name">{name}</span>{' '}
      {thing ? <a href={linkToThing(thing)}>{text}</a> : <span class="tree-text">{text}</span>}
    </>
  )
}
