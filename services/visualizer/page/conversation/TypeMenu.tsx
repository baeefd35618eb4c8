/** The types of messages, by what they are about; none chosen is all but beats and pings. */
import { useRef, useState } from 'preact/hooks'
import { messages } from '../../../../shared/messages.ts'
import { go, linkHere } from '../place.ts'
import { listIn, toggled, withAll } from './asked.ts'

interface MessageKind {
  readonly type: string
  readonly doc: string
}

const groups = byNoun(messages)

export function TypeMenu({ types }: { readonly types: string | undefined }) {
  const [open, setOpen] = useState(false)
  const chosen = listIn(types)
  const menu = useRef<HTMLDetailsElement>(null)
  const leave = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget && !menu.current?.contains(relatedTarget as Node)) setOpen(false)
  }
  return (
    <details
      class="types"
      ref={menu}
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      onFocusOut={leave}
      onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}
    >
      <summary class="button">{summaryOf(chosen)}</summary>
      {open && <Choices types={types} />}
    </details>
  )
}

function summaryOf(chosen: readonly string[]): string {
  if (chosen.length === 0) return 'All types but beats'
  return chosen.length > 2 ? `${chosen.length} types` : chosen.join(', ')
}

function Choices({ types }: { readonly types: string | undefined }) {
  const chosen = listIn(types)
  const to = (next: string | undefined) => go(linkHere({ types: next, said: undefined, heard: undefined }))
  return (
    <div class="types-menu">
      <div class="types-columns">
        {[...groups].map(([noun, kinds]) => (
          <fieldset key={noun}>
            <legend>
              <button
                type="button"
                onClick={() =>
                  to(
                    withAll(
                      types,
                      kinds.map(({ type }) => type),
                    ),
                  )
                }
              >
                {noun}
              </button>
            </legend>
            {kinds.map(({ type, doc }) => (
              <label key={type} title={doc}>
                <input
                  type="checkbox"
                  checked={chosen.includes(type)}
                  onChange={() => to(toggled(types, type))}
                />
                {type}
              </label>
            ))}
          </fieldset>
        ))}
      </div>
    </div>
  )
}

function byNoun(table: Readonly<Record<string, { readonly doc: string }>>): Map<string, MessageKind[]> {
  const groups = new Map<string, MessageKind[]>()
  for (const [type, { doc }] of Object.entries(table)) {
    const [noun = type] = type.split('.')
    groups.set(noun, [...(groups.get(noun) ?? []), { type, doc }])
  }
  return groups
}
