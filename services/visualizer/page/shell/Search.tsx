/** Finds whatever has a name; what is found is a link. */
import { useId, useRef, useState } from 'preact/hooks'
import type { Thing } from '../../language.ts'
import { linkToThing } from '../parts/links.ts'
import { go } from '../place.ts'
import { Found } from './Found.tsx'

export const searchId = 'search'

export function Search() {
  const list = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [things, setThings] = useState<readonly Thing[]>([])
  const [at, setAt] = useState(0)
  const write = (written: string) => {
    setText(written)
    setAt(0)
    if (written === '') setThings([])
  }
  const close = () => {
    write('')
    input.current?.blur()
  }
  const press = (event: KeyboardEvent) => {
    const chosen = things[at]
    if (event.key === 'Escape') close()
    else if (event.key === 'ArrowDown') setAt(Math.min(things.length - 1, at + 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1))
    else if (event.key === 'Enter' && chosen) {
      go(linkToThing(chosen))
      close()
    } else return
    event.preventDefault()
  }
  return (
    <search
      class="search"
      onFocusOut={(event) => !event.currentTarget.contains(event.relatedTarget as Node) && write('')}
    >
      <input
        id={searchId}
        ref={input}
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        placeholder="Search everything"
        aria-label="Search actors, frameworks, slaves, offers and tasks"
        aria-expanded={text !== ''}
        aria-controls={text ? list : undefined}
        aria-activedescendant={things[at] ? `${list}-${at}` : undefined}
        aria-keyshortcuts="/"
        value={text}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={press}
      />
      {!text && <span class="search-key">/</span>}
      {text.trim() && <Found id={list} text={text} at={at} onFound={setThings} onGo={close} />}
    </search>
  )
}
